#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "daemon/filter/expression.h"
#include "daemon/inventory/fact_sheet.h"

// Numbers of days that follow from a fact and from what time it is.
namespace parc::posture {

struct DayField {
  inventory::FieldId field;  // vpn.certificate.days_left
  inventory::FieldId base;   // vpn.certificate.expires
  bool left;                 // days until the base; else days since
};

// Null for other fields.
const DayField* FindDayField(inventory::FieldId field);

// Whole days, rounded down: less than nothing is left as soon as the end has passed.
std::int64_t Days(const DayField& field, std::int64_t base, std::int64_t now);

// Adds the times after `now` at which a test of `expression` that looks at days may come out
// otherwise.
void AddTurns(const filter::Expression& expression, const inventory::FactSheet& facts,
              std::int64_t now, std::set<std::int64_t>& turns);

}  // namespace parc::posture
