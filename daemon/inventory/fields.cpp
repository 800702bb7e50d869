#include "daemon/inventory/fields.h"

#include <algorithm>
#include <array>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::inventory {
namespace {

constexpr Field kFields[] = {
#define PARC_FIELD(id, resource, name, kind, section, description) \
  {FieldId::id, Resource::resource, name, Kind::kind, Section::section, description},
#include "daemon/inventory/fields.def"
#undef PARC_FIELD
};

constexpr std::string_view kStates[] = {"IN_STOCK", "PREPARING", "PREPARED",
                                        "ASSIGNED", "RETURNED",  "IN_REPAIR",
                                        "LOST",     "STOLEN",    "RETIRED"};
constexpr std::string_view kVerdicts[] = {"READY", "DEGRADED", "NOT_READY", "UNKNOWN", "STALE"};
constexpr std::string_view kTelework[] = {"NOT_REQUESTED", "REQUESTED", "APPROVED"};
constexpr std::string_view kAnswers[] = {"AUTHENTICATED", "REACHABLE", "REFUSED", "SILENT",
                                         "UNKNOWN"};
constexpr std::string_view kConnectivity[] = {"NONE", "PORTAL", "LIMITED", "FULL"};
constexpr std::string_view kOrderStatuses[] = {"PLANNED", "PLACED"};
constexpr std::string_view kDeviceStates[] = {"ACTIVE", "REVOKED", "REPLACED"};

constexpr FieldId kLaptopWords[] = {FieldId::kAssetTag, FieldId::kSerial, FieldId::kManufacturer,
                                    FieldId::kModel,    FieldId::kHolder, FieldId::kHolderName,
                                    FieldId::kNotes};
constexpr FieldId kPeopleWords[] = {FieldId::kPersonId, FieldId::kPersonName, FieldId::kPersonMail,
                                    FieldId::kPersonUnit};
constexpr FieldId kSiteWords[] = {FieldId::kSiteCode, FieldId::kSiteName, FieldId::kSiteDepartment};
constexpr FieldId kOrderWords[] = {FieldId::kOrderReference, FieldId::kOrderSupplier};
constexpr FieldId kDeviceWords[] = {FieldId::kDeviceId, FieldId::kDeviceLaptop};

}  // namespace

std::span<const Field> Fields() { return kFields; }

const Field& Get(FieldId id) { return kFields[static_cast<std::size_t>(id)]; }

const Field* Find(Resource resource, std::string_view name) {
  for (const Field& field : kFields) {
    if (field.resource == resource && field.name == name) return &field;
  }
  return nullptr;
}

const Field* Nearest(Resource resource, std::string_view name) {
  const Field* nearest = nullptr;
  int distance = std::max(2, static_cast<int>(name.size()) / 3) + 1;
  for (const Field& field : kFields) {
    if (field.resource != resource) continue;
    const int d = EditDistance(field.name, name.substr(0, 64));
    if (d < distance) {
      distance = d;
      nearest = &field;
    }
  }
  return nearest;
}

const std::vector<const Field*>& Facts() {
  static const std::vector<const Field*> kFacts = [] {
    std::vector<const Field*> facts;
    for (const Field& field : kFields) {
      if (field.section != Section::kNone) facts.push_back(&field);
    }
    return facts;
  }();
  return kFacts;
}

std::span<const std::string_view> EnumValues(FieldId id) {
  switch (id) {
    case FieldId::kState:
      return kStates;
    case FieldId::kReadiness:
      return kVerdicts;
    case FieldId::kTelework:
      return kTelework;
    case FieldId::kVpnGatewayAnswer:
      return kAnswers;
    case FieldId::kNetworkConnectivity:
      return kConnectivity;
    case FieldId::kOrderStatus:
      return kOrderStatuses;
    case FieldId::kDeviceState:
      return kDeviceStates;
    default:
      return {};
  }
}

std::span<const FieldId> SearchedFields(Resource resource) {
  switch (resource) {
    case Resource::kLaptops:
      return kLaptopWords;
    case Resource::kPeople:
      return kPeopleWords;
    case Resource::kSites:
      return kSiteWords;
    case Resource::kOrders:
      return kOrderWords;
    case Resource::kDevices:
      return kDeviceWords;
  }
  return {};
}

std::string_view ToString(Resource resource) {
  switch (resource) {
    case Resource::kLaptops:
      return "laptops";
    case Resource::kPeople:
      return "people";
    case Resource::kSites:
      return "sites";
    case Resource::kOrders:
      return "orders";
    case Resource::kDevices:
      return "devices";
  }
  return "?";
}

std::string_view ToString(Kind kind) {
  switch (kind) {
    case Kind::kText:
      return "text";
    case Kind::kInt:
      return "int";
    case Kind::kBool:
      return "bool";
    case Kind::kDate:
      return "date";
    case Kind::kTime:
      return "time";
    case Kind::kVersion:
      return "version";
    case Kind::kEnum:
      return "enum";
    case Kind::kList:
      return "list";
  }
  return "?";
}

std::string_view ToString(Section section) {
  switch (section) {
    case Section::kNone:
      return "";
    case Section::kOs:
      return "os";
    case Section::kHardware:
      return "hardware";
    case Section::kStorage:
      return "storage";
    case Section::kNetwork:
      return "network";
    case Section::kSecurity:
      return "security";
    case Section::kUpdates:
      return "updates";
    case Section::kClock:
      return "clock";
    case Section::kVpn:
      return "vpn";
    case Section::kTools:
      return "tools";
    case Section::kApplications:
      return "applications";
    case Section::kAgent:
      return "agent";
  }
  return "?";
}

std::string ToText(const Value& value, Kind kind) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return kind == Kind::kTime ? ToIsoTime(*integer) : fmt::format("{}", *integer);
  }
  if (const auto* day = std::get_if<CivilDate>(&value)) return ToIso(*day);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    return fmt::format("{}", fmt::join(*list, ", "));
  }
  return {};
}

int EditDistance(std::string_view a, std::string_view b) {
  // Damerau-Levenshtein with adjacent swaps ("optimal string alignment"), three rows.
  const std::size_t width = b.size() + 1;
  std::vector<int> before(width);
  std::vector<int> above(width);
  std::vector<int> row(width);
  for (std::size_t j = 0; j < width; ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j < width; ++j) {
      const int replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace parc::inventory
