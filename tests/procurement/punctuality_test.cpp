#include "daemon/procurement/punctuality.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace parc::procurement {
namespace {

using inventory::AddDays;
using inventory::CivilDate;

constexpr CivilDate kDay{2020, 3, 20};

std::vector<Observation> Closed(std::initializer_list<int> days) {
  std::vector<Observation> observations;
  for (const int d : days) observations.push_back({d, false});
  return observations;
}

// A line of ten units, ordered and first promised so many days before kDay. `delivered`: days
// after the promise; nothing: still open.
OrderLine LineOf(int promised_ago, std::optional<int> delivered) {
  OrderLine line;
  line.quantity = 10;
  const CivilDate promised = AddDays(kDay, -promised_ago);
  line.promises.push_back(
      {.promised = promised, .announced = AddDays(promised, -40), .source = "", .committed = 0});
  if (delivered.has_value()) {
    Receipt receipt;
    receipt.received = AddDays(promised, *delivered);
    receipt.quantity = 10;
    line.receipts.push_back(receipt);
  }
  return line;
}

Order OrderOf(const std::string& supplier, std::vector<OrderLine> lines) {
  Order order;
  order.reference = "R";
  order.supplier = supplier;
  order.ordered = AddDays(lines.front().promises.back().promised, -40);
  order.lines = std::move(lines);
  return order;
}

// Reference: Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (Wilson without
// continuity correction).
TEST_CASE("a share has Wilson's interval") {
  struct Row {
    int hits, trials;
    double low, high;
  };
  const Row row = GENERATE(Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605},
                           Row{0, 20, 0.0, 0.1611}, Row{1, 29, 0.0061, 0.1718});
  const Share share = WilsonShare(row.hits, row.trials);
  CHECK(share.low == Approx(row.low).margin(0.00006));
  CHECK(share.high == Approx(row.high).margin(0.00006));
}

TEST_CASE("a share of few is told with all that it leaves open") {
  CHECK(WilsonShare(0, 0) == Share{0, 0, 0, 1});
  CHECK(WilsonShare(3, 3).low == Approx(0.4385).margin(0.0001));
  CHECK(WilsonShare(3, 3).high == 1);
  for (int n = 1; n < 40; ++n) {
    for (int hits = 0; hits <= n; ++hits) {
      const Share share = WilsonShare(hits, n);
      const double p = static_cast<double>(hits) / n;
      REQUIRE(share.low <= p);
      REQUIRE(p <= share.high);
    }
  }
}

// Reference: the ranks of the sign test's interval, e.g. Conover, Practical Nonparametric
// Statistics, table A3: 1 of 6, 2 of 9, 2 of 10, 6 of 20.
TEST_CASE("a median is bounded by order statistics, from six observations on") {
  CHECK(MedianOf({}).median == std::nullopt);
  const MedianDays five = MedianOf(Closed({5, 1, 4, 2, 3}));
  CHECK(five.median == 3);
  CHECK(five.low == std::nullopt);
  struct Row {
    int n, rank;
  };
  const Row row = GENERATE(Row{6, 1}, Row{8, 1}, Row{9, 2}, Row{10, 2}, Row{11, 2}, Row{12, 3},
                           Row{20, 6}, Row{30, 10});
  std::vector<Observation> observations;
  for (int i = row.n; i >= 1; --i) observations.push_back({i, false});
  const MedianDays days = MedianOf(observations);
  INFO(row.n);
  CHECK(days.low == row.rank);
  CHECK(days.high == row.n + 1 - row.rank);
}

TEST_CASE("what is still open bounds a median from below only") {
  std::vector<Observation> some = Closed({1, 2, 3, 4, 5});
  some.push_back({9, true});
  const MedianDays few = MedianOf(some);
  CHECK(few.median == 3);
  CHECK_FALSE(few.at_least);
  CHECK(few.low == 1);
  CHECK(few.high == std::nullopt);  // the longest of six has no end yet
  std::vector<Observation> many = Closed({1, 2});
  for (int i = 0; i < 6; ++i) many.push_back({10 + i, true});
  const MedianDays most = MedianOf(many);
  CHECK(most.median == 11);
  CHECK(most.at_least);
}

TEST_CASE(
    "a trend is told when eight lines or more agree, and open lines do not count against it") {
  const auto slips = [](std::initializer_list<int> days) {
    std::vector<Slip> all;
    int i = 0;
    for (const int d : days) all.push_back({AddDays(kDay, 30 * i++), {d, false}});
    return all;
  };
  CHECK(TrendOf(slips({1, 2, 3, 4, 5, 6, 7})).trend == Trend::kTooFew);
  const SlipTrend worse = TrendOf(slips({0, 3, 2, 6, 8, 9, 12, 15}));
  CHECK(worse.trend == Trend::kWorse);
  CHECK(worse.days_per_quarter == Approx(6.2).margin(1.0));
  const SlipTrend better = TrendOf(slips({40, 35, 36, 20, 18, 12, 5, 1}));
  CHECK(better.trend == Trend::kBetter);
  CHECK(better.days_per_quarter < 0);
  CHECK(TrendOf(slips({5, 1, 4, 2, 6, 1, 5, 3})).trend == Trend::kNone);
  CHECK(TrendOf(slips({4, 4, 4, 4, 4, 4, 4, 4})).trend == Trend::kNone);
  std::vector<Slip> open = slips({1, 2, 3, 4, 5, 6, 7, 8});
  for (Slip& slip : open) slip.late.open = true;
  CHECK(TrendOf(open).trend == Trend::kNone);
}

TEST_CASE("a line is delivered on the day of its last unit that was not cancelled") {
  OrderLine line = LineOf(100, std::nullopt);
  CHECK(DeliveredOn(line) == std::nullopt);
  Receipt part;
  part.received = AddDays(kDay, -90);
  part.quantity = 6;
  line.receipts.push_back(part);
  CHECK(DeliveredOn(line) == std::nullopt);
  line.cancellations.push_back({kDay, 4, "", 0});
  CHECK(DeliveredOn(line) == AddDays(kDay, -90));
  Receipt surplus = part;
  surplus.received = kDay;
  line.receipts.push_back(surplus);
  CHECK(DeliveredOn(line) == AddDays(kDay, -90));  // what came beyond the order is no delay
}

TEST_CASE("lines whose promise has passed are judged, delivered or not; the others are not") {
  std::vector<Order> orders;
  orders.push_back(OrderOf("ACME", {LineOf(300, 0), LineOf(200, 12), LineOf(10, std::nullopt)}));
  orders.push_back(OrderOf("acme", {LineOf(-30, std::nullopt)}));  // promised for next month
  Order planned = OrderOf("ACME", {LineOf(50, std::nullopt)});
  planned.planned = true;
  orders.push_back(planned);
  orders.push_back(OrderOf("Öko", {LineOf(100, -3)}));
  const std::vector<Punctuality> suppliers = PunctualityOf(orders, kDay);
  REQUIRE(suppliers.size() == 2);
  const Punctuality& acme = suppliers[0];
  CHECK(acme.supplier == "ACME");
  CHECK(acme.orders == 2);
  CHECK(acme.lines == 4);
  CHECK(acme.open_units == 20);
  CHECK(acme.late_lines == 1);
  CHECK(acme.on_time.hits == 1);
  CHECK(acme.on_time.trials == 3);
  CHECK(acme.slip.observations == 3);
  CHECK(acme.slip.median == 10);
  CHECK(acme.slip.at_least);  // the open one may end as the longest
  CHECK(acme.lead_time.observations == 4);
  CHECK(suppliers[1].on_time.hits == 1);
  CHECK(suppliers[1].slip.median == -3);
  CHECK(PunctualityOf({}, kDay).empty());
}

TEST_CASE("a line without a promise, or cancelled before anything came, has no slip") {
  OrderLine unpromised = LineOf(100, 5);
  unpromised.promises.clear();
  OrderLine cancelled = LineOf(100, std::nullopt);
  cancelled.cancellations.push_back({AddDays(kDay, -120), 10, "", 0});
  Order order = OrderOf("ACME", {LineOf(100, 1), unpromised, cancelled});
  const Punctuality supplier = PunctualityOf({order}, kDay).front();
  CHECK(supplier.lines == 3);
  CHECK(supplier.slip.observations == 1);
  CHECK(supplier.lead_time.observations == 2);
}

}  // namespace
}  // namespace parc::procurement
