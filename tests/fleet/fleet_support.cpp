#include "tests/fleet/fleet_support.h"

#include <catch2/catch.hpp>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::test {

using fleet::Change;
using fleet::ImportKind;
using fleet::ImportResult;
using inventory::Laptop;
using inventory::LaptopEvent;
using inventory::LaptopState;

namespace {

template <typename T>
void MustBeOk(const absl::StatusOr<T>& result) {
  INFO(result.status());
  REQUIRE(result.ok());
}

}  // namespace

inventory::Person PersonOf(std::string_view id, std::string_view population) {
  inventory::Person person;
  person.id = id;
  person.name = fmt::format("Name of {}", id);
  person.population = population;
  return person;
}

Laptop LaptopOf(std::string_view asset_tag, std::string_view serial) {
  Laptop laptop;
  laptop.asset_tag = asset_tag;
  laptop.serial = serial;
  laptop.model = "Latitude 5400";
  return laptop;
}

void AddPerson(ScratchFleet& fleet, const inventory::Person& person) {
  MustBeOk(fleet.Do([&](Change& change) { return change.CreatePerson(person); }));
}

void AddSite(ScratchFleet& fleet, std::string_view code, std::string_view name) {
  inventory::Site site;
  site.code = code;
  site.name = name;
  MustBeOk(fleet.Do([&](Change& change) { return change.CreateSite(site); }));
}

void AddLaptop(ScratchFleet& fleet, std::string_view asset_tag, LaptopState state) {
  Laptop laptop = LaptopOf(asset_tag);
  laptop.state = state;
  MustBeOk(fleet.Do([&](Change& change) { return change.CreateLaptop(laptop); }));
}

void AddOrder(ScratchFleet& fleet, std::string_view reference, int quantity,
              std::string_view ordered) {
  procurement::Order order;
  order.reference = reference;
  order.supplier = "ACME";
  order.ordered = Day(ordered);
  procurement::OrderLine line;
  line.line = 1;
  line.manufacturer = "Dell";
  line.model = "Latitude 5400";
  line.quantity = quantity;
  order.lines.push_back(line);
  MustBeOk(fleet.Do([&](Change& change) { return change.CreateOrder(order); }));
}

Laptop Get(ScratchFleet& fleet, std::string_view name, inventory::Moment moment) {
  const auto row = fleet.view().GetLaptop(name, moment);
  MustBeOk(row);
  return row->laptop;
}

absl::StatusOr<Laptop> Assign(ScratchFleet& fleet, std::string_view laptop, std::string_view person,
                              bool additional) {
  return fleet.Do(
      [&](Change& change) { return change.AssignLaptop(laptop, person, additional, ""); });
}

absl::StatusOr<Laptop> Return(ScratchFleet& fleet, std::string_view laptop) {
  return fleet.Do([&](Change& change) { return change.ReturnLaptop(laptop, ""); });
}

absl::StatusOr<Laptop> Move(ScratchFleet& fleet, std::string_view laptop, LaptopEvent event) {
  return fleet.Do([&](Change& change) { return change.MoveLaptop(laptop, event, ""); });
}

absl::StatusOr<ImportResult> Import(ScratchFleet& fleet, ImportKind kind, std::string_view bytes,
                                    bool partial, bool dry_run) {
  const auto file = fleet::ReadImportFile(kind, std::string(bytes), fleet::Encoding::kAuto);
  if (!file.ok()) return file.status();
  return fleet.Do([&](Change& change) { return change.Import(*file, partial); }, dry_run);
}

std::string Summary(const absl::StatusOr<ImportResult>& result) {
  if (!result.ok()) return result.status().ToString();
  return fmt::format("{} created, {} updated, {} unchanged, {} refused, {}", result->created,
                     result->updated, result->unchanged, result->refused,
                     result->applied ? "applied" : "not applied");
}

std::string Refusal(const absl::Status& status) {
  if (status.ok()) return "OK";
  return fmt::format("{} {}", absl::StatusCodeToString(status.code()), ReasonOf(status));
}

}  // namespace parc::test
