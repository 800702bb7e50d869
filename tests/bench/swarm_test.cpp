#include <openssl/sha.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "agent/report/delta.h"
#include "daemon/access/random.h"
#include "parc/v1/agent.pb.h"
#include "tests/bench/swarm/agents.h"
#include "tests/bench/swarm/histogram.h"
#include "tests/bench/swarm/make_fleet.h"
#include "tests/bench/swarm/report.h"
#include "tests/bench/swarm/scenario.h"
#include "tests/bench/swarm/verify.h"
#include "tests/support/scratch_directory.h"

namespace parc::swarm {
namespace {

constexpr std::int64_t kNow = 1'772'366'400;  // seconds; 2026-03-01T12:00:00Z
constexpr std::int64_t kMicros = 1'000'000;

v1::CheckInRequest Parsed(std::string_view bytes) {
  v1::CheckInRequest request;
  REQUIRE(request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return request;
}

std::string Text(const Digest& digest) { return {digest.begin(), digest.end()}; }

v1::CheckInRequest Complete(ReportWriter& writer, std::uint32_t number,
                            const Condition& condition) {
  Digest digest;
  return Parsed(writer.Write(
      {.number = number, .condition = condition, .sequence = kFirstSequence + 1, .sent = kNow},
      digest));
}

// A small fleet in a scratch directory.
struct World {
  World() {
    const FleetPlan plan{.state_dir = directory / "state",
                         .fleet = directory / "fleet",
                         .devices = 6,
                         .certificates = 2};
    const absl::Status made =
        MakeFleet(plan, kNow * kMicros, access::SystemRandomBytes(), [](std::uint32_t) {});
    INFO(made);
    REQUIRE(made.ok());
    auto opened = Fleet::Open(directory / "fleet");
    REQUIRE(opened.ok());
    fleet = *std::move(opened);
  }

  test::ScratchDirectory directory;
  std::unique_ptr<Fleet> fleet;
};

// The answer of a server that took the report, or said what is in `response`.
void Answer(CheckIn& call, const v1::CheckInResponse& response) {
  call.status = 0;
  call.response = std::string(5, '\0') + response.SerializeAsString();
}

TEST_CASE("a quantile of the histogram is that of the sorted values, 1.6 % above at most") {
  Dice dice(3);
  std::vector<std::int64_t> values;
  Histogram histogram;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(std::exp2(dice.Share() * 30)));
    histogram.Add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(share * 20'000)));
    const auto exact = static_cast<double>(values[rank - 1]);
    INFO(share);
    CHECK(static_cast<double>(histogram.Quantile(share)) >= exact);
    CHECK(static_cast<double>(histogram.Quantile(share)) <= exact * 1.016 + 1);
  }
  CHECK(histogram.Quantile(1) == values.back());
}

TEST_CASE("small durations are told exactly, and an empty histogram says 0") {
  Histogram histogram;
  CHECK(histogram.Quantile(0.99) == 0);
  CHECK(histogram.mean() == 0);
  for (int i = 1; i <= 100; ++i) histogram.Add(i);
  CHECK(histogram.Quantile(0.5) == 50);
  CHECK(histogram.Quantile(0.01) == 1);
  CHECK(histogram.mean() == Approx(50.5));
  Histogram other;
  other.Add(-5);
  other.Add(std::int64_t{1} << 50);
  histogram.Merge(other);
  CHECK(histogram.count() == 102);
  CHECK(histogram.Quantile(0) == 0);
  CHECK(histogram.Quantile(1) == (std::int64_t{1} << 36) - 1);
}

TEST_CASE("a report is the message that an agent would send, with its digest") {
  ReportWriter writer;
  const Condition condition{
      .free_mib = 77'777, .kernel = 7, .updates = 99, .boots = 2, .tunnel = 1};
  const v1::CheckInRequest request = Complete(writer, 12'345, condition);
  const v1::Facts& facts = request.facts();
  CHECK(facts.hardware().serial() == SerialOf(12'345));
  CHECK(facts.hardware().uuid() == "4c4c4544-0000-4000-8000-000000012345");
  CHECK(facts.os().kernel() == "6.1.0-07-amd64");
  CHECK(facts.storage().root_free_bytes() == std::int64_t{77'777} << 20);
  CHECK(facts.updates().pending() == 99);
  CHECK(facts.network().interfaces(1).up());
  CHECK(facts.network().interfaces(2).mac() == "d4:81:d7:00:30:39");
  CHECK(request.boot_id() == BootIdOf(12'345, 2));
  CHECK(request.report_seq() == kFirstSequence + 1);
  CHECK(request.sent_time().seconds() == kNow);
  CHECK(request.base_digest().empty());
  CHECK(request.facts_digest() == agent::DigestOf(facts));
}

TEST_CASE(
    "the sections that a laptop's life changes are the ones its report sends, and no other "
    "changed") {
  ReportWriter writer;
  Dice dice(11);
  Condition condition;
  for (int step = 0; step < 300; ++step) {
    const Condition before = condition;
    const unsigned sections = Live(condition, dice);
    const v1::Facts was = Complete(writer, 9, before).facts(),
                    is = Complete(writer, 9, condition).facts();
    const Digest base = writer.DigestOf(9, before);
    Digest digest;
    const v1::CheckInRequest delta = Parsed(writer.Write({.number = 9,
                                                          .condition = condition,
                                                          .sequence = kFirstSequence + 2,
                                                          .sent = kNow,
                                                          .base = &base,
                                                          .sections = sections},
                                                         digest));
    CHECK(delta.base_digest() == Text(base));
    CHECK(delta.facts_digest() == Text(digest));
    CHECK(delta.facts_digest() != delta.base_digest());
    CHECK(delta.facts().SerializeAsString() ==
          agent::Difference(was, is).changed.SerializeAsString());
  }
}

TEST_CASE("an unchanged report has no facts, and is short") {
  ReportWriter writer;
  const Digest base = writer.DigestOf(4, {});
  Digest digest;
  const std::string_view bytes =
      writer.Write({.number = 4, .sequence = kFirstSequence, .sent = kNow, .base = &base}, digest);
  CHECK(bytes.size() < 200);
  CHECK_FALSE(Parsed(bytes).has_facts());
  CHECK(digest == base);
}

TEST_CASE("values that change stay in their range, and their bytes in their places") {
  ReportWriter writer;
  Dice dice(5);
  Condition condition;
  for (int step = 0; step < 2'000; ++step) {
    ChangeAll(condition, dice);
    REQUIRE(condition.free_mib >= 32'768);
    REQUIRE(condition.free_mib < 472'768);
    const v1::CheckInRequest request = Complete(writer, 99'999'999, condition);
    REQUIRE(request.facts().storage().root_free_bytes() == std::int64_t{condition.free_mib} << 20);
    REQUIRE(request.facts().updates().pending() == condition.updates);
  }
}

TEST_CASE("a fleet has an id for each device, a key for some, and nothing acknowledged") {
  const World world;
  CHECK(world.fleet->size() == 6);
  CHECK(world.fleet->certified() == 2);
  for (std::uint32_t number = 0; number < 6; ++number) {
    CHECK(access::IsUuid(std::string(world.fleet->DeviceId(number))));
    CHECK(world.fleet->At(number).acknowledged == 0);
  }
  CHECK(world.fleet->Key(1).key_size > 100);
  CHECK(world.fleet->Key(1).certificate_size > 300);
  const auto verdict = VerifyLedger(world.directory / "fleet", world.directory / "state");
  REQUIRE(verdict.ok());
  CHECK(verdict->acknowledged == 0);
}

TEST_CASE("a fleet is never put on top of laptops that are there") {
  const World world;
  const FleetPlan again{
      .state_dir = world.directory / "state", .fleet = world.directory / "another", .devices = 1};
  const absl::Status made =
      MakeFleet(again, kNow * kMicros, access::SystemRandomBytes(), [](std::uint32_t) {});
  CHECK(made.code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("what was acknowledged and is not stored is told as lost") {
  World world;
  world.fleet->At(3).acknowledged = kFirstSequence + 7;
  const auto verdict = VerifyLedger(world.directory / "fleet", world.directory / "state");
  REQUIRE(verdict.ok());
  CHECK(verdict->acknowledged == 1);
  CHECK(verdict->lost == 1);
  REQUIRE(verdict->examples.size() == 1);
  CHECK(verdict->examples.front().find(AssetTagOf(3)) == 0);
}

TEST_CASE("the first report is complete, the next ones build on what was acknowledged") {
  World world;
  Agents agents(*world.fleet, 1, 0);
  Tally tally;
  CheckIn call;
  call.number = 5;
  agents.Prepare(Work::kMixed, kNow, call);
  const v1::CheckInRequest first = Parsed(std::string_view(call.request).substr(5));
  CHECK(first.base_digest().empty());
  CHECK(first.has_facts());
  v1::CheckInResponse response;
  response.mutable_next_contact()->set_seconds(900);
  Answer(call, response);
  CHECK(agents.Take(Work::kMixed, call, 1'000, tally) == 900 * kMicros);
  CHECK(world.fleet->At(5).acknowledged == first.report_seq());

  agents.Prepare(Work::kMixed, kNow + 900, call);
  const v1::CheckInRequest second = Parsed(std::string_view(call.request).substr(5));
  CHECK(second.report_seq() == first.report_seq() + 1);
  CHECK(second.base_digest() == first.facts_digest());
  CHECK_FALSE(second.has_facts());
  CHECK(tally.ok == 1);
}

TEST_CASE("a report without an answer is not in the ledger, and the next one has another number") {
  World world;
  Agents agents(*world.fleet, 1, 100);
  Tally tally;
  CheckIn call;
  agents.Prepare(Work::kMixed, kNow, call);
  const std::uint64_t sequence = call.sequence;
  call.status = 8;
  call.reason = "BUSY";
  call.pushback_millis = 5'500;
  CHECK(agents.Take(Work::kMixed, call, 1'000, tally) == 5'500'000);
  CHECK(tally.refused.at("BUSY") == 1);
  CHECK(tally.latency.count() == 0);
  CHECK(world.fleet->At(0).acknowledged == 0);
  agents.Prepare(Work::kMixed, kNow, call);
  CHECK(call.sequence == sequence + 1);
}

TEST_CASE("a server that lost the base gets complete facts next") {
  World world;
  Agents agents(*world.fleet, 1, 0);
  Tally tally;
  CheckIn call;
  agents.Prepare(Work::kMixed, kNow, call);
  Answer(call, {});
  agents.Take(Work::kMixed, call, 0, tally);
  agents.Prepare(Work::kMixed, kNow, call);
  v1::CheckInResponse response;
  response.set_send_complete(true);
  Answer(call, response);
  agents.Take(Work::kMixed, call, 0, tally);
  CHECK(tally.send_complete == 1);
  CHECK(world.fleet->At(0).acknowledged == call.sequence - 1);
  agents.Prepare(Work::kMixed, kNow, call);
  CHECK(Parsed(std::string_view(call.request).substr(5)).base_digest().empty());
}

TEST_CASE("a clone reports under the same device with a boot of its own, and writes no ledger") {
  World world;
  Agents agents(*world.fleet, 1, 0);
  Tally tally;
  CheckIn call, copy;
  copy.clone = true;
  agents.Prepare(Work::kMixed, kNow, call);
  agents.Prepare(Work::kMixed, kNow, copy);
  CHECK(Parsed(std::string_view(call.request).substr(5)).boot_id() !=
        Parsed(std::string_view(copy.request).substr(5)).boot_id());
  Answer(copy, {});
  agents.Take(Work::kMixed, copy, 0, tally);
  CHECK(world.fleet->At(0).acknowledged == 0);
}

TEST_CASE("what a laptop lived through over the weekend is in its first report on Monday") {
  World world;
  Agents agents(*world.fleet, 1, 0);
  Tally tally;
  CheckIn call;
  agents.Prepare(Work::kMixed, kNow, call);
  Answer(call, {});
  agents.Take(Work::kMixed, call, 0, tally);
  agents.Live(0, 3);
  agents.Prepare(Work::kMixed, kNow, call);
  const v1::CheckInRequest monday = Parsed(std::string_view(call.request).substr(5));
  CHECK(monday.has_facts());
  CHECK(monday.facts_digest() != monday.base_digest());
  Answer(call, {});
  agents.Take(Work::kMixed, call, 0, tally);
  agents.Prepare(Work::kMixed, kNow, call);
  CHECK_FALSE(Parsed(std::string_view(call.request).substr(5)).has_facts());
}

TEST_CASE(
    "a steady fleet is spread over its interval, Monday's is densest in the middle of the window") {
  Dice dice(2);
  const Shape steady{.scenario = Scenario::kSteady, .interval = 900 * kMicros};
  const Shape monday{
      .scenario = Scenario::kMonday, .interval = 900 * kMicros, .window = 900 * kMicros};
  std::vector<int> of_steady(3), of_monday(3);
  for (int i = 0; i < 30'000; ++i) {
    ++of_steady.at(static_cast<std::size_t>(FirstContact(steady, dice) / (300 * kMicros)));
    ++of_monday.at(static_cast<std::size_t>(FirstContact(monday, dice) / (300 * kMicros)));
  }
  for (const int count : of_steady) CHECK(std::abs(count - 10'000) < 500);
  CHECK(of_monday[1] > 3 * of_monday[0]);
  CHECK(std::abs(of_monday[0] - of_monday[2]) < 500);
}

TEST_CASE("only an outage keeps agents away, only the tethered are slow, only clones are copied") {
  const Shape outage{.scenario = Scenario::kOutage, .outage_begin = 10, .outage_end = 20};
  CHECK(IsReachable(outage, 9));
  CHECK_FALSE(IsReachable(outage, 10));
  CHECK_FALSE(IsReachable(outage, 19));
  CHECK(IsReachable(outage, 20));
  CHECK(IsReachable({.scenario = Scenario::kSteady, .outage_begin = 10, .outage_end = 20}, 15));
  CHECK(LinkOf({.scenario = Scenario::kTethered}, 3).round_trip_micros > 0);
  CHECK(LinkOf({.scenario = Scenario::kTethered}, 4).round_trip_micros == 0);
  CHECK(LinkOf({.scenario = Scenario::kSteady}, 3).bytes_per_second == 0);
  CHECK(IsCloned({.scenario = Scenario::kClones}, 50));
  CHECK_FALSE(IsCloned({.scenario = Scenario::kClones}, 51));
  CHECK_FALSE(IsCloned({.scenario = Scenario::kMonday}, 50));
  for (const char* name : {"steady", "monday", "outage", "tethered", "clones"})
    CHECK(ParseScenario(name).has_value());
  CHECK_FALSE(ParseScenario("sunday").has_value());
}

TEST_CASE("a comeback is told by what was usual before the outage") {
  const Shape shape{.scenario = Scenario::kOutage,
                    .interval = 100 * kMicros,
                    .outage_begin = 50 * kMicros,
                    .outage_end = 80 * kMicros};
  std::vector<std::uint32_t> contacts(240, 10);
  for (std::size_t second = 50; second < 80; ++second)
    contacts[second] = 99;  // that reached nobody
  for (std::size_t second = 90; second < 100; ++second) contacts[second] = 40;
  for (std::size_t second = 190; second < 195; ++second) contacts[second] = 20;
  const auto comeback = ComebackOf(shape, 1, contacts);
  REQUIRE(comeback.has_value());
  CHECK(comeback->steady == Approx(10));
  CHECK(comeback->peak == Approx(40));
  CHECK(comeback->echo == Approx(15));
  contacts.resize(70);
  CHECK_FALSE(ComebackOf(shape, 1, contacts).has_value());
}

}  // namespace
}  // namespace parc::swarm
