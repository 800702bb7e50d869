#include "daemon/procurement/ledger.h"

#include <catch2/catch.hpp>
#include <string>

#include "daemon/inventory/reason.h"

namespace parc::procurement {
namespace {

using inventory::CivilDate;

constexpr CivilDate kOrdered{2020, 1, 15};
constexpr CivilDate kDayBefore{2020, 1, 14};

Receipt Came(int quantity) {
  Receipt receipt;
  receipt.received = kOrdered;
  receipt.quantity = quantity;
  return receipt;
}

Shipment Sent(int quantity, CivilDate shipped = kOrdered, CivilDate announced = kOrdered) {
  Shipment shipment;
  shipment.announced = announced;
  shipment.shipped = shipped;
  shipment.quantity = quantity;
  return shipment;
}

// Ten units: `received` came, `cancelled` will not, `shipped` were announced.
OrderLine LineOf(int received, int cancelled, int shipped) {
  OrderLine line;
  line.quantity = 10;
  if (received > 0) line.receipts.push_back(Came(received));
  if (cancelled > 0) line.cancellations.push_back({kOrdered, cancelled, "", 0});
  if (shipped > 0) line.shipments.push_back(Sent(shipped));
  return line;
}

LineView ViewOf(const OrderLine& line, bool planned = false) {
  return {.name = "CMD-1/1", .ordered = kOrdered, .planned = planned, .line = line};
}

std::string Reason(const absl::Status& status) { return status.ok() ? "OK" : ReasonOf(status); }

TEST_CASE("what is open, and what of it is on its way, follows from the ledger") {
  struct Row {
    int received, cancelled, shipped, open, in_transit;
  };
  const Row row = GENERATE(Row{0, 0, 0, 10, 0}, Row{0, 0, 4, 10, 4}, Row{4, 0, 4, 6, 0},
                           Row{4, 0, 10, 6, 6}, Row{4, 3, 10, 3, 3}, Row{0, 10, 0, 0, 0},
                           Row{12, 0, 0, 0, 0}, Row{12, 0, 15, 0, 0}, Row{9, 3, 0, 0, 0});
  const OrderLine line = LineOf(row.received, row.cancelled, row.shipped);
  INFO(row.received << " " << row.cancelled << " " << row.shipped);
  CHECK(line.Open() == row.open);
  CHECK(line.InTransit() == row.in_transit);
}

TEST_CASE("what came before a shipment was announced was not in it") {
  OrderLine line = LineOf(4, 0, 0);
  line.receipts.front().received = {2020, 2, 1};
  line.shipments.push_back(Sent(3, {2020, 2, 5}, {2020, 2, 5}));
  CHECK(line.InTransit() == 3);
  line.receipts.push_back(Came(2));
  line.receipts.back().received = {2020, 2, 8};
  CHECK(line.InTransit() == 1);
  // On one day, in the order of the ledger.
  OrderLine same_day = LineOf(2, 0, 3);
  same_day.receipts.front().committed = 1;
  same_day.shipments.front().committed = 2;
  CHECK(same_day.InTransit() == 3);
}

TEST_CASE("nothing happens to a line before it was ordered, and a plan has no such day yet") {
  const OrderLine line = LineOf(0, 0, 0);
  CHECK(Reason(CheckDay(ViewOf(line), kOrdered)) == "OK");
  CHECK(Reason(CheckDay(ViewOf(line), kDayBefore)) == "EFFECTIVE_DATE_TOO_EARLY");
  CHECK(Reason(CheckDay(ViewOf(line, true), kDayBefore)) == "OK");
}

TEST_CASE("a promise may be for the day of the order, and not for an earlier one") {
  const OrderLine line = LineOf(0, 0, 0);
  CHECK(Reason(CheckPromise(ViewOf(line), kOrdered)) == "OK");
  CHECK(Reason(CheckPromise(ViewOf(line), kDayBefore)) == "PROMISE_BEFORE_ORDER");
}

TEST_CASE("a shipment is of open units that are not on their way yet") {
  struct Row {
    int received, cancelled, shipped, more;
    const char* reason;
  };
  const Row row =
      GENERATE(Row{0, 0, 0, 10, "OK"}, Row{0, 0, 0, 11, "OVER_SHIPMENT"}, Row{0, 0, 4, 6, "OK"},
               Row{0, 0, 4, 7, "OVER_SHIPMENT"}, Row{4, 0, 4, 6, "OK"},
               Row{4, 2, 0, 5, "OVER_SHIPMENT"}, Row{0, 0, 0, 0, "OVER_SHIPMENT"},
               Row{0, 0, 0, -1, "OVER_SHIPMENT"}, Row{10, 0, 0, 1, "OVER_SHIPMENT"});
  const OrderLine line = LineOf(row.received, row.cancelled, row.shipped);
  INFO(row.more);
  CHECK(Reason(CheckShipment(ViewOf(line), Sent(row.more))) == row.reason);
}

TEST_CASE("a shipment leaves no earlier than the order, and none of a plan does") {
  const OrderLine line = LineOf(0, 0, 0);
  CHECK(Reason(CheckShipment(ViewOf(line), Sent(1, kDayBefore))) == "SHIPPED_BEFORE_ORDER");
  CHECK(Reason(CheckShipment(ViewOf(line), Sent(1, kOrdered, kDayBefore))) ==
        "EFFECTIVE_DATE_TOO_EARLY");
  CHECK(Reason(CheckShipment(ViewOf(line), Sent(1, CivilDate{2030, 1, 1}))) == "OK");
  CHECK(Reason(CheckShipment(ViewOf(line, true), Sent(1))) == "ORDER_NOT_PLACED");
}

TEST_CASE("more than is open is received only when somebody accepts it") {
  const OrderLine line = LineOf(4, 2, 0);
  CHECK(Reason(CheckReceipt(ViewOf(line), 4, false)) == "OK");
  CHECK(Reason(CheckReceipt(ViewOf(line), 5, false)) == "OVER_DELIVERY");
  CHECK(Reason(CheckReceipt(ViewOf(line), 5, true)) == "OK");
  CHECK(Reason(CheckReceipt(ViewOf(line, true), 1, true)) == "ORDER_NOT_PLACED");
}

TEST_CASE("only open units are cancelled, and a plan may be given up") {
  const OrderLine line = LineOf(4, 2, 0);
  for (const auto& [units, reason] :
       {std::pair{4, "OK"}, {1, "OK"}, {5, "NOT_OPEN"}, {0, "NOT_OPEN"}, {-3, "NOT_OPEN"}}) {
    INFO(units);
    CHECK(Reason(CheckCancellation(ViewOf(line), units)) == reason);
  }
  CHECK(Reason(CheckCancellation(ViewOf(line, true), 4)) == "OK");
}

}  // namespace
}  // namespace parc::procurement
