#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/inventory/civil_date.h"

// The catalogue of fields (fields.def), and the values they hold.
namespace parc::inventory {

enum class Resource { kLaptops, kPeople, kSites, kOrders, kDevices };
enum class Kind { kText, kInt, kBool, kDate, kTime, kVersion, kEnum, kList };
enum class Section {
  kNone,
  kOs,
  kHardware,
  kStorage,
  kNetwork,
  kSecurity,
  kUpdates,
  kClock,
  kVpn,
  kTools,
  kApplications,
  kAgent
};

enum class FieldId {
#define PARC_FIELD(id, resource, name, kind, section, description) id,
#include "daemon/inventory/fields.def"
#undef PARC_FIELD
};

// Absent, bool, integer (kInt, and kTime in UTC microseconds), date, text (kText, kVersion, kEnum),
// list of text.
using Value = std::variant<std::monostate, bool, std::int64_t, CivilDate, std::string,
                           std::vector<std::string>>;

struct Field {
  FieldId id;
  Resource resource;
  std::string_view name;
  Kind kind;
  Section section;  // kNone for fields of records
  std::string_view description;
};

// All fields, in the order of fields.def; indexed by FieldId.
std::span<const Field> Fields();
const Field& Get(FieldId id);
// Nothing when `resource` has no such field.
const Field* Find(Resource resource, std::string_view name);
// The field of `resource` whose name is nearest to `name`; nothing when none is near.
const Field* Nearest(Resource resource, std::string_view name);
// The facts of a laptop, in order.
const std::vector<const Field*>& Facts();

// What a kEnum field can be; empty for others.
std::span<const std::string_view> EnumValues(FieldId id);
// Fields that a bare word of a filter is looked for in.
std::span<const FieldId> SearchedFields(Resource resource);

std::string_view ToString(Resource resource);
std::string_view ToString(Kind kind);
std::string_view ToString(Section section);

// `value` as lists and evidence show it: ISO dates and times, lists with commas; empty when absent.
std::string ToText(const Value& value, Kind kind);

// How far apart two words are: single letters to insert, delete, replace or swap with a neighbour.
int EditDistance(std::string_view a, std::string_view b);

}  // namespace parc::inventory
