#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "daemon/filter/parse.h"
#include "daemon/inventory/reason.h"
#include "daemon/store/where.h"
#include "fmt/format.h"
#include "tests/filter/random_filter.h"
#include "tests/support/scratch_directory.h"

namespace parc::store {
namespace {

using inventory::FieldId;
using inventory::Resource;

struct Listed {
  explicit Listed(int size) {
    auto opened = Connection::Open(directory / "records.db", Connection::Mode::kWriter);
    REQUIRE(opened.ok());
    db = *std::move(opened);
    test::Dice dice(7);
    REQUIRE(db->Execute(test::TableOfRecords()).ok());
    REQUIRE(db->Execute("BEGIN").ok());
    for (int i = 0; i < size; ++i) {
      // Ids in an order of their own, so that insertion and id order differ.
      REQUIRE(test::InsertRecord(*db, (i * 37) % size + 1, test::RandomRecord(dice)).ok());
    }
    REQUIRE(db->Execute("COMMIT").ok());
  }

  ListPlan Plan(const std::string& order, int page_size) const {
    ListPlan plan;
    plan.columns = "id";
    plan.from = "records";
    plan.id = "id";
    plan.where = {"1", {}};
    plan.order = *filter::ParseOrder(order, Resource::kLaptops);
    plan.map = &test::SampleColumns();
    plan.page_size = page_size;
    return plan;
  }

  absl::StatusOr<ListResult> Run(const ListPlan& plan, std::vector<std::int64_t>& ids) const {
    return RunList(*db, plan, [&](const Row& row) {
      ids.push_back(row.Int(0));
      return absl::OkStatus();
    });
  }

  // All ids, page by page.
  std::vector<std::int64_t> Walk(ListPlan plan) const {
    std::vector<std::int64_t> ids;
    for (int pages = 0; pages < 1000; ++pages) {
      const std::size_t before = ids.size();
      const auto result = Run(plan, ids);
      INFO(result.status());
      REQUIRE(result.ok());
      CHECK(ids.size() - before <= static_cast<std::size_t>(plan.page_size));
      if (result->next_cursor.empty()) return ids;
      CHECK(ids.size() - before == static_cast<std::size_t>(plan.page_size));
      plan.cursor = result->next_cursor;
    }
    FAIL("the list never ends");
    return ids;
  }

  test::ScratchDirectory directory;
  std::unique_ptr<Connection> db;
};

TEST_CASE("pages lose no row and double none, under every order and with absent values") {
  const Listed listed(97);
  const std::string order =
      GENERATE("model", "model desc", "notes desc, price", "state, purchase_date desc", "price",
               "price desc", "purchase_date", "os.version", "os.version desc, model",
               "last_seen desc", "tpm2 desc, state desc, price desc, model desc");
  INFO(order);
  std::vector<std::int64_t> whole;
  REQUIRE(listed.Run(listed.Plan(order, 1000), whole).ok());
  REQUIRE(whole.size() == 97);
  REQUIRE(std::set<std::int64_t>(whole.begin(), whole.end()).size() == 97);
  for (const int page_size : {1, 2, 7, 96, 97, 98}) {
    INFO(page_size);
    CHECK(listed.Walk(listed.Plan(order, page_size)) == whole);
  }
}

TEST_CASE("absent values come last in either direction") {
  const Listed listed(50);
  for (const std::string direction : {"", " desc"}) {
    std::vector<bool> absent;
    ListPlan plan = listed.Plan("price" + direction, 1000);
    plan.columns = test::SampleColumns().at(FieldId::kPrice).sql;
    REQUIRE(RunList(*listed.db, plan, [&](const Row& row) {
              absent.push_back(row.IsNull(0));
              return absl::OkStatus();
            }).ok());
    CHECK(std::is_sorted(absent.begin(), absent.end()));
    CHECK(absent.back());
    CHECK_FALSE(absent.front());
  }
}

TEST_CASE("the total counts every match, on every page") {
  const Listed listed(60);
  const auto where =
      Compile(*filter::Parse("price:* AND tpm2 = true", Resource::kLaptops), test::SampleColumns());
  ListPlan plan = listed.Plan("model", 4);
  plan.where = *where;
  std::vector<std::int64_t> ids;
  const auto first = listed.Run(plan, ids);
  REQUIRE(first.ok());
  plan.cursor = first->next_cursor;
  const auto second = listed.Run(plan, ids);
  REQUIRE(second.ok());
  CHECK(first->total == second->total);
  plan.cursor.clear();
  CHECK(static_cast<std::int64_t>(listed.Walk(plan).size()) == first->total);
  CHECK(first->total > 8);
}

TEST_CASE("rows that come and go between pages disturb no other row") {
  const Listed listed(40);
  ListPlan plan = listed.Plan("model", 10);
  std::vector<std::int64_t> ids;
  const auto first = listed.Run(plan, ids);
  REQUIRE(first.ok());
  // One row that was shown goes, one comes that sorts before all others.
  const std::string model = test::SampleColumns().at(FieldId::kModel).sql;
  REQUIRE(listed.db->Execute(fmt::format("DELETE FROM records WHERE id = {}", ids.front())).ok());
  REQUIRE(
      listed.db->Execute(fmt::format("INSERT INTO records(id, {}) VALUES(1000, '')", model)).ok());
  plan.cursor = first->next_cursor;
  const std::vector<std::int64_t> rest = listed.Walk(plan);
  ids.insert(ids.end(), rest.begin(), rest.end());
  CHECK(std::set<std::int64_t>(ids.begin(), ids.end()).size() == ids.size());
  CHECK(ids.size() >= 40);
}

TEST_CASE("a cursor of another list, or of nobody, is refused") {
  const Listed listed(10);
  std::vector<std::int64_t> ids;
  const auto by_model = listed.Run(listed.Plan("model", 3), ids);
  REQUIRE(by_model.ok());
  ListPlan plan = listed.Plan("model, price", 3);
  for (const std::string& cursor :
       {by_model->next_cursor, std::string("x"), std::string("t99:abc"), std::string("t-1:"),
        std::string("i12"), std::string("i;"), std::string("nnnn"), std::string("\0", 1),
        std::string("t99999999999999999999:x")}) {
    INFO(cursor);
    plan.cursor = cursor;
    const auto refused = listed.Run(plan, ids);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(ReasonOf(refused.status()) == "BAD_PAGE_TOKEN");
  }
}

TEST_CASE("a count looks up only what its filter names, and what that is joined on") {
  const std::string from =
      "(SELECT * FROM laptop_versions WHERE known_from <= 1) l LEFT JOIN people h ON h.id = "
      "l.holder "
      "LEFT JOIN order_lines ol ON ol.id = l.order_line LEFT JOIN orders o ON o.id = ol.order_id";
  const std::string base = "(SELECT * FROM laptop_versions WHERE known_from <= 1) l";
  CHECK(OnlyJoinsOf(from, "1") == base);
  CHECK(OnlyJoinsOf(from, "l.state = ?1") == base);
  CHECK(OnlyJoinsOf(from, "fold(h.name) = ?1") == base + " LEFT JOIN people h ON h.id = l.holder");
  CHECK(OnlyJoinsOf(from, "o.reference IS NOT NULL") ==
        base +
            " LEFT JOIN order_lines ol ON ol.id = l.order_line LEFT JOIN orders o ON o.id = "
            "ol.order_id");
  CHECK(OnlyJoinsOf(from, "h.id = 1 AND o.id = 1") == from);
  CHECK(OnlyJoinsOf("sites s", "1") == "sites s");
}

TEST_CASE("an order by a field that the list does not have is refused by name") {
  const Listed listed(1);
  std::vector<std::int64_t> ids;
  const auto refused = listed.Run(listed.Plan("serial", 3), ids);
  REQUIRE_FALSE(refused.ok());
  CHECK(ReasonOf(refused.status()) == "BAD_ORDER");
  CHECK_THAT(std::string(refused.status().message()), Catch::Contains("serial"));
}

}  // namespace
}  // namespace parc::store
