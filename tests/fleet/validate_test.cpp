#include "daemon/fleet/validate.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "daemon/inventory/reason.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using fleet::CheckName;
using fleet::CheckText;
using inventory::Laptop;
using inventory::Money;
using procurement::Order;
using procurement::OrderLine;

TEST_CASE("names that become part of a resource name hold safe signs only") {
  for (const std::string good : {"a", "P-00142", "jean.dupont@region.fr", "A_1"})
    CHECK(CheckName(good, "id").ok());
  for (const std::string bad : {"", "a b", "a/b", "é", "a\n", "..%2F", "<x>", "a;b"}) {
    INFO(bad);
    CHECK(Refusal(CheckName(bad, "id")) == "INVALID_ARGUMENT BAD_NAME");
    CHECK(FieldOf(CheckName(bad, "id")) == "id");
  }
  CHECK(CheckName(std::string(64, 'a'), "id").ok());
  CHECK_FALSE(CheckName(std::string(65, 'a'), "id").ok());
}

TEST_CASE("texts hold no control characters, those that terminals obey included") {
  for (const std::string good : {"", "Orléans", "日本", "\xC2\xA0"})
    CHECK(CheckText(good, "name").ok());
  for (const std::string lines : {"two\nlines", "a\tb"}) {
    CHECK(Refusal(CheckText(lines, "name")) == "INVALID_ARGUMENT BAD_TEXT");
    CHECK(CheckText(lines, "notes", 256, fleet::Lines::kMany).ok());
  }
  for (const std::string& bad :
       {std::string("a\x1B[2J"), std::string("a\0b", 3), std::string("\x7F"), std::string("\r"),
        std::string("\xC2\x9B"
                    "31m"),
        std::string("\x1E"), std::string("\x1F"), std::string(257, 'a'),
        std::string("\u202Eexe.txt"), std::string("a\u2066b"), std::string("\u2028"),
        std::string("\u200F"), std::string("\u061C"), std::string("half \xC3")}) {
    CHECK(Refusal(CheckText(bad, "name")) == "INVALID_ARGUMENT BAD_TEXT");
    CHECK(Refusal(CheckText(bad, "notes", 256, fleet::Lines::kMany)) ==
          "INVALID_ARGUMENT BAD_TEXT");
  }
}

TEST_CASE("a laptop that cannot be right is refused by the path of its field") {
  struct Row {
    std::function<void(Laptop&)> spoil;
    std::string refusal;
    std::string field;
  };
  const std::vector<Row> rows = {
      {[](Laptop&) {}, "OK", ""},
      {[](Laptop& l) { l.asset_tag = ""; }, "INVALID_ARGUMENT BAD_NAME", "asset_tag"},
      {[](Laptop& l) { l.serial = "Default string"; }, "INVALID_ARGUMENT BAD_SERIAL", "serial"},
      {[](Laptop& l) { l.serial = std::string(65, 'a'); }, "INVALID_ARGUMENT BAD_TEXT", "serial"},
      {[](Laptop& l) {
         l.price = Money{1'000'000'000'001, "EUR"};
       },
       "INVALID_ARGUMENT OUT_OF_RANGE", "price"},
      {[](Laptop& l) {
         l.price = Money{INT64_MAX, "EUR"};
       },
       "INVALID_ARGUMENT OUT_OF_RANGE", "price"},
      {[](Laptop& l) {
         l.price = Money{-1, "EUR"};
       },
       "INVALID_ARGUMENT OUT_OF_RANGE", "price"},
      {[](Laptop& l) {
         l.price = Money{1, "€€"};
       },
       "INVALID_ARGUMENT BAD_CURRENCY", "price"},
      {[](Laptop& l) {
         l.price = Money{1, "eur"};
       },
       "INVALID_ARGUMENT BAD_CURRENCY", "price"},
      {[](Laptop& l) {
         l.price = Money{1, ""};
       },
       "INVALID_ARGUMENT BAD_CURRENCY", "price"},
      {[](Laptop& l) {
         l.tags = {"a", ""};
       },
       "INVALID_ARGUMENT BAD_TEXT", "tags"},
      {[](Laptop& l) { l.tags = {"a\nb"}; }, "INVALID_ARGUMENT BAD_TEXT", "tags"},
      {[](Laptop& l) { l.tags = std::vector<std::string>(33, "x"); },
       "INVALID_ARGUMENT OUT_OF_RANGE", "tags"},
      {[](Laptop& l) { l.notes = std::string(4096, 'a'); }, "OK", ""},
      {[](Laptop& l) { l.notes = std::string(4097, 'a'); }, "INVALID_ARGUMENT BAD_TEXT", "notes"},
      {[](Laptop& l) {
         l.extra = {{"Étage", "3\x1E"}};
       },
       "INVALID_ARGUMENT BAD_TEXT", "Étage"},
  };
  for (const Row& row : rows) {
    Laptop laptop = LaptopOf("A-1", "PF0ABCDE");
    row.spoil(laptop);
    const absl::Status status = fleet::CheckLaptop(laptop);
    INFO(status);
    CHECK(Refusal(status) == row.refusal);
    CHECK(FieldOf(status) == row.field);
  }
}

TEST_CASE("an order that cannot be right is refused by the path of its field") {
  struct Row {
    std::function<void(Order&)> spoil;
    std::string reason;
    std::string field;
  };
  const std::vector<Row> rows = {
      {[](Order&) {}, "", ""},
      {[](Order& o) { o.reference = "A/1"; }, "BAD_NAME", "reference"},
      {[](Order& o) { o.supplier = ""; }, "BAD_TEXT", "supplier"},
      {[](Order& o) { o.lines.clear(); }, "OUT_OF_RANGE", "lines"},
      {[](Order& o) { o.lines[1].quantity = -1; }, "OUT_OF_RANGE", "lines[1].quantity"},
      {[](Order& o) { o.lines[0].quantity = 0; }, "OUT_OF_RANGE", "lines[0].quantity"},
      {[](Order& o) { o.lines[0].quantity = 100'001; }, "OUT_OF_RANGE", "lines[0].quantity"},
      {[](Order& o) { o.lines[0].line = 0; }, "OUT_OF_RANGE", "lines[0].line"},
      {[](Order& o) { o.lines[1].line = 1; }, "OUT_OF_RANGE", "lines[1].line"},
      {[](Order& o) { o.lines[0].model = ""; }, "BAD_TEXT", "lines[0].model"},
      {[](Order& o) {
         o.lines[0].unit_price = Money{1'000'000'000'000'000'000, "EUR"};
       },
       "OUT_OF_RANGE", "lines[0].unit_price"},
      {[](Order& o) {
         o.lines[0].unit_price = Money{1, "€€"};
       },
       "BAD_CURRENCY", "lines[0].unit_price"},
  };
  for (const Row& row : rows) {
    Order order;
    order.reference = "CMD-1";
    order.supplier = "ACME";
    for (int number = 1; number <= 2; ++number) {
      OrderLine line;
      line.line = number;
      line.model = "Latitude";
      line.quantity = 10;
      order.lines.push_back(line);
    }
    row.spoil(order);
    const absl::Status status = fleet::CheckOrder(order);
    INFO(status);
    CHECK(status.ok() == row.reason.empty());
    if (!status.ok()) CHECK(ReasonOf(status) == row.reason);
    CHECK(FieldOf(status) == row.field);
  }
}

TEST_CASE("a person that cannot be right is refused by the path of its field") {
  inventory::Person person = PersonOf("p-1");
  CHECK(fleet::CheckPerson(person).ok());
  person.tier = 5;
  CHECK(FieldOf(fleet::CheckPerson(person)) == "tier");
  person.tier = 1;
  person.start = Day("2020-03-12");
  person.end = Day("2020-03-11");
  CHECK(FieldOf(fleet::CheckPerson(person)) == "end_date");
  person.end.reset();
  person.population = "";
  CHECK(FieldOf(fleet::CheckPerson(person)) == "population");
}

}  // namespace
}  // namespace parc::test
