#include <algorithm>
#include <catch2/catch.hpp>

#include "rapidcheck.h"
#include "tests/posture/posture_support.h"

namespace parc::posture {
namespace {

using inventory::FactSheet;
using inventory::Kind;

constexpr std::string_view kAnswers[] = {"AUTHENTICATED", "REACHABLE", "REFUSED", "SILENT",
                                         "UNKNOWN"};

inventory::Value AnyValue(const inventory::Field& field) {
  switch (field.kind) {
    case Kind::kBool:
      return *rc::gen::arbitrary<bool>();
    case Kind::kInt:
      return *rc::gen::inRange<std::int64_t>(-400, 20'000'000);
    case Kind::kTime:
      return *rc::gen::inRange<std::int64_t>(kNoon - 40 * kDay, kNoon + 40 * kDay);
    case Kind::kList:
      return *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "b"));
    case Kind::kEnum:
      return std::string(kAnswers[*rc::gen::inRange(0, 5)]);
    default:
      return *rc::gen::element<std::string>("a", "b", "12");
  }
}

// Facts as a laptop may have them: most of them good, some odd, some missing.
FactSheet AnyFacts() {
  FactSheet sheet = GoodFacts();
  for (const inventory::Field* fact : inventory::Facts()) {
    const int fate = *rc::gen::inRange(0, 6);
    if (fate == 0) sheet.values.erase(fact->id);
    if (fate == 1) sheet.values[fact->id] = AnyValue(*fact);
  }
  return sheet;
}

std::vector<Outcome> OutcomesOf(const Judgement& judgement) {
  std::vector<Outcome> outcomes;
  for (const CheckResult& result : judgement.checks) outcomes.push_back(result.outcome);
  return outcomes;
}

}  // namespace

TEST_CASE("until the time that a judgement names, time changes nothing") {
  CHECK(rc::check([] {
    const FactSheet facts = AnyFacts();
    const Judgement first = Judge(DefaultPolicy(), facts, nullptr, kNoon);
    const std::int64_t end = first.next.value_or(kNoon + 1'000 * kDay);
    RC_ASSERT(end > kNoon);
    const std::int64_t later =
        *rc::gen::oneOf(rc::gen::inRange(kNoon, end), rc::gen::just(end - 1));
    RC_ASSERT(Judge(DefaultPolicy(), facts, &first, later) == first);
  }));
}

TEST_CASE("a report between two judgements changes no date of what stays the same") {
  CHECK(rc::check([] {
    const FactSheet facts = AnyFacts();
    const Judgement first = Judge(DefaultPolicy(), AnyFacts(), nullptr, kNoon);
    const Judgement second = Judge(DefaultPolicy(), facts, &first, kNoon + kHour);
    for (std::size_t i = 0; i < first.checks.size(); ++i) {
      const bool same = first.checks[i].outcome == second.checks[i].outcome;
      RC_ASSERT(second.checks[i].since == (same ? first.checks[i].since : kNoon + kHour));
    }
    RC_ASSERT(second.since == (second.verdict == first.verdict ? first.since : kNoon + kHour));
  }));
}

TEST_CASE("taking a fact away never makes a check pass") {
  CHECK(rc::check([] {
    FactSheet facts = AnyFacts();
    const std::vector<Outcome> before = OutcomesOf(Judge(DefaultPolicy(), facts, nullptr, kNoon));
    const std::vector<const inventory::Field*> all = inventory::Facts();
    const auto gone = *rc::gen::inRange<std::size_t>(0, all.size());
    facts.values.erase(all[gone]->id);
    const std::vector<Outcome> after = OutcomesOf(Judge(DefaultPolicy(), facts, nullptr, kNoon));
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i] != Outcome::kPass) RC_ASSERT(after[i] != Outcome::kPass);
    }
  }));
}

TEST_CASE("ready means that every blocker passes or does not apply") {
  CHECK(rc::check([] {
    const Judgement judgement = Judge(DefaultPolicy(), AnyFacts(), nullptr, kNoon);
    bool clean = true;
    for (const CheckResult& result : judgement.checks) {
      const bool blocks = DefaultPolicy().Find(result.check)->severity == Severity::kBlocker;
      const bool fine =
          result.outcome == Outcome::kPass || result.outcome == Outcome::kNotApplicable;
      if (blocks && !fine) clean = false;
    }
    if (judgement.verdict == Verdict::kReady) RC_ASSERT(clean);
    if (judgement.verdict == Verdict::kNotReady) RC_ASSERT(!clean);
  }));
}

}  // namespace parc::posture
