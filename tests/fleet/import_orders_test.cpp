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

// As a French Excel saves it: Windows-1252 ("é" is one byte), semicolons, a decimal comma, a
// no-break space in an amount.
TEST_CASE("the order book of a French office is read, with all that its ledger knows") {
  constexpr char kBook[] =
      "Commande;Fournisseur;Date de commande;Ligne;Mod\xE8le;Quantit\xE9;Prix unitaire;Date "
      "promise;Annonc\xE9"
      "e le;Re\xE7us;Re\xE7u le;Exp\xE9"
      "di\xE9s;Exp\xE9"
      "di\xE9 le;Transporteur;Annul\xE9s;Annul\xE9 le;Motif d\x92"
      "annulation;Statut\r\n"
      "C-1;Loire \xC9quipement;06/01/2020;1;XPS;10;\"1\xA0"
      "104,50 \x80\";31/03/2020;06/01/2020;;;;;;;;;\r\n"
      "C-1;Loire \xC9quipement;06/01/2020;1;XPS;10;;;;;;6;02/03/2020;Geodis;;;;\r\n"
      "C-1;Loire \xC9quipement;06/01/2020;1;XPS;10;;;;6;09/03/2020;;;;3;10/03/2020;fin de "
      "s\xE9rie;\r\n"
      "C-2;ACME;31/12/2020;1;XPS;40;;15/02/2021;;;;;;;;;;Pr\xE9vue\r\n";
  ScratchFleet fleet;
  CHECK(Summary(Import(fleet, ImportKind::kOrders, kBook, false, true)) ==
        "2 created, 2 updated, 0 unchanged, 0 refused, applied");
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM orders") == 0);  // a dry run
  CHECK(Summary(Import(fleet, ImportKind::kOrders, kBook)) ==
        "2 created, 2 updated, 0 unchanged, 0 refused, applied");
  const auto order = fleet.view().GetOrder("C-1", {});
  REQUIRE(order.ok());
  CHECK(order->supplier == "Loire Équipement");
  const auto& line = order->lines.front();
  CHECK(line.unit_price == Money{1'104'500'000, "EUR"});
  CHECK(line.shipments.front().carrier == "Geodis");
  CHECK(line.Received() == 6);
  CHECK(line.cancellations.front().reason == "fin de série");
  CHECK(line.Open() == 1);
  CHECK(fleet.view().GetOrder("C-2", {})->planned);
  CHECK(Summary(Import(fleet, ImportKind::kOrders, kBook)) ==
        "0 created, 0 updated, 4 unchanged, 0 refused, applied");
}

TEST_CASE("a plan is placed by a file that says so, and what was placed is no plan again") {
  ScratchFleet fleet;
  const std::string header = "Order;Supplier;Order date;Model;Quantity;Status\n";
  REQUIRE(Import(fleet, ImportKind::kOrders, header + "C-1;ACME;20/03/2020;XPS;5;planned\n").ok());
  const std::string placed = header + "C-1;ACME;19/03/2020;XPS;5;placed\n";
  CHECK(Summary(Import(fleet, ImportKind::kOrders, placed)) ==
        "0 created, 1 updated, 0 unchanged, 0 refused, applied");
  CHECK(fleet.view().GetOrder("C-1", {})->ordered == Day("2020-03-19"));
  const auto again =
      Import(fleet, ImportKind::kOrders, header + "C-1;ACME;20/04/2020;XPS;5;prévue\n");
  CHECK_THAT(again->rows.at(0).message, Contains("it was placed"));
}

TEST_CASE("a delivery is read from a file, a laptop a row, and twice changes nothing") {
  ScratchFleet fleet;
  AddSite(fleet, "ORL", "Orléans");
  AddOrder(fleet, "CMD-1", 3);
  const std::string header = "Commande;Ligne;Reçu le;N° de série;N° d'inventaire;Site;Modèle\n";
  const std::string file = header +
                           "CMD-1;1;16/03/2020;SN7X00001;A-1;ORL;\n"
                           "CMD-1/1;;16/03/2020;SN7X00002;;ORL;Latitude 5400\n"
                           "CMD-1;1;17/03/2020;SN7X00003;A-3;;ProBook\n";
  CHECK(Summary(Import(fleet, ImportKind::kReceipts, file)) ==
        "3 created, 0 updated, 0 unchanged, 0 refused, applied");
  CHECK(Summary(Import(fleet, ImportKind::kReceipts, file)) ==
        "0 created, 0 updated, 3 unchanged, 0 refused, applied");
  const auto order = fleet.view().GetOrder("CMD-1", {});
  const auto& receipts = order->lines.front().receipts;
  REQUIRE(receipts.size() == 2);
  CHECK(receipts[0].quantity == 2);
  CHECK(receipts[0].serials == std::vector<std::string>{"SN7X00001", "SN7X00002"});
  CHECK(receipts[1].model == "ProBook");
  CHECK(Get(fleet, "SN7X00002").site == "ORL");
}

TEST_CASE("each row of a delivery has its own verdict") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 2);
  AddLaptop(fleet, "A-9");
  const std::string header = "Order;Line;Received on;Serial;Asset tag;Site;Surplus\n";
  const auto imported = Import(fleet, ImportKind::kReceipts,
                               header +
                                   "CMD-1;1;16/03/2020;SN7X00001;;;\n"
                                   "CMD-1;1;17/03/2020;SN7X00001;;;\n"
                                   "CMD-1;2;16/03/2020;SN7X00002;;;\n"
                                   "CMD-1;1;14/01/2020;SN7X00002;;;\n"
                                   "CMD-1;1;21/03/2020;SN7X00002;;;\n"
                                   "CMD-1;1;;SN7X00002;;;\n"
                                   "CMD-1;1;16/03/2020;None;;;\n"
                                   "CMD-1;1;16/03/2020;;;;\n"
                                   "CMD-1;1;16/03/2020;SN7X00002;a-9;;\n"
                                   "CMD-1;1;16/03/2020;SN7X00002;;NOWHERE;\n"
                                   "CMD-1;1;16/03/2020;SN7X00003;;;\n"
                                   "CMD-1;1;16/03/2020;SN7X00004;;;\n"
                                   "CMD-1;1;16/03/2020;SN7X00005;;;oui\n",
                               true);
  CHECK(Summary(imported) == "3 created, 0 updated, 0 unchanged, 10 refused, applied");
  const char* const messages[] = {"",
                                  "belongs to laptop SN7X00001 already, of CMD-1/1",
                                  "names no order line (CMD-1/2)",
                                  "was ordered on 2020-01-15",
                                  "lies in the future",
                                  "is empty",
                                  "placeholder",
                                  "and the asset tag are empty",
                                  "belongs to laptop A-9 already",
                                  "is no known site",
                                  "",
                                  "has 0 open units and 1 arrived",
                                  ""};
  REQUIRE(imported->rows.size() == std::size(messages));
  for (std::size_t i = 0; i < std::size(messages); ++i) {
    INFO(i);
    CHECK_THAT(imported->rows[i].message, Contains(messages[i]));
  }
  CHECK(fleet.view().GetOrder("CMD-1", {})->lines.front().Received() == 3);
}

}  // namespace
}  // namespace parc::test
