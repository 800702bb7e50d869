#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using Catch::Contains;
using fleet::Change;
using inventory::LaptopState;
using procurement::Order;
using procurement::OrderLine;

std::vector<std::string> Serials(int from, int count) {
  std::vector<std::string> serials;
  for (int i = 0; i < count; ++i) serials.push_back(fmt::format("SN7X{:05}", from + i));
  return serials;
}

absl::StatusOr<Change::Received> Receive(ScratchFleet& fleet, Change::Reception reception) {
  if (reception.line.empty()) reception.line = "CMD-1/1";
  return fleet.Do([&](Change& change) { return change.ReceiveLaptops(reception); });
}

absl::StatusOr<OrderLine> Cancel(ScratchFleet& fleet, int quantity) {
  return fleet.Do([&](Change& change) { return change.CancelOrderLine("CMD-1/1", quantity); });
}

OrderLine LineAt(ScratchFleet& fleet, inventory::Moment moment = {}) {
  const auto order = fleet.view().GetOrder("cmd-1", moment);
  INFO(order.status());
  REQUIRE(order.ok());
  return order->lines.front();
}

TEST_CASE("a delivery in parts turns open units into laptops in stock") {
  ScratchFleet fleet;
  AddSite(fleet, "ORL", "Orléans");
  AddOrder(fleet, "CMD-1", 10);
  fleet.effective = Day("2020-02-10");
  Change::Reception first;
  first.serials = Serials(1, 4);
  first.site = "ORL";
  const auto received = Receive(fleet, first);
  REQUIRE(received.ok());
  CHECK(received->laptops == Serials(1, 4));
  CHECK(received->line.Received() == 4);
  CHECK(received->line.Open() == 6);
  fleet.effective = Day("2020-03-02");
  Change::Reception second;
  second.serials = Serials(5, 6);
  second.asset_tags = {"A-1", "A-2", "A-3", "A-4", "A-5", "A-6"};
  REQUIRE(Receive(fleet, second).ok());

  const OrderLine line = LineAt(fleet);
  CHECK(line.Open() == 0);
  REQUIRE(line.receipts.size() == 2);
  CHECK(line.receipts[0].received == Day("2020-02-10"));
  CHECK(line.receipts[0].serials == Serials(1, 4));
  CHECK(line.receipts[1].quantity == 6);
  const auto laptop = Get(fleet, "A-1");
  CHECK(laptop.state == LaptopState::kInStock);
  CHECK(laptop.model == "Latitude 5400");
  CHECK(laptop.order_line == "CMD-1/1");
  CHECK(laptop.purchase_date == Day("2020-03-02"));
  CHECK(Get(fleet, "SN7X00001").site == "ORL");

  CHECK(LineAt(fleet, {.as_of = Day("2020-02-09"), .known_at = {}}).Open() == 10);
  CHECK(LineAt(fleet, {.as_of = Day("2020-02-10"), .known_at = {}}).Open() == 6);
}

TEST_CASE("nothing comes of an order, and nothing is cancelled, before it was made") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 10);  // on 15 January
  fleet.effective = Day("2020-01-14");
  Change::Reception reception;
  reception.serials = Serials(1, 2);
  CHECK(Refusal(Receive(fleet, reception).status()) ==
        "FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY");
  CHECK(Refusal(Cancel(fleet, 1).status()) == "FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY");
  const auto imported = Import(fleet, fleet::ImportKind::kOrders,
                               "Order;Supplier;Order date;Model;Quantity;Received;Received on\n"
                               "CMD-1;ACME;15/01/2020;Latitude 5400;10;2;14/01/2020\n");
  CHECK_THAT(imported->rows.at(0).message,
             Contains("lies before the day of the order (2020-01-15)"));
  fleet.effective = Day("2020-01-15");
  CHECK(Receive(fleet, reception).ok());
  CHECK(Cancel(fleet, 1).ok());
}

TEST_CASE("more than was ordered is taken only when somebody accepts it") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 2);
  Change::Reception reception;
  reception.serials = Serials(1, 3);
  const auto refused = Receive(fleet, reception);
  CHECK(Refusal(refused.status()) == "FAILED_PRECONDITION OVER_DELIVERY");
  CHECK_THAT(std::string(refused.status().message()),
             Contains("CMD-1/1 has 2 open units and 3 arrived"));
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM laptops") == 0);
  reception.accept_over_delivery = true;
  const auto received = Receive(fleet, reception);
  REQUIRE(received.ok());
  CHECK(received->line.Received() == 3);
  CHECK(received->line.Open() == 0);  // never less than nothing
  CHECK(Refusal(Cancel(fleet, 1).status()) == "FAILED_PRECONDITION NOT_OPEN");
}

TEST_CASE("a delivery with a serial that cannot be is refused whole, and names which") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 100);
  Change::Reception known;
  known.serials = {"SN7X00001"};
  REQUIRE(Receive(fleet, known).ok());
  Change::Reception reception;
  reception.serials = {"SN7X00002", "To be filled by O.E.M.", "sn7x00002", "SN7X00001", ""};
  const auto refused = Receive(fleet, reception);
  CHECK(Refusal(refused.status()) == "INVALID_ARGUMENT BAD_SERIALS");
  const std::string message(refused.status().message());
  CHECK_THAT(message, Contains("4 of 5 serials cannot be received"));
  CHECK_THAT(message, Contains("2. \"To be filled by O.E.M.\" is no serial number"));
  CHECK_THAT(message, Contains("3. sn7x00002 occurs twice"));
  CHECK_THAT(message, Contains("4. SN7X00001 is known already, as SN7X00001"));
  CHECK_THAT(message, Contains("5. \"\" is no serial number"));
  CHECK(LineAt(fleet).Received() == 1);

  // However many are wrong, the answer stays one that a reader and a transport can take.
  reception.serials = std::vector<std::string>(10'000, "None");
  const auto many = Receive(fleet, reception);
  CHECK_THAT(std::string(many.status().message()), Contains("10000 of 10000"));
  CHECK(many.status().message().size() < 2000);
  reception.serials = {};
  CHECK(Refusal(Receive(fleet, reception).status()) == "INVALID_ARGUMENT BAD_SERIALS");
  reception.serials = Serials(1, 10'001);
  CHECK(Refusal(Receive(fleet, reception).status()) == "INVALID_ARGUMENT BAD_SERIALS");
}

TEST_CASE("asset tags come one for each serial, and none twice") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 10);
  AddLaptop(fleet, "A-1");
  Change::Reception reception;
  reception.serials = Serials(1, 2);
  const auto with = [&](std::vector<std::string> tags) {
    reception.asset_tags = std::move(tags);
    return Refusal(Receive(fleet, reception).status());
  };
  CHECK(with({"B-1"}) == "INVALID_ARGUMENT BAD_ASSET_TAGS");
  CHECK(with({"B-1", "b-1"}) == "ALREADY_EXISTS LAPTOP_EXISTS");
  CHECK(with({"B-1", "a-1"}) == "ALREADY_EXISTS LAPTOP_EXISTS");
  CHECK(with({"B-1", "B/2"}) == "INVALID_ARGUMENT BAD_NAME");
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM laptops") == 1);
  CHECK(with({"B-1", "B-2"}) == "OK");
}

TEST_CASE("units that will not come are cancelled, with a reason, and no more than are open") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 10);
  Change::Reception reception;
  reception.serials = Serials(1, 4);
  REQUIRE(Receive(fleet, reception).ok());
  for (const int quantity : {0, -1, 7, 2'147'483'647})
    CHECK(Refusal(Cancel(fleet, quantity).status()) == "FAILED_PRECONDITION NOT_OPEN");
  fleet.reason = "out of production";
  fleet.effective = Day("2020-03-19");
  const auto cancelled = Cancel(fleet, 5);
  REQUIRE(cancelled.ok());
  CHECK(cancelled->Open() == 1);
  REQUIRE(cancelled->cancellations.size() == 1);
  CHECK(cancelled->cancellations[0].reason == "out of production");
  CHECK(LineAt(fleet, {.as_of = Day("2020-03-18"), .known_at = {}}).Open() == 10);
}

TEST_CASE("promises are a ledger: the newest announcement first, none overwritten") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 10);
  const auto promise = [&](const char* announced, const char* promised) {
    fleet.effective = Day(announced);
    return fleet.Do([&](Change& change) {
      return change.RecordPromise("CMD-1/1", Day(promised), "supplier's mail");
    });
  };
  REQUIRE(promise("2020-02-01", "2020-03-01").ok());
  REQUIRE(promise("2020-03-15", "2020-05-04").ok());
  REQUIRE(promise("2020-02-20", "2020-04-01").ok());  // told late
  const OrderLine line = LineAt(fleet);
  REQUIRE(line.promises.size() == 3);
  CHECK(line.promises[0].promised == Day("2020-05-04"));
  CHECK(line.promises[1].promised == Day("2020-04-01"));
  CHECK(LineAt(fleet, {.as_of = Day("2020-03-10"), .known_at = {}}).promises.front().promised ==
        Day("2020-04-01"));

  fleet::ListQuery late;
  late.filter = "late = true";
  CHECK(fleet.view().ListOrders(late)->items.empty());
  late.moment.as_of = Day("2020-03-10");
  CHECK(fleet.view().ListOrders(late)->items.empty());
  late.moment.as_of = Day("2020-02-19");  // before the delay was announced: promised for 1 March
  CHECK(fleet.view().ListOrders(late)->items.empty());
  fleet.clock.SetDay(Day("2020-05-05"));
  late.moment.as_of.reset();
  CHECK(fleet.view().ListOrders(late)->items.size() == 1);
}

TEST_CASE("an order is made once, in the past, and its lines are named ORDER/NUMBER") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 10);
  Order order;
  order.reference = "cmd-1";
  order.supplier = "ACME";
  order.ordered = Day("2020-01-01");
  OrderLine line;
  line.line = 1;
  line.model = "M";
  line.quantity = 1;
  order.lines = {line};
  const auto create = [&] {
    return Refusal(fleet.Do([&](Change& change) { return change.CreateOrder(order); }).status());
  };
  CHECK(create() == "ALREADY_EXISTS ORDER_EXISTS");
  order.reference = "CMD-2";
  order.ordered = Day("2020-03-21");
  CHECK(create() == "INVALID_ARGUMENT EFFECTIVE_DATE_IN_FUTURE");
  for (const std::string name :
       {"CMD-1", "CMD-1/", "CMD-1/2", "CMD-1/x", "CMD-1/99999999999", "/1", "", "CMD-9/1"}) {
    INFO(name);
    CHECK(Refusal(fleet
                      .Do([&](Change& change) {
                        return change.RecordPromise(name, Day("2020-05-01"), "");
                      })
                      .status()) == "NOT_FOUND ORDER_LINE_NOT_FOUND");
  }
  CHECK(Refusal(fleet.view().GetOrder("CMD-9", {}).status()) == "NOT_FOUND ORDER_NOT_FOUND");
  CHECK(
      Refusal(
          fleet.view().GetOrder("CMD-1", {.as_of = Day("2020-01-14"), .known_at = {}}).status()) ==
      "NOT_FOUND ORDER_NOT_FOUND");
}

}  // namespace
}  // namespace parc::test
