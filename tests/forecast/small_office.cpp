#include "tests/forecast/small_office.h"

#include "fmt/format.h"

namespace parc::forecast::testing {

CivilDate On(int from_today) { return AddDays(kToday, from_today); }

void AddOpenLine(Inputs& inputs, const std::string& id, int quantity, int ordered, int promised) {
  OrderLine line;
  line.id = id;
  line.supplier = "Ariane";
  line.model = "14 inch";
  line.ordered = On(ordered);
  line.quantity = quantity;
  line.promises = {{On(ordered), On(promised)}};
  inputs.lines.push_back(line);
}

Inputs SmallOffice() {
  Inputs inputs;
  inputs.as_of = kToday;
  inputs.records_since = On(-730);
  inputs.horizon_days = 365;
  inputs.paths = 200;
  inputs.preparation.capacity_per_day = 5;
  for (int i = 0; i < 100; ++i) {
    Person person;
    person.id = fmt::format("person-{:03}", i);
    inputs.people.push_back(person);
  }
  for (int i = 0; i < 60; ++i) {
    Asset asset;
    asset.id = fmt::format("laptop-{:03}", i);
    asset.received = On(-800);
    asset.state = AssetState::kAssigned;
    asset.assigned_to = inputs.people[static_cast<std::size_t>(i)].id;
    inputs.assets.push_back(asset);
    Assignment row;
    row.asset = asset.id;
    row.person = asset.assigned_to;
    row.from = On(-790);
    inputs.assignments.push_back(row);
  }
  for (int i = 0; i < 10; ++i) {
    const int ordered = -700 + 60 * i;
    AddOpenLine(inputs, fmt::format("past-{}", i), 10, ordered, ordered + 40);
    inputs.lines.back().deliveries = {{On(ordered + 54), 10}};
  }
  AddOpenLine(inputs, "open-1", 30, -20, 20);
  AddOpenLine(inputs, "open-2", 20, -10, 60);
  inputs.targets = {{"all", On(286), 1.0}};
  return inputs;
}

}  // namespace parc::forecast::testing
