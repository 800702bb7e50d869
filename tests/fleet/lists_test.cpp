#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "daemon/filter/parse.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using fleet::Change;
using fleet::ListQuery;
using fleet::View;
using inventory::Field;
using inventory::Kind;
using inventory::Laptop;
using inventory::LaptopState;
using inventory::Resource;

struct SmallFleet : ScratchFleet {
  SmallFleet() {
    effective = Day("2020-03-01");
    AddSite(*this, "ORL", "Orléans");
    AddSite(*this, "CHR", "Chartres");
    for (int i = 1; i <= 9; ++i) {
      inventory::Person person = PersonOf(fmt::format("p-{}", i), i % 3 == 0 ? "Élus" : "Siège");
      person.tier = 1 + i % 4;
      if (i != 5) person.site = i % 2 == 0 ? "ORL" : "CHR";
      AddPerson(*this, person);
      Laptop laptop = LaptopOf(fmt::format("A-{}", i), fmt::format("SN7X{}", i * 1117));
      laptop.state = i % 2 == 0 ? LaptopState::kInStock : LaptopState::kPrepared;
      laptop.site = i % 3 == 0 ? "ORL" : i % 3 == 1 ? "CHR" : "";
      if (i > 4) laptop.price = inventory::Money{i * 100'000'000, "EUR"};
      if (i % 4 == 0) laptop.tags = {"loan"};
      REQUIRE(Do([&](Change& change) { return change.CreateLaptop(laptop); }).ok());
    }
    REQUIRE(Assign(*this, "A-1", "p-1").ok());
    REQUIRE(Assign(*this, "A-3", "p-3").ok());
    effective.reset();
  }

  // Asset tags, in order, or the refusal.
  std::string Laptops(const std::string& filter, const std::string& order = "",
                      inventory::Moment moment = {}) {
    ListQuery query;
    query.filter = filter;
    query.order_by = order;
    query.moment = moment;
    const auto page = view().ListLaptops(query, {});
    if (!page.ok()) return Refusal(page.status());
    std::string tags;
    for (const auto& row : page->items) tags += row.laptop.asset_tag + " ";
    CHECK(page->total == static_cast<std::int64_t>(page->items.size()));
    return tags;
  }
  std::string People(const std::string& filter) {
    ListQuery query;
    query.filter = filter;
    const auto page = view().ListPeople(query);
    if (!page.ok()) return Refusal(page.status());
    std::string ids;
    for (const auto& person : page->items) ids += person.id + " ";
    return ids;
  }
};

TEST_CASE("laptops are picked by what they are, where they are and who holds them") {
  SmallFleet fleet;
  struct Row {
    std::string filter;
    std::string laptops;
  };
  const std::vector<Row> rows = {
      {"", "A-1 A-2 A-3 A-4 A-5 A-6 A-7 A-8 A-9 "},
      {"asset_tag = a-4", "A-4 "},
      {"asset_tag = A-*", "A-1 A-2 A-3 A-4 A-5 A-6 A-7 A-8 A-9 "},
      {"asset_tag != A-4 AND asset_tag < a-6", "A-1 A-2 A-3 A-5 "},
      {"state = ASSIGNED", "A-1 A-3 "},
      {"state = PREPARED AND site = \"Orléans\"", "A-9 "},
      {"site = orleans", "A-3 A-6 A-9 "},
      {"site = ORL", "A-3 A-6 A-9 "},  // by code
      {"site != ORL", "A-1 A-4 A-7 "},
      {"site != Orléans", "A-1 A-4 A-7 "},
      {"NOT site = ORL", "A-1 A-2 A-4 A-5 A-7 A-8 "},
      {"site:*", "A-1 A-3 A-4 A-6 A-7 A-9 "},
      {"site = O*", "A-3 A-6 A-9 "},
      {"price > 700", "A-8 A-9 "},
      {"NOT price:*", "A-1 A-2 A-3 A-4 "},
      {"tags:loan", "A-4 A-8 "},
      {"holder = p-1", "A-1 "},
      {"holder.name:p-3", "A-3 "},
      {"holder.population = élus", "A-3 "},
      {"holder.tier = 2", "A-1 "},
      {"readiness = UNKNOWN AND state = ASSIGNED", "A-1 A-3 "},
      {"readiness = READY", ""},
      {"p-3", "A-3 "},
      {"sn7x1117", "A-1 "},
      {"state_since = 2020-03-01 AND state = ASSIGNED", "A-1 A-3 "},
      {"currency = EUR price < 600", "A-5 "},
  };
  for (const Row& row : rows) {
    INFO(row.filter);
    CHECK(fleet.Laptops(row.filter) == row.laptops);
  }
}

TEST_CASE("people are picked by what they need and hold") {
  SmallFleet fleet;
  CHECK(fleet.People("equipped = true") == "p-1 p-3 ");
  CHECK(fleet.People("tier = 1 AND NOT equipped = true") == "p-4 p-8 ");
  CHECK(fleet.People("site = chr") == "p-1 p-3 p-7 p-9 ");
  CHECK(fleet.People("NOT site:*") == "p-5 ");
  CHECK(fleet.People("id = P-7") == "p-7 ");
  CHECK(fleet.People("population = Elus") == "p-3 p-6 p-9 ");
}

TEST_CASE("lists are seen as of any day") {
  SmallFleet fleet;
  fleet.effective = Day("2020-03-12");
  REQUIRE(Assign(fleet, "A-5", "p-5").ok());
  CHECK(fleet.Laptops("state = ASSIGNED", "", {.as_of = Day("2020-03-11"), .known_at = {}}) ==
        "A-1 A-3 ");
  CHECK(fleet.Laptops("state = ASSIGNED", "", {.as_of = Day("2020-03-12"), .known_at = {}}) ==
        "A-1 A-3 A-5 ");
  CHECK(fleet.Laptops("holder = p-5", "", {.as_of = Day("2020-03-12"), .known_at = {}}) == "A-5 ");
  CHECK(fleet.Laptops("readiness = UNKNOWN", "asset_tag desc",
                      {.as_of = Day("2020-03-12"), .known_at = {}}) ==
        "A-9 A-8 A-7 A-6 A-5 A-4 A-3 A-2 A-1 ");
  CHECK(fleet.Laptops("", "", {.as_of = Day("2020-02-29"), .known_at = {}}).empty());
  ListQuery equipped;
  equipped.filter = "equipped = true";
  equipped.moment.as_of = Day("2020-03-11");
  CHECK(fleet.view().ListPeople(equipped)->total == 2);
  equipped.moment.as_of = Day("2020-03-12");
  const auto people = fleet.view().ListPeople(equipped);
  REQUIRE(people->total == 3);
  CHECK(people->items.back().laptops == std::vector<std::string>{"A-5"});
}

TEST_CASE("laptops come in the order that is asked for") {
  SmallFleet fleet;
  CHECK(fleet.Laptops("price:*", "price desc") == "A-9 A-8 A-7 A-6 A-5 ");
  CHECK(fleet.Laptops("", "holder.name desc, asset_tag desc") ==
        "A-3 A-1 A-9 A-8 A-7 A-6 A-5 A-4 A-2 ");
  CHECK(fleet.Laptops("", "asset_tag desc") == "A-9 A-8 A-7 A-6 A-5 A-4 A-3 A-2 A-1 ");
  CHECK(fleet.Laptops("", "tags") == "INVALID_ARGUMENT BAD_ORDER");
  CHECK(fleet.Laptops("", "colour") == "INVALID_ARGUMENT BAD_ORDER");
}

TEST_CASE("pages of laptops lose none and double none, in every order") {
  SmallFleet fleet;
  const std::string order =
      GENERATE("", "asset_tag desc", "site, price", "price desc", "holder", "state, site desc");
  const inventory::Moment moment =
      GENERATE(inventory::Moment{}, inventory::Moment{Day("2020-03-10"), {}});
  const std::string whole = fleet.Laptops("", order, moment);
  for (const int page_size : {1, 2, 4, 9}) {
    std::string walked;
    ListQuery query;
    query.order_by = order;
    query.page_size = page_size;
    query.moment = moment;
    int pages = 0;
    do {
      const auto page = fleet.view().ListLaptops(query, {});
      REQUIRE(page.ok());
      CHECK(page->total == 9);
      CHECK(page->page_size == page_size);
      for (const auto& row : page->items) walked += row.laptop.asset_tag + " ";
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty() && ++pages < 20);
    INFO(order << " by " << page_size);
    CHECK(walked == whole);
  }
}

TEST_CASE("page sizes are refused, given or coerced, and the one in force is told") {
  SmallFleet fleet;
  ListQuery query;
  query.page_size = -1;
  CHECK(Refusal(fleet.view().ListLaptops(query, {}).status()) == "INVALID_ARGUMENT BAD_PAGE_SIZE");
  CHECK(Refusal(fleet.view().LaptopHistory("A-1", query).status()) ==
        "INVALID_ARGUMENT BAD_PAGE_SIZE");
  query.page_size = 0;
  CHECK(fleet.view().ListLaptops(query, {})->page_size == fleet::kDefaultPageSize);
  query.page_size = 1'000'000;
  CHECK(fleet.view().ListLaptops(query, {})->page_size == fleet::kMaxPageSize);
  query.cursor = "forged";
  CHECK(Refusal(fleet.view().ListLaptops(query, {}).status()) == "INVALID_ARGUMENT BAD_PAGE_TOKEN");
}

TEST_CASE("fields asked for come with the rows; unknown ones are refused") {
  SmallFleet fleet;
  REQUIRE(fleet.store
              .Write("INSERT INTO facts(laptop, sections, os_name, tpm2, vpn_clients) "
                     "SELECT id, '', 'Debian', 1, char(10) || 'openvpn' || char(10) FROM laptops "
                     "WHERE asset_tag = 'A-1'")
              .ok());
  ListQuery query;
  query.filter = "os.name = debian";
  const auto page =
      fleet.view().ListLaptops(query, {"os.name", "tpm2", "vpn.clients", "os.kernel"});
  INFO(page.status());
  REQUIRE(page.ok());
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].facts == std::map<std::string, std::string>{{"os.name", "Debian"},
                                                                   {"tpm2", "true"},
                                                                   {"vpn.clients", "openvpn"}});
  CHECK(Refusal(fleet.view().ListLaptops(query, {"os.colour"}).status()) ==
        "INVALID_ARGUMENT BAD_FIELD");
  CHECK(Refusal(fleet.view().ListLaptops(query, {"os.name", "os.name"}).status()) ==
        "INVALID_ARGUMENT BAD_FIELD");
  CHECK(Refusal(
            fleet.view().ListLaptops(query, std::vector<std::string>(3000, "os.name")).status()) ==
        "INVALID_ARGUMENT BAD_FIELD");
}

// Facts, and what else is known for now only.
bool KeptForNowOnly(const Field& field) {
  static const std::set<std::string_view> kAlso = {"last_seen",
                                                   "agent.version",
                                                   "vpn.certificate.days_left",
                                                   "vpn.certificate.age_days",
                                                   "os.support_days_left",
                                                   "updates.age_days",
                                                   "vpn.ca.days_left",
                                                   "vpn.crl.days_left",
                                                   "vpn.gateway.certificate.days_left",
                                                   "antivirus.age_days",
                                                   "updates.security_age_days",
                                                   "agent.certificate.days_left",
                                                   "agent.certificate.renewal_late_days"};
  return field.resource == Resource::kLaptops &&
         (field.section != inventory::Section::kNone || kAlso.contains(field.name));
}

TEST_CASE("what is known for now only is in no answer about the past") {
  SmallFleet fleet;
  REQUIRE(fleet.store
              .Write("INSERT INTO facts(laptop, sections, os_name) "
                     "SELECT id, '', 'Debian' FROM laptops WHERE asset_tag = 'A-1'")
              .ok());
  const inventory::Moment past{.as_of = Day("2020-03-12"), .known_at = {}};
  const auto row = fleet.view().GetLaptop("A-1", past);
  REQUIRE(row.ok());
  CHECK(row->facts.empty());
  CHECK_FALSE(row->last_seen.has_value());
  CHECK(fleet.view().GetLaptop("A-1", {})->facts.at("os.name") == "Debian");
  ListQuery query;
  query.moment = past;
  CHECK(fleet.view().ListLaptops(query, {"model", "readiness"}).ok());
  const auto refused = fleet.view().ListLaptops(query, {"os.name"}).status();
  CHECK(Refusal(refused) == "INVALID_ARGUMENT NOT_KEPT");
  CHECK(FieldOf(refused) == "fields");
  query.moment = {.as_of = {}, .known_at = fleet.clock.now()};
  query.order_by = "last_seen desc";
  CHECK(Refusal(fleet.view().ListLaptops(query, {}).status()) == "INVALID_ARGUMENT NOT_KEPT");
  query.moment = {.as_of = fleet.clock.today(), .known_at = {}};  // today is not past
  CHECK(fleet.view().ListLaptops(query, {"os.name"}).ok());
}

// A test of `field` that is read, whatever its kind.
std::string AnyTest(const Field& field) {
  switch (field.kind) {
    case Kind::kText:
    case Kind::kVersion:
      return fmt::format("{} = x*", field.name);
    case Kind::kInt:
      return fmt::format("{} > 1", field.name);
    case Kind::kBool:
      return fmt::format("{} = true", field.name);
    case Kind::kDate:
    case Kind::kTime:
      return fmt::format("{} < 2020-01-01", field.name);
    case Kind::kEnum:
      return fmt::format("{} = {}", field.name, inventory::EnumValues(field.id).front());
    case Kind::kList:
      return fmt::format("{}:x", field.name);
  }
  return {};
}

absl::Status RunFilter(View& view, Resource resource, const ListQuery& query) {
  switch (resource) {
    case Resource::kLaptops:
      return view.ListLaptops(query, {}).status();
    case Resource::kPeople:
      return view.ListPeople(query).status();
    case Resource::kSites:
      return view.ListSites(query).status();
    case Resource::kOrders:
      return view.ListOrders(query).status();
    case Resource::kDevices:
      return absl::OkStatus();  // has its own tests
  }
  return absl::OkStatus();
}

TEST_CASE(
    "every field of the catalogue can be asked for, ordered by, and nested as deep as is read") {
  ScratchFleet fleet;
  for (const bool past : {false, true}) {
    for (const Field& field : inventory::Fields()) {
      ListQuery query;
      if (past) query.moment.as_of = Day("2020-03-01");
      query.filter = fmt::format("{} AND NOT {}:*", AnyTest(field), field.name);
      if (field.kind != Kind::kList) query.order_by = fmt::format("{} desc", field.name);
      INFO(query.filter);
      const absl::Status plain = RunFilter(fleet.view(), field.resource, query);
      INFO(plain);
      if (past && KeptForNowOnly(field)) {
        CHECK(Refusal(plain) == "INVALID_ARGUMENT NOT_KEPT");
        continue;
      }
      CHECK(plain.ok());

      const std::string test = AnyTest(field);
      std::string deep = test;
      for (int i = 1; i < filter::kMaxDepth; ++i)
        deep = fmt::format("{0} AND {0} OR NOT ({1})", test, deep);
      query.filter = deep;
      const absl::Status nested = RunFilter(fleet.view(), field.resource, query);
      INFO(nested);
      CHECK(nested.ok());
    }
  }
}

}  // namespace
}  // namespace parc::test
