#include "daemon/fleet/grouping.h"

namespace parc::fleet {

using inventory::FieldId;

std::string KeyColumn(Grouping grouping, const store::ColumnMap& columns) {
  switch (grouping) {
    case Grouping::kSite:
      return "coalesce(" + columns.at(FieldId::kLaptopSite).sql + ", '')";
    case Grouping::kPopulation:
      return "coalesce(" + columns.at(FieldId::kHolderPopulation).sql + ", '')";
    case Grouping::kModel:
      return columns.at(FieldId::kModel).sql;
    case Grouping::kNone:
    case Grouping::kCheck:
      return "''";
  }
  return "''";
}

}  // namespace parc::fleet
