#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "daemon/filter/match.h"
#include "daemon/filter/parse.h"
#include "daemon/store/where.h"
#include "fmt/format.h"
#include "tests/filter/random_filter.h"
#include "tests/support/scratch_directory.h"

namespace parc::filter {
namespace {

using inventory::FieldId;
using inventory::Resource;
using inventory::Value;
using store::Connection;
using test::Dice;
using test::Record;

std::set<std::int64_t> BySql(Connection& db, const Expression& expression) {
  std::set<std::int64_t> picked;
  const auto where = store::Compile(expression, test::SampleColumns());
  INFO(where.status());
  REQUIRE(where.ok());
  store::Statement select(db, "SELECT id FROM records WHERE " + where->sql);
  const absl::Status status = select.QueryWith(
      [&](const store::Row& row) {
        picked.insert(row.Int(0));
        return absl::OkStatus();
      },
      where->binds);
  INFO(where->sql << "\n" << status);
  REQUIRE(status.ok());
  return picked;
}

std::set<std::int64_t> ByMatcher(const std::vector<Record>& records, const Expression& expression) {
  std::set<std::int64_t> picked;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const bool matches = Match(expression, [&](FieldId field) {
      const auto found = records[i].find(field);
      return found == records[i].end() ? Value() : found->second;
    });
    if (matches) picked.insert(static_cast<std::int64_t>(i));
  }
  return picked;
}

struct Sample {
  explicit Sample(Dice& dice, int size) {
    auto opened = Connection::Open(directory / "records.db", Connection::Mode::kWriter);
    REQUIRE(opened.ok());
    db = *std::move(opened);
    REQUIRE(db->Execute(test::TableOfRecords()).ok());
    REQUIRE(db->Execute("BEGIN").ok());
    for (int i = 0; i < size; ++i) {
      records.push_back(test::RandomRecord(dice));
      REQUIRE(test::InsertRecord(*db, i, records.back()).ok());
    }
    REQUIRE(db->Execute("COMMIT").ok());
  }

  test::ScratchDirectory directory;
  std::unique_ptr<Connection> db;
  std::vector<Record> records;
};

TEST_CASE("SQL and the matcher pick the same records, and both what the words of a filter say") {
  Dice dice(20200312);
  Sample sample(dice, 200);
  int picked_some = 0;
  for (int i = 0; i < 3000; ++i) {
    const Expression expression = test::RandomExpression(dice, 3);
    const std::string text = test::Render(expression, dice);
    INFO(text);
    const auto parsed = Parse(text, Resource::kLaptops);
    INFO(parsed.status());
    REQUIRE(parsed.ok());
    const std::set<std::int64_t> expected = ByMatcher(sample.records, expression);
    REQUIRE(ByMatcher(sample.records, *parsed) == expected);
    REQUIRE(BySql(*sample.db, *parsed) == expected);
    if (!expected.empty() && expected.size() < sample.records.size()) ++picked_some;
  }
  CHECK(picked_some > 1500);  // else the dice prove little
}

TEST_CASE("the deepest and the longest filter that is read also runs") {
  Dice dice(1);
  Sample sample(dice, 10);
  std::string deep = "price = 1";
  for (int i = 1; i < kMaxDepth; ++i) {
    deep = i % 2 == 0 ? "price = 0 AND NOT (" + deep + ")"
                      : "tpm2 = true AND price = 2 OR -(" + deep + ")";
  }
  std::string most = "notes:a";
  for (int i = 1; i < kMaxTerms; ++i) most += i % 2 == 0 ? " OR notes:a" : " AND model:b";
  for (const std::string& text : {deep, most}) {
    INFO(text);
    const auto parsed = Parse(text, Resource::kLaptops);
    INFO(parsed.status());
    REQUIRE(parsed.ok());
    CHECK(BySql(*sample.db, *parsed) == ByMatcher(sample.records, *parsed));
  }
}

TEST_CASE("elements of a list are told apart by SQL as by the matcher") {
  Dice dice(1);
  Sample sample(dice, 0);
  const Record record = {{FieldId::kTags, std::vector<std::string>{"vpn", "loan 2"}}};
  sample.records = {record};
  REQUIRE(test::InsertRecord(*sample.db, 0, record).ok());
  for (const std::string text :
       {"tags:\"vpn\nloan 2\"", "tags:\"n\nl*\"", "tags:\"\"", "tags:\"\n\"", "tags:vp", "tags:vp*",
        "tags:*2", "tags:\"*n 2\"", "tags:\"*\""}) {
    INFO(text);
    const auto parsed = Parse(text, Resource::kLaptops);
    REQUIRE(parsed.ok());
    CHECK(BySql(*sample.db, *parsed) == ByMatcher(sample.records, *parsed));
  }
}

TEST_CASE("a field that a list does not offer is refused by name") {
  const auto parsed = Parse("serial = x", Resource::kLaptops);
  const auto where = store::Compile(*parsed, test::SampleColumns());
  REQUIRE_FALSE(where.ok());
  CHECK_THAT(std::string(where.status().message()), Catch::Contains("serial cannot be asked here"));
}

TEST_CASE("parameters are numbered from where the caller says") {
  const auto where = store::Compile(*Parse("price = 1 AND price = 2", Resource::kLaptops),
                                    test::SampleColumns(), 3);
  REQUIRE(where.ok());
  CHECK_THAT(where->sql, Catch::Contains("?3") && Catch::Contains("?4") && !Catch::Contains("?1"));
  CHECK(where->binds.size() == 2);
}

}  // namespace
}  // namespace parc::filter
