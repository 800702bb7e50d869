#include <catch2/catch.hpp>
#include <vector>

#include "daemon/access/api_tokens.h"
#include "daemon/access/tokens.h"
#include "daemon/fleet/view.h"
#include "daemon/inventory/reason.h"
#include "tests/access/device_support.h"

namespace parc::access {

namespace {

// Three laptops: LT-1 with a live device that has made contact, LT-2 with a revoked one, LT-3 with
// none.
struct Fleet {
  Fleet() {
    const std::int64_t first = world.AddLaptop("LT-1", "PF0ABCDE");
    world.AddLaptop("LT-2", "7XQ2W13");
    world.AddLaptop("LT-3", "");
    live = world.EnrolAt("LT-1", LaptopKey());
    world.now += kDay;
    revoked = world.EnrolAt("LT-2", LaptopKey());
    REQUIRE(world.Revoke(revoked.device_id, "broken").ok());
    Contact(first, 1, kNoon + kHour);
    view.Begin({.now = world.now, .today = {}, .zone = "Europe/Paris", .stale_after = 0});
  }

  void Contact(std::int64_t laptop, std::int64_t device, std::int64_t when) {
    REQUIRE(world.database->writer()
                .Execute("INSERT INTO contacts(laptop, device, last_seen, report_seq) VALUES(" +
                         std::to_string(laptop) + ", " + std::to_string(device) + ", " +
                         std::to_string(when) +
                         ", 7); INSERT INTO facts(laptop, sections, agent_version) VALUES(" +
                         std::to_string(laptop) + ", '', '0.10.0')")
                .ok());
  }

  std::vector<std::string> Laptops(const std::string& filter, const std::string& order = "") {
    fleet::ListQuery query;
    query.filter = filter;
    query.order_by = order;
    const auto page = view.ListDevices(query);
    INFO(filter << ": " << page.status().ToString());
    REQUIRE(page.ok());
    std::vector<std::string> laptops;
    for (const fleet::DeviceRow& row : page->items) laptops.push_back(row.laptop);
    CHECK(page->total == static_cast<std::int64_t>(laptops.size()));
    return laptops;
  }

  AccessWorld world;
  EnrolAnswer live;
  EnrolAnswer revoked;
  fleet::View view{world.database->writer()};
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a device is shown with its laptop, its certificate and its last contact") {
  Fleet fleet;
  const auto live = fleet.view.GetDevice(fleet.live.device_id);
  REQUIRE(live.ok());
  CHECK(*live == fleet::DeviceRow{.id = fleet.live.device_id,
                                  .laptop = "LT-1",
                                  .state = "ACTIVE",
                                  .enrolled = kNoon,
                                  .certificate_expires = fleet.live.certificate.not_after,
                                  .last_seen = kNoon + kHour,
                                  .agent_version = "0.10.0",
                                  .report_seq = 7,
                                  .revoked = std::nullopt,
                                  .revoke_reason = "",
                                  .quarantine = ""});
  const auto revoked = fleet.view.GetDevice(fleet.revoked.device_id);
  REQUIRE(revoked.ok());
  CHECK(revoked->state == "REVOKED");
  CHECK(revoked->revoke_reason == "broken");
  CHECK(revoked->revoked == kNoon + kDay);
  CHECK_FALSE(revoked->last_seen.has_value());
  CHECK(revoked->agent_version == "0.1.0");  // as it enrolled
  CHECK(ReasonOf(fleet.view.GetDevice("nonsense").status()) == "DEVICE_NOT_FOUND");
}

TEST_CASE("a device is not shown with the contact of its predecessor") {
  Fleet fleet;
  const auto again =
      fleet.world.Enrol(CallOf(LaptopKey(), fleet.world.Token(Wish("LT-1", "", 1, 0, true))));
  REQUIRE(again->outcome == EnrolOutcome::kIssued);
  CHECK_FALSE(fleet.view.GetDevice(again->device_id)->last_seen.has_value());
  CHECK(fleet.view.GetDevice(fleet.live.device_id)->state == "REPLACED");
  CHECK(fleet.view.GetDevice(fleet.live.device_id)->last_seen == kNoon + kHour);
}

TEST_CASE("devices are asked by every field of the catalogue") {
  Fleet fleet;
  REQUIRE(fleet.world.database->writer()
              .Execute("UPDATE devices SET quarantine = 'another serial' WHERE id = 2")
              .ok());
  CHECK(fleet.Laptops("") == Names{"LT-1", "LT-2"});
  CHECK(fleet.Laptops("", "laptop desc") == Names{"LT-2", "LT-1"});
  CHECK(fleet.Laptops("state = ACTIVE") == Names{"LT-1"});
  CHECK(fleet.Laptops("state != ACTIVE") == Names{"LT-2"});
  CHECK(fleet.Laptops("laptop = \"lt-*\"") == Names{"LT-1", "LT-2"});
  CHECK(fleet.Laptops("id = \"" + fleet.live.device_id + "\"") == Names{"LT-1"});
  CHECK(fleet.Laptops("agent.version > 0.9.0") == Names{"LT-1"});
  CHECK(fleet.Laptops("agent.version < 0.9.0") == Names{"LT-2"});
  CHECK(fleet.Laptops("last_seen:*") == Names{"LT-1"});
  CHECK(fleet.Laptops("enrolled > 2026-03-02T00:00:00Z") == Names{"LT-2"});
  CHECK(fleet.Laptops("certificate.expires < 2026-05-01T00:00:00Z") == Names{"LT-1"});
  CHECK(fleet.Laptops("quarantined = true") == Names{"LT-2"});
  CHECK(fleet.Laptops("", "certificate.expires desc, enrolled") == Names{"LT-2", "LT-1"});
}

TEST_CASE("a list of devices comes in pages") {
  Fleet fleet;
  fleet::ListQuery query;
  query.page_size = 1;
  const auto first = fleet.view.ListDevices(query);
  REQUIRE(first->items.size() == 1);
  CHECK(first->total == 2);
  CHECK(first->page_size == 1);
  query.cursor = first->next_cursor;
  const auto second = fleet.view.ListDevices(query);
  REQUIRE(second->items.size() == 1);
  CHECK(second->items.front().laptop == "LT-2");
  CHECK(second->next_cursor.empty());
}

TEST_CASE("enrolment tokens are listed newest first, without anything secret") {
  Fleet fleet;
  const std::string text = fleet.world.Token(Wish("", " 7xq2w13 "));
  const std::string id = ParseToken(TokenKind::kEnrolment, text)->id;
  REQUIRE(fleet.world.changes->RevokeEnrolmentToken(id, fleet.world.now + 5).ok());

  fleet::ListQuery query;
  query.page_size = 2;
  const auto page = fleet.view.ListEnrolmentTokens(query);
  REQUIRE(page.ok());
  REQUIRE(page->items.size() == 2);
  CHECK(page->total == 3);
  CHECK(page->items[0] == fleet::EnrolmentTokenRow{.id = id,
                                                   .laptop = "",
                                                   .serial = "7XQ2W13",
                                                   .max_uses = 1,
                                                   .uses = 0,
                                                   .allow_replace = false,
                                                   .created = fleet.world.now,
                                                   .creator = "tokens/tester",
                                                   .expires = fleet.world.now + kDay,
                                                   .revoked = fleet.world.now + 5});
  CHECK(page->items[1].laptop == "LT-2");
  CHECK(page->items[1].uses == 1);
  query.cursor = page->next_cursor;
  CHECK(fleet.view.ListEnrolmentTokens(query)->items.at(0).laptop == "LT-1");
  CHECK(fleet.view.GetEnrolmentToken(id)->serial == "7XQ2W13");
  CHECK(ReasonOf(fleet.view.GetEnrolmentToken("aaaaaaaaaa").status()) == "TOKEN_NOT_FOUND");
}

TEST_CASE("enrolment requests are those that people decide") {
  Fleet fleet;
  CHECK(fleet.view.ListEnrolmentRequests({})->items.empty());  // bound tokens asked nobody
  const LaptopKey key;
  REQUIRE(fleet.world.Enrol(CallOf(key, fleet.world.Token(), "PF0ABCDE")).ok());
  const auto page = fleet.view.ListEnrolmentRequests({});
  REQUIRE(page->items.size() == 1);
  const fleet::EnrolmentRequestRow& row = page->items.front();
  CHECK(row ==
        fleet::EnrolmentRequestRow{.id = row.id,
                                   .state = "PENDING",
                                   .serial = "PF0ABCDE",
                                   .manufacturer = "Dell Inc.",
                                   .model = "Latitude 5440",
                                   .fingerprint = FingerprintWords(key.public_key.spki_sha256),
                                   .created = fleet.world.now,
                                   .laptop = "LT-1",
                                   .displaces = fleet.live.device_id,
                                   .question = "the laptop has a live device"});
  CHECK(*fleet.view.GetEnrolmentRequest(row.id) == row);
  CHECK(ReasonOf(fleet.view.GetEnrolmentRequest("x").status()) == "REQUEST_NOT_FOUND");
}

TEST_CASE("API tokens are listed newest first") {
  Fleet fleet;
  store::Connection& db = fleet.world.database->writer();
  auto tokens = *ApiTokens::Load(db);
  ApiTokenChanges changes(db, *tokens, LoadedDice(5));
  Effect effect;
  REQUIRE(changes.Create("a", Role::kAdmin, 0, kNoon, effect).ok());
  const auto second = changes.Create("b", Role::kAuditor, kDay, kNoon + 1, effect);
  REQUIRE(changes.NoteUse(second->token.id, kNoon).ok());
  const auto page = fleet.view.ListApiTokens({});
  REQUIRE(page->items.size() == 2);
  CHECK(page->items[0] == fleet::ApiTokenRow{.id = second->token.id,
                                             .owner = "b",
                                             .role = "auditor",
                                             .created = kNoon + 1,
                                             .expires = kNoon + 1 + kDay,
                                             .revoked = std::nullopt,
                                             .last_use = kNoon / kDay * kDay});
  CHECK(page->items[1].role == "admin");
  CHECK(*fleet.view.GetApiToken(second->token.id) == page->items[0]);
  CHECK(ReasonOf(fleet.view.GetApiToken("aaaaaaaaaa").status()) == "TOKEN_NOT_FOUND");
}

TEST_CASE("lists without fields refuse to be filtered or ordered") {
  Fleet fleet;
  fleet::ListQuery filtered;
  filtered.filter = "state = PENDING";
  fleet::ListQuery ordered;
  ordered.order_by = "state";
  fleet::ListQuery negative;
  negative.page_size = -1;
  CHECK(ReasonOf(fleet.view.ListEnrolmentTokens(filtered).status()) == "BAD_FILTER");
  CHECK(ReasonOf(fleet.view.ListEnrolmentRequests(ordered).status()) == "BAD_ORDER");
  CHECK(ReasonOf(fleet.view.ListApiTokens(negative).status()) == "BAD_PAGE_SIZE");
  CHECK(ReasonOf(fleet.view.ListApiTokens({}).status()) == "OK");
  fleet::ListQuery huge;
  huge.page_size = 1'000'000;
  CHECK(fleet.view.ListEnrolmentTokens(huge)->page_size == 1000);
}

}  // namespace parc::access
