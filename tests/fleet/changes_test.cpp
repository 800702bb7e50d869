#include "daemon/fleet/changes.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/store/group_commit.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using fleet::Change;
using fleet::RequestIdentity;

constexpr std::int64_t kHour = std::int64_t{3600} * 1'000'000;

RequestIdentity Identity(std::string id, std::string method = "/parc.v1.X/Add",
                         std::string digest = "digest") {
  RequestIdentity identity;
  identity.request_id = std::move(id);
  identity.method = std::move(method);
  identity.body_digest = std::move(digest);
  return identity;
}

// Adds a person and answers how often it ran.
fleet::Changes::Apply AddNext(int& runs) {
  return [&runs](Change& change) -> absl::StatusOr<std::string> {
    const auto person = change.CreatePerson(PersonOf("p-" + std::to_string(++runs)));
    if (!person.ok()) return person.status();
    return "answer " + std::to_string(runs);
  };
}

std::int64_t People(ScratchFleet& fleet) {
  return fleet.store.Integer("SELECT COUNT(*) FROM people");
}

TEST_CASE("a repeated request gets the first answer and is done once") {
  ScratchFleet fleet;
  int runs = 0;
  CHECK(*fleet.Send(Identity("id-1"), AddNext(runs)) == "answer 1");
  CHECK(*fleet.Send(Identity("id-1"), AddNext(runs)) == "answer 1");
  CHECK(runs == 1);
  CHECK(People(fleet) == 1);
  CHECK(*fleet.Send(Identity("id-2"), AddNext(runs)) == "answer 2");
}

TEST_CASE("a request id with another body, or for another method, is refused") {
  ScratchFleet fleet;
  int runs = 0;
  REQUIRE(fleet.Send(Identity("id-1"), AddNext(runs)).ok());
  for (const RequestIdentity& other :
       {Identity("id-1", "/parc.v1.X/Add", "other"), Identity("id-1", "/parc.v1.X/Remove")}) {
    const auto refused = fleet.Send(other, AddNext(runs));
    CHECK(Refusal(refused.status()) == "INVALID_ARGUMENT REQUEST_ID_REUSED");
    CHECK(FieldOf(refused.status()) == "options.request_id");
  }
  CHECK(runs == 1);
}

TEST_CASE("without a request id, every request is a new one") {
  ScratchFleet fleet;
  int runs = 0;
  REQUIRE(fleet.Send(Identity(""), AddNext(runs)).ok());
  REQUIRE(fleet.Send(Identity(""), AddNext(runs)).ok());
  CHECK(People(fleet) == 2);
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM replies") == 0);
}

TEST_CASE("a refused request is not kept: mended, it runs under the same id") {
  ScratchFleet fleet;
  int runs = 0;
  AddPerson(fleet, PersonOf("p-1"));
  CHECK(Refusal(fleet.Send(Identity("id-1"), AddNext(runs)).status()) ==
        "ALREADY_EXISTS PERSON_EXISTS");
  CHECK(fleet.Send(Identity("id-1"), AddNext(runs)).ok());
}

TEST_CASE("answers are kept for a day") {
  ScratchFleet fleet;
  int runs = 0;
  REQUIRE(fleet.Send(Identity("id-1"), AddNext(runs)).ok());
  fleet.clock.Advance(24 * kHour - 1000);
  CHECK(*fleet.Send(Identity("id-1"), AddNext(runs)) == "answer 1");
  fleet.clock.Advance(1000);
  CHECK(*fleet.Send(Identity("id-1"), AddNext(runs)) == "answer 2");
  fleet.clock.Advance(25 * kHour);
  REQUIRE(fleet.Send(Identity("id-3"), AddNext(runs)).ok());
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM replies") == 1);  // old ones are forgotten
}

TEST_CASE("answers are kept byte for byte") {
  ScratchFleet fleet;
  const std::string bytes("\0\xFF binary", 9);
  int runs = 0;
  const auto apply = [&](Change&) -> absl::StatusOr<std::string> {
    ++runs;
    return bytes;
  };
  REQUIRE(*fleet.Send(Identity("id-1"), apply) == bytes);
  REQUIRE(*fleet.Send(Identity("id-1"), apply) == bytes);
  CHECK(runs == 1);
}

TEST_CASE("a dry run is answered and leaves nothing, not even its request id") {
  ScratchFleet fleet;
  int runs = 0;
  RequestIdentity dry = Identity("id-1");
  dry.validate_only = true;
  CHECK(*fleet.Send(dry, AddNext(runs)) == "answer 1");
  CHECK(People(fleet) == 0);
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM replies") == 0);
  CHECK(fleet.store.Integer("SELECT COUNT(*) FROM person_versions") == 0);
  runs = 0;
  CHECK(*fleet.Send(Identity("id-1"), AddNext(runs)) == "answer 1");
  CHECK(People(fleet) == 1);
}

TEST_CASE("effects run after the commit, and only when it came") {
  ScratchFleet fleet;
  std::int64_t seen = -1;
  const auto apply = [&](Change& change) -> absl::StatusOr<std::string> {
    const auto person = change.CreatePerson(PersonOf("p-1"));
    if (!person.ok()) return person.status();
    change.AfterCommit(
        [&] { seen = *fleet.store.reader().Integer("SELECT COUNT(*) FROM people"); });
    return std::string("done");
  };
  SECTION("committed") {
    REQUIRE(fleet.Send({}, apply).ok());
    CHECK(seen == 1);
  }
  SECTION("undone by the disk") {
    fleet.store.FailNextCommit(absl::UnavailableError("the disk is gone"));
    CHECK_FALSE(fleet.Send({}, apply).ok());
    CHECK(seen == -1);
  }
  SECTION("undone by a later error of the same request") {
    CHECK_FALSE(fleet
                    .Send({},
                          [&](Change& change) -> absl::StatusOr<std::string> {
                            if (const auto done = apply(change); !done.ok()) return done;
                            return absl::InvalidArgumentError("after all, no");
                          })
                    .ok());
    CHECK(seen == -1);
    CHECK(People(fleet) == 0);
  }
}

TEST_CASE("a request whose commit failed may be repeated after a restart, and is done once") {
  ScratchFleet fleet;
  int runs = 0;
  fleet.store.FailNextCommit(
      Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL", "the disk is full"));
  CHECK(Refusal(fleet.Send(Identity("id-1"), AddNext(runs)).status()) ==
        "RESOURCE_EXHAUSTED STORAGE_FULL");
  CHECK(People(fleet) == 0);
  fleet.store.commits().Resume();
  runs = 0;
  CHECK(*fleet.Send(Identity("id-1"), AddNext(runs)) == "answer 1");
  CHECK(*fleet.Send(Identity("id-1"), AddNext(runs)) == "answer 1");
  CHECK(People(fleet) == 1);
}

// Keeps the commit thread from its work until it is let go.
class Standstill {
 public:
  explicit Standstill(ScratchFleet& fleet) {
    REQUIRE(fleet.store.commits()
                .Submit(
                    store::Priority::kRevocation, 0,
                    [this, gate = gate_.get_future().share()](store::Connection&) {
                      stands_.set_value();
                      gate.wait();
                      return absl::OkStatus();
                    },
                    [](const absl::Status&) {})
                .ok());
    stands_.get_future().wait();
  }
  void LetGo() { gate_.set_value(); }

 private:
  std::promise<void> gate_;
  std::promise<void> stands_;
};

// Adds one person; answers by its name.
fleet::Changes::Apply Add(const std::string& person) {
  return [person](Change& change) -> absl::StatusOr<std::string> {
    const auto made = change.CreatePerson(PersonOf(person));
    if (!made.ok()) return made.status();
    return person;
  };
}

fleet::RevokeDevices RevokesNothing() {
  return
      [](store::Connection&, std::int64_t, std::string_view,
         std::int64_t) -> absl::StatusOr<std::function<void()>> { return std::function<void()>(); };
}

TEST_CASE("what waits is known from when it is written: answers as of a time stay as they were") {
  ScratchFleet fleet;
  std::atomic<std::int64_t> wall{fleet.clock.now()};
  fleet::Changes changes(fleet.store.commits(), fleet.store.database().writer(), RevokesNothing(),
                         [&] { return wall.load(); });
  const auto send = [&](const std::string& person, Awaited<absl::StatusOr<std::string>>& done) {
    const fleet::ChangeContext context{.actor = "tester",
                                       .now = wall,
                                       .today = fleet.clock.today(),
                                       .effective = {},
                                       .reason = {}};
    REQUIRE(changes.Submit(context, {}, Add(person), done.Setter()).ok());
  };
  const auto known_from = [&](const std::string& person) {
    return fleet.store.Integer("SELECT known_from FROM person_versions WHERE person_key = '" +
                               person + "'");
  };
  Awaited<absl::StatusOr<std::string>> first;
  Awaited<absl::StatusOr<std::string>> second;
  Standstill standstill(fleet);
  const std::int64_t arrived = wall;
  send("p-1", first);
  const std::int64_t asked = wall += kHour / 60;  // somebody asks while it waits, and asks again
  wall += kHour / 60;
  standstill.LetGo();
  REQUIRE(first.Get()->ok());
  CHECK(known_from("p-1") == arrived + kHour / 30);
  CHECK(known_from("p-1") > asked);
  CHECK_FALSE(fleet.view().GetPerson("p-1", {.as_of = {}, .known_at = asked}).ok());
  CHECK(fleet.view().GetPerson("p-1", {.as_of = {}, .known_at = asked + kHour}).ok());

  wall -= kHour;  // the clock is set back: nothing becomes known before what is known already
  send("p-2", second);
  REQUIRE(second.Get()->ok());
  CHECK(known_from("p-2") == known_from("p-1"));
}

TEST_CASE("an urgent change overtakes what waits") {
  ScratchFleet fleet;
  fleet::Changes changes(fleet.store.commits(), fleet.store.database().writer(), RevokesNothing());
  std::vector<std::string> order;  // written by the commit thread alone
  std::vector<Awaited<absl::StatusOr<std::string>>> done(3);
  Standstill standstill(fleet);
  const char* const people[] = {"p-1", "p-2", "p-3"};
  for (std::size_t i = 0; i < 3; ++i) {
    fleet::RequestIdentity identity;
    identity.urgent = i == 2;
    REQUIRE(changes
                .Submit({.actor = "tester",
                         .now = fleet.clock.Tick(),
                         .today = fleet.clock.today(),
                         .effective = {},
                         .reason = {}},
                        identity, Add(people[i]),
                        [&order, set = done[i].Setter()](absl::StatusOr<std::string> answer) {
                          if (answer.ok()) order.push_back(*answer);
                          set(std::move(answer));
                        })
                .ok());
  }
  standstill.LetGo();
  for (auto& one : done) REQUIRE(one.Get() != nullptr);
  CHECK(order == std::vector<std::string>{"p-3", "p-1", "p-2"});
}

}  // namespace
}  // namespace parc::test
