#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "daemon/inventory/laptop.h"
#include "daemon/inventory/person.h"
#include "daemon/procurement/order.h"
#include "daemon/procurement/planning.h"

// What a record must look like before it is compared with the fleet. Refusals are INVALID_ARGUMENT
// and name the field.
namespace parc::fleet {

// Names that become part of a resource name: 1 to 64 of letters, digits and `.-_@`. BAD_NAME.
absl::Status CheckName(std::string_view value, std::string_view field);
// Whether a text may have line breaks and tabs: notes and reasons, and what an import brings in
// columns that Parc has no field for.
enum class Lines { kOne, kMany };
// At most 256 bytes of UTF-8 without control characters and without what turns the direction of
// writing (inventory/text.h). BAD_TEXT.
absl::Status CheckText(std::string_view value, std::string_view field, std::size_t max_bytes = 256,
                       Lines lines = Lines::kOne);

absl::Status CheckLaptop(const inventory::Laptop& laptop);
absl::Status CheckPerson(const inventory::Person& person);
absl::Status CheckSite(const inventory::Site& site);
absl::Status CheckOrder(const procurement::Order& order);
// OUT_OF_RANGE, BAD_COUNTRY. Records do not begin after `today`.
absl::Status CheckPlanning(const procurement::Planning& planning,
                           const inventory::CivilDate& today);
// OUT_OF_RANGE, BAD_FILTER.
absl::Status CheckTarget(const procurement::Target& target);
absl::Status CheckOrderLine(const procurement::OrderLine& line, std::string_view field);

}  // namespace parc::fleet
