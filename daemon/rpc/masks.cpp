#include "daemon/rpc/masks.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "daemon/filter/match.h"
#include "daemon/filter/parse.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.h"

namespace parc::rpc {
namespace {

using access::Permission;
using access::Role;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using inventory::FieldId;

// When a laptop last called tells when its holder works: personal data, as CNIL reads it. Extra
// columns of an import may hold anything.
constexpr std::array kMasked = {
    MaskedField{"parc.v1.Laptop.holder", Permission::kReadPeople},
    MaskedField{"parc.v1.Laptop.holder_name", Permission::kReadPeople},
    MaskedField{"parc.v1.Laptop.last_seen_time", Permission::kReadPeople},
    MaskedField{"parc.v1.Laptop.extra", Permission::kReadPeople},
    MaskedField{"parc.v1.Laptop.verdict", Permission::kReadDevice},
    MaskedField{"parc.v1.Laptop.facts", Permission::kReadDevice},
    MaskedField{"parc.v1.Laptop.price", Permission::kReadProcurement},
    MaskedField{"parc.v1.Laptop.order_line", Permission::kReadProcurement},
    MaskedField{"parc.v1.Event.person", Permission::kReadPeople},
    MaskedField{"parc.v1.Event.person_name", Permission::kReadPeople},
    MaskedField{"parc.v1.Readiness.report_time", Permission::kReadPeople},
    MaskedField{"parc.v1.RecheckLaptopResponse.last_contact_time", Permission::kReadPeople},
    MaskedField{"parc.v1.RecheckLaptopResponse.expected_time", Permission::kReadPeople},
    MaskedField{"parc.v1.OrderLine.unit_price", Permission::kReadProcurement},
    MaskedField{"parc.v1.FlashReport.forecast", Permission::kReadProcurement},
    MaskedField{"parc.v1.FlashReport.late_lines", Permission::kReadProcurement},
};

const MaskedField* Find(const FieldDescriptor& field) {
  const auto found = std::ranges::find(kMasked, field.full_name(), &MaskedField::field);
  return found == kMasked.end() ? nullptr : &*found;
}

// What is to be done with the messages of one type; made once for each type.
struct Plan {
  std::vector<std::pair<const FieldDescriptor*, Permission>> masked;
  std::vector<const FieldDescriptor*> deeper;  // message fields with something masked below
  bool empty() const { return masked.empty() && deeper.empty(); }
};

class Plans {
 public:
  const Plan& Of(const Descriptor& type) {
    const std::lock_guard lock(mutex_);
    std::set<const Descriptor*> above;
    return Make(type, above);
  }

 private:
  const Plan& Make(const Descriptor& type, std::set<const Descriptor*>& above) {
    if (const auto known = plans_.find(&type); known != plans_.end()) return known->second;
    above.insert(&type);
    Plan plan;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      if (const MaskedField* masked = Find(*field)) {
        plan.masked.emplace_back(field, masked->permission);
      } else if (const Descriptor* below = field->message_type();
                 below != nullptr && !above.contains(below) && !Make(*below, above).empty()) {
        plan.deeper.push_back(field);
      }
    }
    above.erase(&type);
    return plans_.emplace(&type, std::move(plan)).first->second;
  }

  std::mutex mutex_;
  std::map<const Descriptor*, Plan> plans_;  // guarded by mutex_; entries never change
};

void Apply(const Plan& plan, Plans& plans, Role role, Message& message) {
  const auto* reflection = message.GetReflection();
  for (const auto& [field, permission] : plan.masked) {
    if (!access::Allowed(role, permission)) reflection->ClearField(&message, field);
  }
  for (const FieldDescriptor* field : plan.deeper) {
    const Plan& below = plans.Of(*field->message_type());
    if (!field->is_repeated()) {
      if (!reflection->HasField(message, field)) continue;
      Apply(below, plans, role, *reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      Apply(below, plans, role, *reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

absl::Status CheckField(Role role, const inventory::Field& field, std::string_view where) {
  if (MayLookAt(role, field.id)) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kPermissionDenied, "ROLE_DENIED",
      fmt::format("The role {} may not look at \"{}\".", access::RoleName(role), field.name),
      where);
}

}  // namespace

std::span<const MaskedField> MaskedFields() { return kMasked; }

void Mask(Role role, Message& message) {
  static auto* plans = new Plans;  // never destroyed: answers may outlive main's statics
  Apply(plans->Of(*message.GetDescriptor()), *plans, role, message);
}

std::optional<Permission> PermissionOf(FieldId id) {
  switch (id) {
    case FieldId::kHolder:
    case FieldId::kHolderName:
    case FieldId::kHolderPopulation:
    case FieldId::kHolderTier:
    case FieldId::kLastSeen:
      return Permission::kReadPeople;
    case FieldId::kPrice:
    case FieldId::kCurrency:
    case FieldId::kOrderLine:
      return Permission::kReadProcurement;
    case FieldId::kReadiness:
    case FieldId::kAgentVersion:
    case FieldId::kVpnCertificateDays:
    case FieldId::kVpnCaDays:
    case FieldId::kVpnCrlDays:
    case FieldId::kVpnGatewayCertificateDays:
    case FieldId::kAntivirusAge:
    case FieldId::kAgentCertificateDays:
    case FieldId::kAgentRenewalLate:
      return Permission::kReadDevice;
    default:
      break;
  }
  const inventory::Field& field = inventory::Get(id);
  if (field.section != inventory::Section::kNone) return Permission::kReadDevice;
  if (field.resource == inventory::Resource::kPeople) return Permission::kReadPeople;
  if (field.resource == inventory::Resource::kDevices) return Permission::kManageDevices;
  if (field.resource == inventory::Resource::kOrders) return Permission::kReadProcurement;
  return std::nullopt;
}

bool MayLookAt(Role role, FieldId field) {
  const auto permission = PermissionOf(field);
  return !permission.has_value() || access::Allowed(role, *permission);
}

absl::Status CheckFields(Role role, inventory::Resource resource, std::string_view filter,
                         std::string_view order_by, const std::vector<std::string>& fields) {
  PARC_ASSIGN(const filter::Expression expression, filter::Parse(filter, resource));
  for (const FieldId id : filter::FieldsOf(expression)) {
    PARC_TRY(CheckField(role, inventory::Get(id), "filter"));
  }
  PARC_ASSIGN(const std::vector<filter::OrderTerm> order, filter::ParseOrder(order_by, resource));
  for (const filter::OrderTerm& term : order) {
    PARC_TRY(CheckField(role, inventory::Get(term.field), "order_by"));
  }
  for (const std::string& name : fields) {
    const inventory::Field* field = inventory::Find(resource, name);
    if (field != nullptr) PARC_TRY(CheckField(role, *field, "fields"));
  }
  return absl::OkStatus();
}

absl::Status CheckTotalsFilter(Role role, std::string_view filter) {
  if (access::Allowed(role, Permission::kReadPeople)) return absl::OkStatus();
  constexpr std::array kOfGroups = {
      FieldId::kPersonUnit,  FieldId::kPersonPopulation, FieldId::kPersonSite, FieldId::kPersonTier,
      FieldId::kNeedsLaptop, FieldId::kTelework,         FieldId::kEquipped};
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(filter, inventory::Resource::kPeople));
  for (const FieldId id : filter::FieldsOf(expression)) {
    if (std::ranges::find(kOfGroups, id) == kOfGroups.end()) {
      PARC_TRY(CheckField(role, inventory::Get(id), "filter"));
    }
  }
  return absl::OkStatus();
}

}  // namespace parc::rpc
