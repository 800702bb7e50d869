#include <catch2/catch.hpp>

#include "daemon/posture/days.h"
#include "tests/posture/posture_support.h"

namespace parc::posture {

using inventory::FactSheet;
using inventory::FieldId;

TEST_CASE("names of outcomes, verdicts and severities go both ways") {
  for (const Outcome outcome :
       {Outcome::kPass, Outcome::kFail, Outcome::kUnknown, Outcome::kNotApplicable, Outcome::kError,
        Outcome::kPending, Outcome::kStale})
    CHECK(ParseOutcome(ToString(outcome)) == outcome);
  for (const Verdict verdict : {Verdict::kReady, Verdict::kDegraded, Verdict::kNotReady,
                                Verdict::kUnknown, Verdict::kStale})
    CHECK(ParseVerdict(ToString(verdict)) == verdict);
  CHECK(ToString(Outcome::kNotApplicable) == "NOT_APPLICABLE");
  CHECK(ToString(Verdict::kNotReady) == "NOT_READY");
  CHECK(ToString(Severity::kBlocker) == "BLOCKER");
  CHECK(!ParseVerdict("ready").has_value());
  CHECK(!ParseOutcome("").has_value());
}

TEST_CASE("the verdict follows the gravest result") {
  // B: a blocker, D: a degrading check, I: information. p, f, u: passes, fails, unknown; g: fails
  // within its grace.
  struct Row {
    const char* blocker;
    const char* degrades;
    const char* info;
    Verdict verdict;
  };
  const Row rows[] = {
      {"p", "p", "p", Verdict::kReady},    {"p", "p", "f", Verdict::kReady},
      {"p", "p", "u", Verdict::kReady},    {"p", "u", "p", Verdict::kReady},
      {"p", "g", "p", Verdict::kReady},    {"p", "f", "p", Verdict::kDegraded},
      {"g", "p", "p", Verdict::kDegraded}, {"g", "f", "p", Verdict::kDegraded},
      {"u", "p", "p", Verdict::kUnknown},  {"u", "f", "f", Verdict::kUnknown},
      {"f", "p", "p", Verdict::kNotReady}, {"f", "f", "f", Verdict::kNotReady},
      {"f", "u", "u", Verdict::kNotReady},
  };
  const auto put = [](FactSheet& sheet, std::string_view fact, std::string_view state) {
    if (state != "u") Set(sheet, fact, state == "p" ? "true" : "false");
  };
  const auto grace = [](std::string_view state) { return state == "g" ? kHour : 0; };
  for (const Row& row : rows) {
    INFO(row.blocker << row.degrades << row.info);
    const Policy policy =
        PolicyOf({CheckOf("b", Severity::kBlocker, "disk.encrypted = true", grace(row.blocker)),
                  CheckOf("d", Severity::kDegrades, "tpm2 = true", grace(row.degrades)),
                  CheckOf("i", Severity::kInfo, "secure_boot = true", grace(row.info))});
    FactSheet sheet;
    put(sheet, "disk.encrypted", row.blocker);
    put(sheet, "tpm2", row.degrades);
    put(sheet, "secure_boot", row.info);
    CHECK(ToString(Judge(policy, sheet, nullptr, kNoon).verdict) == ToString(row.verdict));
  }
}

TEST_CASE("a blocker that fails outweighs one that is unknown") {
  const Policy policy = PolicyOf({CheckOf("a", Severity::kBlocker, "disk.encrypted = true"),
                                  CheckOf("b", Severity::kBlocker, "tpm2 = true")});
  FactSheet sheet;
  Set(sheet, "tpm2", "false");
  CHECK(Judge(policy, sheet, nullptr, kNoon).verdict == Verdict::kNotReady);
}

TEST_CASE("what is missing leaves open only what depends on it") {
  struct Row {
    const char* expression;
    Outcome outcome;
  };
  // tpm2 is true, secure_boot false, disk.encrypted absent.
  const Row rows[] = {
      {"tpm2 = true OR disk.encrypted = true", Outcome::kPass},
      {"disk.encrypted = true OR tpm2 = true", Outcome::kPass},
      {"secure_boot = true OR disk.encrypted = true", Outcome::kUnknown},
      {"secure_boot = true AND disk.encrypted = true", Outcome::kFail},
      {"disk.encrypted = true AND secure_boot = true", Outcome::kFail},
      {"tpm2 = true AND disk.encrypted = true", Outcome::kUnknown},
      {"NOT disk.encrypted = true", Outcome::kUnknown},
      {"NOT disk.encrypted:*", Outcome::kUnknown},
      {"disk.encrypted != true", Outcome::kUnknown},
      {"NOT secure_boot = true", Outcome::kPass},
      {"NOT (tpm2 = true AND secure_boot = false)", Outcome::kFail},
  };
  FactSheet sheet;
  sheet.sections = {inventory::Section::kHardware, inventory::Section::kStorage};
  Set(sheet, "tpm2", "true");
  Set(sheet, "secure_boot", "false");
  for (const Row& row : rows) {
    INFO(row.expression);
    const Policy policy = PolicyOf({CheckOf("c", Severity::kBlocker, row.expression)});
    CHECK(ToString(Judge(policy, sheet, nullptr, kNoon).checks[0].outcome) ==
          ToString(row.outcome));
  }
}

TEST_CASE("evidence names the facts that decided") {
  const Policy policy =
      PolicyOf({CheckOf("c", Severity::kBlocker,
                        "clock.synchronised = true AND clock.max_error_micros < 16000000"),
                CheckOf("present", Severity::kInfo, "hardware.serial:*"),
                CheckOf("days", Severity::kInfo,
                        "vpn.certificate.days_left >= 0 AND vpn.certificate.days_left < 9000")});
  FactSheet sheet = GoodFacts();
  Judgement judgement = Judge(policy, sheet, nullptr, kNoon);
  for (const CheckResult& result : judgement.checks) {
    CHECK(result.outcome == Outcome::kPass);
    CHECK(result.evidence.empty());  // nobody has to look at it; whoever asks is told
  }
  const auto passed = [&](std::size_t i) {
    return EvidenceOf(policy.checks[i], sheet, Outcome::kPass);
  };
  CHECK(passed(0) == "clock.synchronised = true, clock.max_error_micros = 20000");
  CHECK(passed(1).empty());  // that it is there is enough
  CHECK(passed(2) == "vpn.certificate.expires = 2020-06-28T11:00:00Z");
  Remove(sheet, "clock.max_error_micros");
  Set(sheet, "clock.synchronised", "false");
  judgement = Judge(policy, sheet, nullptr, kNoon);
  CHECK(judgement.checks[0].evidence ==
        "clock.synchronised = false, clock.max_error_micros is absent");
  Set(sheet, "clock.synchronised", "true");
  judgement = Judge(policy, sheet, nullptr, kNoon);
  CHECK(judgement.checks[0].evidence == "clock.max_error_micros: not reported");
}

TEST_CASE("a laptop that knows no gateway is told so, not that it kept silent") {
  const Policy policy = PolicyOf({CheckOf("c", Severity::kBlocker, "vpn.gateway.resolved = true")});
  FactSheet sheet = GoodFacts();
  Remove(sheet, "vpn.gateway.resolved");
  CHECK(Judge(policy, sheet, nullptr, kNoon).checks[0].evidence ==
        "vpn.gateway.resolved: not reported");
  Set(sheet, "vpn.gateway.count", "0");
  const Judgement judgement = Judge(policy, sheet, nullptr, kNoon);
  CHECK(judgement.checks[0].outcome == Outcome::kUnknown);
  CHECK(judgement.checks[0].evidence.find("no VPN gateway is known") != std::string::npos);
}

TEST_CASE("a gateway that cannot be told is told with the reason that the laptop gives") {
  const Policy policy =
      PolicyOf({CheckOf("c", Severity::kBlocker, "vpn.gateway.answer = REACHABLE")});
  FactSheet sheet = GoodFacts();
  Set(sheet, "vpn.gateway.answer", "UNKNOWN");
  CHECK(Judge(policy, sheet, nullptr, kNoon).checks[0].evidence ==
        "vpn.gateway.answer: cannot be told without a key that the agent does not have");
  sheet.unreadable["vpn.gateway.answer"] = "there was no time left to ask";
  const Judgement judgement = Judge(policy, sheet, nullptr, kNoon);
  CHECK(judgement.checks[0].outcome == Outcome::kUnknown);
  CHECK(judgement.checks[0].evidence == "vpn.gateway.answer: there was no time left to ask");
}

TEST_CASE("a result keeps its date while it stays what it is") {
  const Policy policy = PolicyOf({CheckOf("c", Severity::kBlocker, "tpm2 = true")});
  FactSheet sheet;
  Set(sheet, "tpm2", "true");
  const Judgement first = Judge(policy, sheet, nullptr, kNoon);
  const Judgement second = Judge(policy, sheet, &first, kNoon + kHour);
  CHECK(second == first);
  Set(sheet, "tpm2", "false");
  const Judgement third = Judge(policy, sheet, &second, kNoon + 2 * kHour);
  CHECK(third.checks[0].since == kNoon + 2 * kHour);
  CHECK(third.since == kNoon + 2 * kHour);
}

TEST_CASE("grace begins with the failure, ends by time alone, and is told beforehand") {
  const Policy policy = PolicyOf({CheckOf("c", Severity::kBlocker, "tpm2 = true", kHour)});
  FactSheet sheet;
  Set(sheet, "tpm2", "false");
  const Judgement first = Judge(policy, sheet, nullptr, kNoon);
  CHECK(first.verdict == Verdict::kDegraded);
  CHECK(first.checks[0].in_grace);
  REQUIRE(first.next.has_value());
  CHECK(*first.next == kNoon + kHour);
  const Judgement before_end = Judge(policy, sheet, &first, kNoon + kHour - 1);
  CHECK(before_end == first);
  const Judgement after = Judge(policy, sheet, &before_end, kNoon + kHour);
  CHECK(after.verdict == Verdict::kNotReady);
  CHECK(!after.checks[0].in_grace);
  CHECK(after.checks[0].since == kNoon);
  CHECK(after.since == kNoon + kHour);
  CHECK(!after.next.has_value());
}

TEST_CASE("a certificate's end is told beforehand, to the microsecond") {
  const Policy policy =
      PolicyOf({CheckOf("c", Severity::kBlocker, "vpn.certificate.days_left >= 15")});
  FactSheet sheet;
  Set(sheet, "vpn.certificate.expires", "2020-06-01T00:00:00Z");
  std::int64_t now = kNoon;
  Judgement judgement = Judge(policy, sheet, nullptr, now);
  // It may be told once or twice that nothing has changed, but never too late.
  int steps = 0;
  while (judgement.verdict == Verdict::kReady) {
    REQUIRE(judgement.next.has_value());
    REQUIRE(*judgement.next > now);
    REQUIRE(++steps < 4);
    const Judgement last = Judge(policy, sheet, &judgement, *judgement.next - 1);
    CHECK(last.verdict == Verdict::kReady);
    now = *judgement.next;
    judgement = Judge(policy, sheet, &judgement, now);
  }
  CHECK(now == inventory::ParseIsoTime("2020-05-17T00:00:00Z").value() + 1);
}

TEST_CASE("days are rounded down, on both sides of the end") {
  const DayField& left = *FindDayField(FieldId::kVpnCertificateDays);
  const DayField& age = *FindDayField(FieldId::kUpdatesAge);
  struct Row {
    std::int64_t later_by;
    std::int64_t days;
  };
  for (const Row row : {Row{0, 0}, Row{1, 0}, Row{kDay - 1, 0}, Row{kDay, 1}, Row{-1, -1},
                        Row{-kDay, -1}, Row{-kDay - 1, -2}}) {
    INFO(row.later_by);
    CHECK(Days(left, kNoon + row.later_by, kNoon) == row.days);
    CHECK(Days(age, kNoon, kNoon + row.later_by) == row.days);
  }
}

TEST_CASE("a machine in doubt is unknown, whatever its facts were") {
  const Policy policy = PolicyOf({CheckOf("c", Severity::kBlocker, "tpm2 = true")});
  FactSheet sheet;
  Set(sheet, "tpm2", "true");
  const Judgement ready = Judge(policy, sheet, nullptr, kNoon);
  const Judgement doubt =
      Withhold(Judge(policy, sheet, &ready, kNoon + 1), "two serials", &ready, kNoon + 1);
  CHECK(doubt.verdict == Verdict::kUnknown);
  CHECK(doubt.since == kNoon + 1);
  REQUIRE(doubt.checks.size() == 2);
  CHECK(doubt.checks[0] ==
        CheckResult{"machine-identity", Outcome::kError, kNoon + 1, "two serials", false});
  const Judgement still =
      Withhold(Judge(policy, sheet, &doubt, kNoon + 2), "two serials", &doubt, kNoon + 2);
  CHECK(still == doubt);
  const Judgement again = Judge(policy, sheet, &doubt, kNoon + 3);
  CHECK(again.verdict == Verdict::kReady);
  CHECK(again.checks.size() == 1);
  CHECK(again.checks[0].since == kNoon);
}

}  // namespace parc::posture
