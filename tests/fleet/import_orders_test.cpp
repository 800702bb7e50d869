#include <catch2/catch.hpp>
#include <string>

#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using Catch::Contains;
using fleet::ImportKind;
using inventory::Money;

constexpr char kOrders[] =
    "Référence;Fournisseur;Date de commande;Ligne;Marque;Modèle;Quantité;Prix unitaire;Date "
    "promise;"
    "Annoncée le;Source\n"
    "CMD-1;ACME;06/01/2020;1;Dell;Latitude;120;899,90;15/04/2020;;bon de commande\n"
    "CMD-1;ACME;06/01/2020;2;Dell;XPS;80;;;;\n"
    "CMD-2;Öko;01/02/2020;;HP;EliteBook;5;;;;\n";

TEST_CASE("a line that was added later is in no earlier answer") {
  ScratchFleet fleet;
  const std::string header = "Order;Supplier;Order date;Line;Model;Quantity;Promised date\n";
  REQUIRE(Import(fleet, ImportKind::kOrders, header + "C-1;ACME;06/01/2020;1;XPS;5;\n").ok());
  const std::int64_t before = fleet.clock.Tick();
  REQUIRE(
      Import(fleet, ImportKind::kOrders, header + "C-1;ACME;06/01/2020;2;XPS;7;01/03/2020\n").ok());
  const auto matches = [&](const char* filter, std::optional<std::int64_t> known) {
    fleet::ListQuery query;
    query.filter = filter;
    query.moment.known_at = known;
    return fleet.view().ListOrders(query)->total;
  };
  CHECK(matches("open_quantity = 12", {}) == 1);
  CHECK(matches("open_quantity = 5", before) == 1);
  CHECK(matches("late = true", {}) == 1);
  CHECK(matches("late = true", before) == 0);
}

TEST_CASE("a file of order lines becomes orders, and twice changes nothing") {
  ScratchFleet fleet;
  CHECK(Summary(Import(fleet, ImportKind::kOrders, kOrders)) ==
        "3 created, 0 updated, 0 unchanged, 0 refused, applied");
  const auto order = fleet.view().GetOrder("CMD-1", {});
  REQUIRE(order.ok());
  REQUIRE(order->lines.size() == 2);
  CHECK(order->lines[0].quantity == 120);
  CHECK(order->lines[0].unit_price == Money{899'900'000, "EUR"});
  REQUIRE(order->lines[0].promises.size() == 1);
  CHECK(order->lines[0].promises[0].announced == Day("2020-01-06"));
  CHECK(fleet.view().GetOrder("CMD-2", {})->lines[0].line == 1);
  CHECK(Summary(Import(fleet, ImportKind::kOrders, kOrders)) ==
        "0 created, 0 updated, 3 unchanged, 0 refused, applied");
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM promises") == 1);
}

TEST_CASE("a new promise is added to the ledger, the old one stays") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, ImportKind::kOrders, kOrders).ok());
  CHECK(Summary(Import(fleet, ImportKind::kOrders,
                       "Order;Supplier;Order date;Line;Model;Quantity;Promised date;Announced on\n"
                       "CMD-1;ACME;2020-01-06;1;Latitude;120;2020-05-04;2020-03-15\n")) ==
        "0 created, 1 updated, 0 unchanged, 0 refused, applied");
  const auto order = fleet.view().GetOrder("CMD-1", {});
  REQUIRE(order->lines[0].promises.size() == 2);
  CHECK(order->lines[0].promises[0].promised == Day("2020-05-04"));
}

TEST_CASE("what was ordered is never overwritten by a file") {
  ScratchFleet fleet;
  REQUIRE(Import(fleet, ImportKind::kOrders, kOrders).ok());
  const auto changed = Import(fleet, ImportKind::kOrders,
                              "Order;Supplier;Order date;Line;Model;Quantity\n"
                              "CMD-1;ACME;2020-01-06;1;Latitude;100\n");
  CHECK(Summary(changed) == "0 created, 0 updated, 0 unchanged, 1 refused, not applied");
  CHECK_THAT(changed->rows[0].message, Contains("120 × Latitude"));
  CHECK(changed->rows[0].key == "CMD-1");
}

TEST_CASE("order lines that cannot be right are refused") {
  struct Row {
    const char* row;
    const char* message;
  };
  const Row row = GENERATE(
      Row{"CMD-1;ACME;30/02/2020;Latitude;1", "is no date of the calendar"},
      Row{"CMD-1;ACME;;Latitude;1", "Order date: \"\" is empty"},
      Row{"CMD-1;ACME;21/03/2020;Latitude;1", "lies in the future"},
      Row{"CMD-1;ACME;01/01/2020;Latitude;-3", "lines[0].quantity: must lie between 1 and 100000"},
      Row{"CMD-1;ACME;01/01/2020;Latitude;", "lines[0].quantity"},
      Row{"CMD-1;ACME;01/01/2020;;1", "lines[0].model: is required"},
      Row{"CMD/1;ACME;01/01/2020;Latitude;1", "reference"},
      Row{"CMD-1;;01/01/2020;Latitude;1", "supplier: is required"});
  INFO(row.row);
  ScratchFleet fleet;
  const auto imported =
      Import(fleet, ImportKind::kOrders,
             std::string("Order;Supplier;Order date;Model;Quantity\n") + row.row + "\n");
  CHECK(Summary(imported) == "0 created, 0 updated, 0 unchanged, 1 refused, not applied");
  CHECK_THAT(imported->rows[0].message, Contains(row.message));
}

}  // namespace
}  // namespace parc::test
