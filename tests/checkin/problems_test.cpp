#include "daemon/checkin/problems_digest.h"

#include <catch2/catch.hpp>

#include <set>

#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

// Problems are sent to laptops that do not hold them.
namespace parc::checkin {

using inventory::FactSheet;
using inventory::FieldId;
using posture::CheckResult;
using posture::Outcome;

namespace {

posture::Policy PolicyOf(std::int64_t version, const std::string& remedy) {
  posture::Check wall;
  wall.id = "wall";
  wall.severity = posture::Severity::kBlocker;
  wall.expression = "firewall.enabled = true";
  wall.remedy_en = remedy;
  posture::Check space = wall;
  space.id = "space";
  space.expression = "disk.free_percent >= 50";
  return posture::MakePolicy(version, kDay, {wall, space}).value();
}

FactSheet FactsWith(bool wall, int free_percent) {
  return With(With(ReadyFacts(), FieldId::kFirewallEnabled, wall), FieldId::kDiskFreePercent,
              std::int64_t{free_percent});
}

std::string NamesOf(const Answer& answer) {
  std::string names;
  for (const CheckResult& problem : answer.judgement.checks) names += problem.check + " ";
  return names;
}

struct Laptop {
  // Report number `number`, of facts with this number, from a laptop that holds `held`.
  Answer Send(int digest, const FactSheet& facts, const std::string& held) {
    Report report = ReportOf(++sequence, digest, facts);
    report.held_problems = held;
    intake.fleet.clock.Advance(kMinute);
    const auto answer = intake.SendAsIs(device, report);
    REQUIRE(answer.ok());
    return *answer;
  }

  posture::Policy policy = PolicyOf(1, "Raise it.");
  ScratchIntake intake{policy};
  access::DeviceIdentity device = intake.AddLaptop("PC-1");
  std::uint64_t sequence = 0;
};

}  // namespace

TEST_CASE("problems are sent once, and again to who does not say that it holds them") {
  Laptop laptop;
  const FactSheet facts = FactsWith(false, 60);
  const Answer first = laptop.Send(1, facts, "");
  CHECK(NamesOf(first) == "wall ");
  REQUIRE(first.problems_digest.size() == ProblemsDigest::kSize);
  const auto is_held = [&](const Answer& answer) {
    CHECK(answer.problems_digest == first.problems_digest);
    CHECK(answer.judgement.verdict == posture::Verdict::kNotReady);
    return answer.judgement.checks.empty();
  };
  CHECK(is_held(laptop.Send(1, facts, first.problems_digest)));
  // An agent that knows nothing of digests, or lost its state, or holds something else.
  for (const std::string held : {"", "0123456789abcdef", "0"}) {
    const Answer again = laptop.Send(1, facts, held);
    CHECK_FALSE(is_held(again));
    CHECK(again.judgement == first.judgement);
  }
  CHECK(is_held(laptop.Send(1, facts, first.problems_digest)));

  SECTION("nor after a restart of the daemon") {
    laptop.intake.Restart(laptop.policy);
    CHECK(is_held(laptop.Send(1, facts, first.problems_digest)));
    CHECK(is_held(laptop.Send(1, facts, first.problems_digest)));
  }
  SECTION("nor when facts change that make none") {
    CHECK(is_held(laptop.Send(2, FactsWith(false, 61), first.problems_digest)));
  }
  SECTION("when there are others") {
    const Answer more = laptop.Send(2, FactsWith(false, 10), first.problems_digest);
    CHECK(NamesOf(more) == "wall space ");
    const Answer other = laptop.Send(3, FactsWith(false, 11), more.problems_digest);
    CHECK(NamesOf(other) == "wall space ");  // with another evidence
    CHECK(laptop.Send(3, FactsWith(false, 11), other.problems_digest).judgement.checks.empty());
    const Answer none = laptop.Send(4, FactsWith(true, 60), other.problems_digest);
    CHECK(none.judgement.checks.empty());
    CHECK(none.problems_digest.empty());
    CHECK(laptop.Send(4, FactsWith(true, 60), "").problems_digest.empty());
    CHECK(laptop.Send(4, FactsWith(true, 60), "left over").problems_digest.empty());
  }
  SECTION("when a newer policy says it in other words, though to the same facts") {
    const posture::Policy newer = PolicyOf(2, "Build it higher.");
    laptop.intake.Restart(newer);
    const Answer reworded = laptop.Send(1, facts, first.problems_digest);
    CHECK(NamesOf(reworded) == "wall ");
    // That answer was lost.
    CHECK(NamesOf(laptop.Send(1, facts, first.problems_digest)) == "wall ");
    CHECK(laptop.Send(1, facts, reworded.problems_digest).judgement.checks.empty());
  }
}

TEST_CASE("whatever an answer tells of a problem changes the digest, and nothing else does") {
  // All outlive the digest, as they must.
  const posture::Policy policy = PolicyOf(1, "Raise it.");
  const posture::Policy same_words = PolicyOf(2, "Raise it.");
  const posture::Policy other_words = PolicyOf(2, "Build it.");
  const CheckResult wall{"wall", Outcome::kFail, 5, "firewall.enabled = false", false};
  ProblemsDigest digest;
  std::set<std::string> seen;
  const auto is_new = [&](const posture::Policy& words, const std::vector<CheckResult>& problems) {
    return seen.insert(digest.Of(words, problems)).second;
  };
  CHECK(is_new(policy, {wall}));
  CHECK_FALSE(is_new(policy, {wall}));
  CHECK_FALSE(is_new(same_words, {wall}));
  CHECK(is_new(other_words, {wall}));
  CHECK(is_new(policy, {wall, wall}));
  CHECK(is_new(policy, {}));
  CheckResult other = wall;
  other.check = "wal";
  other.evidence = "l" + wall.evidence;
  CHECK(is_new(policy, {other}));
  other = wall;
  other.outcome = Outcome::kUnknown;
  CHECK(is_new(policy, {other}));
  other = wall;
  other.since = 6;
  CHECK(is_new(policy, {other}));
  other = wall;
  other.in_grace = true;
  CHECK(is_new(policy, {other}));
  CHECK_FALSE(ProblemsDigest().Of(policy, {wall}) != digest.Of(policy, {wall}));
}

}  // namespace parc::checkin
