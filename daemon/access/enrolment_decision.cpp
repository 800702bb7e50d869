#include "daemon/access/enrolment_decision.h"

#include <algorithm>
#include <array>

#include "daemon/access/time_units.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

struct Rule {
  bool (*applies)(const EnrolmentSituation& s);
  EnrolOutcome outcome;
  std::string_view question;
};

// The first that applies decides.
constexpr std::array kRules = {
    Rule{[](const EnrolmentSituation& s) { return !s.known; }, EnrolOutcome::kPending,
         "no laptop record matches the machine"},
    Rule{[](const EnrolmentSituation& s) { return s.gone; }, EnrolOutcome::kPendingTakeover,
         "the laptop is lost, stolen or retired"},
    Rule{[](const EnrolmentSituation& s) {
           return s.live && !(s.bound && s.allow_replace && s.disagreement.empty());
         },
         EnrolOutcome::kPendingTakeover, "the laptop has a live device"},
    Rule{[](const EnrolmentSituation& s) { return !s.bound; }, EnrolOutcome::kPending,
         "the token is bound to no laptop"},
    Rule{[](const EnrolmentSituation& s) { return !s.disagreement.empty(); },
         EnrolOutcome::kPending, "the machine contradicts the record"},
    Rule{[](const EnrolmentSituation&) { return true; }, EnrolOutcome::kIssued, ""},
};

}  // namespace

EnrolmentDecision Decide(const EnrolmentSituation& situation) {
  const Rule& rule = *std::ranges::find_if(
      kRules, [&](const Rule& candidate) { return candidate.applies(situation); });
  EnrolmentDecision decision{.outcome = rule.outcome, .question = std::string(rule.question)};
  if (rule.outcome != EnrolOutcome::kIssued && !situation.disagreement.empty()) {
    decision.question += fmt::format(": {}", situation.disagreement);
  }
  return decision;
}

std::int64_t PollAfter(std::int64_t age) { return age < kHour ? 30 * kSecond : 10 * kMinute; }

}  // namespace parc::access
