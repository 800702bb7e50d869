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

TEST_CASE("shipments are announced before they come, and tell what is on its way") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 10);
  const auto ship = [&](int quantity, const char* announced, const char* shipped) {
    fleet.effective = Day(announced);
    procurement::Shipment shipment;
    shipment.shipped = Day(shipped);
    shipment.quantity = quantity;
    shipment.carrier = "Geodis";
    return fleet.Do([&](Change& change) { return change.RecordShipment("CMD-1/1", shipment); });
  };
  REQUIRE(ship(4, "2020-02-03", "2020-02-05").ok());
  CHECK(LineAt(fleet).InTransit() == 4);
  CHECK(Refusal(ship(7, "2020-02-04", "2020-02-05").status()) ==
        "FAILED_PRECONDITION OVER_SHIPMENT");
  CHECK(ship(0, "2020-02-20", "2020-02-20")->InTransit() == 10);  // all the others
  CHECK(LineAt(fleet, {.as_of = Day("2020-02-02"), .known_at = {}}).shipments.empty());
  fleet.effective = Day("2020-02-25");
  Change::Reception reception;
  reception.serials = Serials(1, 10);
  REQUIRE(Receive(fleet, reception).ok());
  CHECK(LineAt(fleet).InTransit() == 0);
  CHECK(LineAt(fleet).shipments.front().carrier == "Geodis");
}

TEST_CASE("what came instead of what was ordered is recorded as what it is") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 2);
  Change::Reception reception;
  reception.serials = Serials(1, 1);
  reception.model = "ProBook 450";
  reception.manufacturer = "HP";
  REQUIRE(Receive(fleet, reception).ok());
  const OrderLine line = LineAt(fleet);
  CHECK(line.Open() == 1);
  CHECK(line.receipts[0].model == "ProBook 450");
  CHECK(Get(fleet, "SN7X00001").manufacturer == "HP");
  reception.serials = Serials(2, 1);
  reception.model = "Latitude 5400";  // what was ordered after all
  REQUIRE(Receive(fleet, reception).ok());
  CHECK(LineAt(fleet).receipts[1].model.empty());
  CHECK(Get(fleet, "SN7X00002").manufacturer == "Dell");
}

TEST_CASE("a part, a line or a whole order is cancelled") {
  ScratchFleet fleet;
  Order order;
  order.reference = "CMD-2";
  order.supplier = "ACME";
  order.ordered = Day("2020-01-15");
  for (const int number : {1, 2, 3}) {
    OrderLine line;
    line.line = number;
    line.model = "M";
    line.quantity = 5;
    order.lines.push_back(line);
  }
  REQUIRE(fleet.Do([&](Change& change) { return change.CreateOrder(order); }).ok());
  const auto line = [&](const char* name, std::optional<int> quantity) {
    return fleet.Do([&](Change& change) { return change.CancelOrderLine(name, quantity); });
  };
  CHECK(line("CMD-2/1", 2)->Open() == 3);
  CHECK(line("CMD-2/2", {})->Open() == 0);
  const auto whole = [&] {
    return fleet.Do([&](Change& change) { return change.CancelOrder("cmd-2"); });
  };
  const auto cancelled = whole();
  REQUIRE(cancelled.ok());
  for (const OrderLine& left : cancelled->lines) CHECK(left.Open() == 0);
  CHECK(cancelled->lines[0].cancellations.size() == 2);
  CHECK(Refusal(whole().status()) == "FAILED_PRECONDITION NOT_OPEN");
}

TEST_CASE("an order is planned, then placed, and both can be asked for later") {
  ScratchFleet fleet;
  Order order;
  order.reference = "CMD-3";
  order.supplier = "ACME";
  order.ordered = Day("2020-04-15");
  order.planned = true;
  OrderLine line;
  line.line = 1;
  line.model = "M";
  line.quantity = 30;
  order.lines = {line};
  const auto planned = fleet.Do([&](Change& change) { return change.CreateOrder(order); });
  REQUIRE(planned.ok());
  CHECK(planned->planned);
  CHECK(fleet.view().GetStatus("", {})->on_order == 0);
  const auto total = [&](const char* filter) {
    fleet::ListQuery query;
    query.filter = filter;
    return fleet.view().ListOrders(query)->total;
  };
  CHECK(total("status = PLANNED") == 1);
  Change::Reception reception;
  reception.line = "CMD-3/1";
  reception.serials = Serials(1, 1);
  CHECK(Refusal(Receive(fleet, reception).status()) == "FAILED_PRECONDITION ORDER_NOT_PLACED");

  fleet.clock.SetDay(Day("2020-04-20"));
  fleet.effective = Day("2020-04-17");
  const auto place = [&] {
    return fleet.Do([&](Change& change) { return change.PlaceOrder("CMD-3"); });
  };
  const auto placed = place();
  REQUIRE(placed.ok());
  CHECK(placed->ordered == Day("2020-04-17"));
  CHECK(fleet.view().GetStatus("", {})->on_order == 30);
  CHECK(total("status = PLACED AND order_date = 2020-04-17") == 1);
  CHECK(Refusal(place().status()) == "FAILED_PRECONDITION ORDER_PLACED");
  const auto before = fleet.view().GetOrder("CMD-3", {.as_of = Day("2020-04-16"), .known_at = {}});
  CHECK(before->planned);
  CHECK(before->ordered == Day("2020-04-15"));
}

TEST_CASE("a promise for a day before the order is a typing error") {
  ScratchFleet fleet;
  AddOrder(fleet, "CMD-1", 10);
  CHECK(Refusal(fleet
                    .Do([&](Change& change) {
                      return change.RecordPromise("CMD-1/1", Day("2019-05-04"), "");
                    })
                    .status()) == "INVALID_ARGUMENT PROMISE_BEFORE_ORDER");
}

TEST_CASE("what a forecast assumes holds from its day on, and the newest word counts") {
  ScratchFleet fleet;
  const auto set = [&](const char* day, std::optional<double> capacity) {
    fleet.effective = Day(day);
    procurement::Planning planning;
    planning.preparation_capacity = capacity;
    planning.country = "FR-AM";
    return fleet.Do([&](Change& change) {
      return change.UpdatePlanning(planning, {"preparation_capacity", "country"});
    });
  };
  const auto at = [&](const char* day) {
    return fleet.view().GetPlanning({.as_of = Day(day), .known_at = {}})->preparation_capacity;
  };
  REQUIRE(set("2020-03-16", 50).ok());
  const std::int64_t then = fleet.clock.Tick();
  REQUIRE(set("2020-03-18", 12.5).ok());
  CHECK(at("2020-03-15") == std::nullopt);
  CHECK(at("2020-03-16") == 50);
  CHECK(at("2020-03-20") == 12.5);
  CHECK(fleet.view().GetPlanning({.as_of = {}, .known_at = then})->preparation_capacity == 50);
  CHECK(fleet.view().GetPlanning({})->country == "FR-AM");
  REQUIRE(set("2020-03-19", {}).ok());  // taken back
  CHECK(at("2020-03-19") == std::nullopt);
  CHECK(Refusal(set("2020-03-19", -1).status()) == "INVALID_ARGUMENT OUT_OF_RANGE");
}

TEST_CASE("targets are set, changed and dropped, and none is forgotten") {
  ScratchFleet fleet;
  const auto set = [&](const char* day, const char* due, double ratio, const char* people = "") {
    fleet.effective = Day(day);
    const procurement::Target target{
        .id = "fin-2020", .due = Day(due), .ratio = ratio, .people = people};
    return fleet.Do([&](Change& change) { return change.SetTarget(target); });
  };
  REQUIRE(set("2020-03-01", "2021-12-31", 1).ok());
  REQUIRE(set("2020-03-20", "2020-12-31", 1, "population = Siège").ok());
  CHECK(Refusal(set("2020-03-20", "2020-12-31", 1.5).status()) == "INVALID_ARGUMENT OUT_OF_RANGE");
  CHECK_FALSE(set("2020-03-20", "2020-12-31", 1, "popluation = Siège").ok());
  const auto at = [&](const char* day) {
    return *fleet.view().ListTargets({.as_of = Day(day), .known_at = {}});
  };
  CHECK(at("2020-02-28").empty());
  CHECK(at("2020-03-10").front().due == Day("2021-12-31"));
  REQUIRE(at("2020-03-20").size() == 1);
  CHECK(at("2020-03-20").front().people == "population = Siège");
  fleet.clock.SetDay(Day("2020-04-01"));
  fleet.effective = Day("2020-04-01");
  const auto drop = [&] {
    return fleet.Do([&](Change& change) { return change.DropTarget("FIN-2020"); });
  };
  REQUIRE(drop().ok());
  CHECK(at("2020-04-01").empty());
  CHECK(at("2020-03-31").size() == 1);
  CHECK(Refusal(drop().status()) == "NOT_FOUND TARGET_NOT_FOUND");
}

}  // namespace
}  // namespace parc::test
