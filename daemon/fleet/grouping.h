#pragma once

#include <string>

#include "daemon/store/where.h"

// By what reports over the whole fleet are taken apart.
namespace parc::fleet {

enum class Grouping { kNone, kSite, kPopulation, kModel, kCheck };

// What laptops have in common in a group, as SQL over `columns`; '' for all of them where the
// groups are none of laptops.
std::string KeyColumn(Grouping grouping, const store::ColumnMap& columns);

}  // namespace parc::fleet
