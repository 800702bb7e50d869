#include "daemon/posture/judge.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "daemon/filter/match.h"
#include "daemon/posture/days.h"
#include "fmt/format.h"

namespace parc::posture {

using filter::Expression;
using filter::Test;
using inventory::FactSheet;
using inventory::Field;
using inventory::FieldId;
using inventory::Value;

namespace {

constexpr std::array<std::string_view, 7> kOutcomes = {
    "PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE", "ERROR", "PENDING", "STALE"};
constexpr std::array<std::string_view, 5> kVerdicts = {"READY", "DEGRADED", "NOT_READY", "UNKNOWN",
                                                       "STALE"};
constexpr std::array<std::string_view, 3> kSeverities = {"BLOCKER", "DEGRADES", "INFO"};

template <typename Enum, std::size_t kCount>
std::optional<Enum> ParseName(const std::array<std::string_view, kCount>& names,
                              std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

enum class Truth { kFalse, kTrue, kUnknown };

// The facts of one laptop, as expressions see them.
class Sight {
 public:
  Sight(const FactSheet& facts, std::int64_t now) : facts_(facts), now_(now) {}

  Value ValueOf(FieldId id) const {
    const DayField* days = FindDayField(id);
    const auto found = facts_.values.find(days == nullptr ? id : days->base);
    if (found == facts_.values.end()) return {};
    if (days != nullptr) return Days(*days, std::get<std::int64_t>(found->second), now_);
    return IsUntold(id, found->second) ? Value() : found->second;
  }

  // What is known about a field that has no value.
  std::string WhyAbsent(FieldId id) const {
    const Field& field = inventory::Get(Base(id));
    std::string reason = inventory::WhyUnreadable(facts_, field);
    if (reason.empty() && facts_.values.contains(field.id))
      reason = "cannot be told without a key that the agent does not have";
    if (reason.empty() && IsOfGateway(field.id) && IsZero(FieldId::kVpnGatewayCount))
      reason = "no VPN gateway is known: no readable profile names one, nor does agent.toml";
    return fmt::format("{}: {}", field.name, reason.empty() ? "not reported" : reason);
  }

  static bool IsOfGateway(FieldId id) {
    return id == FieldId::kVpnGatewayResolved || id == FieldId::kVpnGatewayAnswer ||
           id == FieldId::kVpnGatewayLatency;
  }
  bool IsZero(FieldId id) const {
    const auto found = facts_.values.find(id);
    return found != facts_.values.end() && found->second == Value(std::int64_t{0});
  }

  // The section came, and nothing says that the field could not be read: it is not there.
  bool IsKnownAbsent(FieldId id) const {
    const Field& field = inventory::Get(Base(id));
    return facts_.sections.contains(field.section) && !facts_.values.contains(field.id) &&
           inventory::WhyUnreadable(facts_, field).empty();
  }

  bool HasItems(FieldId id) const {
    const auto found = facts_.values.find(id);
    if (found == facts_.values.end()) return false;
    const auto* list = std::get_if<std::vector<std::string>>(&found->second);
    return list != nullptr && !list->empty();
  }

  std::string Show(FieldId id) const {
    const Field& field = inventory::Get(Base(id));
    return fmt::format("{} = {}", field.name,
                       inventory::ToText(facts_.values.at(field.id), field.kind));
  }

 private:
  static FieldId Base(FieldId id) {
    const DayField* days = FindDayField(id);
    return days == nullptr ? id : days->base;
  }

  static bool IsUntold(FieldId id, const Value& value) {
    if (id != FieldId::kVpnGatewayAnswer) return false;
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && *text == "UNKNOWN";
  }

  const FactSheet& facts_;
  std::int64_t now_;
};

// Kleene's logic of three values: what is missing leaves open only what depends on it.
// `absence_counts`: a presence test of what is known to be absent is false, not unknown.
Truth Evaluate(const Expression& expression, const Sight& sight, bool absence_counts) {
  switch (expression.node) {
    case Expression::Node::kTest: {
      const Test& test = expression.test.front();
      const Value value = sight.ValueOf(test.field);
      if (std::holds_alternative<std::monostate>(value)) {
        const bool absent = absence_counts && test.presence && sight.IsKnownAbsent(test.field);
        return absent ? Truth::kFalse : Truth::kUnknown;
      }
      return filter::Match(expression, [&](FieldId) { return value; }) ? Truth::kTrue
                                                                       : Truth::kFalse;
    }
    case Expression::Node::kNot: {
      const Truth inner = Evaluate(expression.children.front(), sight, absence_counts);
      if (inner == Truth::kUnknown) return inner;
      return inner == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
    }
    case Expression::Node::kAnd:
    case Expression::Node::kOr: {
      const Truth decisive =
          expression.node == Expression::Node::kAnd ? Truth::kFalse : Truth::kTrue;
      Truth result = decisive == Truth::kFalse ? Truth::kTrue : Truth::kFalse;
      for (const Expression& child : expression.children) {
        const Truth truth = Evaluate(child, sight, absence_counts);
        if (truth == decisive) return decisive;
        if (truth == Truth::kUnknown) result = truth;
      }
      return result;
    }
  }
  return Truth::kUnknown;
}

// Fields that `expression` asks only the presence of: evidence does not show their values.
void GatherValued(const Expression& expression, std::set<FieldId>& valued) {
  for (const Test& test : expression.test) {
    if (!test.presence) valued.insert(test.field);
  }
  for (const Expression& child : expression.children) GatherValued(child, valued);
}

std::string Evidence(const Check& check, const Sight& sight, Outcome outcome) {
  std::set<FieldId> valued;
  GatherValued(check.passes, valued);
  std::string evidence;
  for (const FieldId id : filter::FieldsOf(check.passes)) {
    const bool absent = std::holds_alternative<std::monostate>(sight.ValueOf(id));
    std::string part;
    if (absent && outcome == Outcome::kUnknown) {
      part = sight.WhyAbsent(id);
    } else if (absent || !valued.contains(id)) {
      if (outcome == Outcome::kFail) part = fmt::format("{} is absent", inventory::Get(id).name);
    } else if (outcome != Outcome::kUnknown) {
      part = sight.Show(id);
    }
    // Days show by the time that they are counted from, which two of them may share.
    if (part.empty() || evidence.find(part) != std::string::npos) continue;
    evidence += (evidence.empty() ? "" : ", ") + part;
  }
  // That no profile is valid is worth little without what is wrong with them.
  constexpr FieldId kProblems = FieldId::kVpnProfileProblems;
  const bool damaged = outcome == Outcome::kFail && valued.contains(FieldId::kVpnProfileValid);
  if (damaged && !valued.contains(kProblems) && sight.HasItems(kProblems))
    evidence += ", " + sight.Show(kProblems);
  return evidence;
}

Outcome OutcomeOf(const Check& check, const Sight& sight) {
  if (Evaluate(check.relevant, sight, true) == Truth::kFalse) return Outcome::kNotApplicable;
  switch (Evaluate(check.passes, sight, false)) {
    case Truth::kTrue:
      return Outcome::kPass;
    case Truth::kFalse:
      return Outcome::kFail;
    case Truth::kUnknown:
      break;
  }
  return Outcome::kUnknown;
}

// `likely`: where the check stood if the policy is the same.
const CheckResult* Find(const Judgement* judgement, std::string_view check, std::size_t likely) {
  if (judgement == nullptr) return nullptr;
  if (likely < judgement->checks.size() && judgement->checks[likely].check == check)
    return &judgement->checks[likely];
  const auto found = std::find_if(judgement->checks.begin(), judgement->checks.end(),
                                  [&](const CheckResult& result) { return result.check == check; });
  return found == judgement->checks.end() ? nullptr : &*found;
}

bool IsProblem(Outcome outcome) {
  return outcome != Outcome::kPass && outcome != Outcome::kNotApplicable;
}

// What one result makes of the verdict. Later enumerators of this order win.
int Gravity(const Check& check, const CheckResult& result) {
  if (check.severity == Severity::kInfo) return 0;
  const bool blocks = check.severity == Severity::kBlocker;
  if (result.outcome == Outcome::kFail) {
    if (blocks) return result.in_grace ? 1 : 3;
    return result.in_grace ? 0 : 1;
  }
  const bool open = result.outcome == Outcome::kUnknown || result.outcome == Outcome::kError;
  return blocks && open ? 2 : 0;
}

constexpr Verdict kByGravity[] = {Verdict::kReady, Verdict::kDegraded, Verdict::kUnknown,
                                  Verdict::kNotReady};

std::int64_t Since(const Judgement* before, Verdict verdict, std::int64_t now) {
  return before != nullptr && before->verdict == verdict ? before->since : now;
}

}  // namespace

std::string_view ToString(Outcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}
std::string_view ToString(Verdict verdict) {
  return kVerdicts.at(static_cast<std::size_t>(verdict));
}
std::string_view ToString(Severity severity) {
  return kSeverities.at(static_cast<std::size_t>(severity));
}
std::optional<Outcome> ParseOutcome(std::string_view name) {
  return ParseName<Outcome>(kOutcomes, name);
}
std::optional<Verdict> ParseVerdict(std::string_view name) {
  return ParseName<Verdict>(kVerdicts, name);
}

Judgement Judge(const Policy& policy, const FactSheet& facts, const Judgement* before,
                std::int64_t now) {
  const Sight sight(facts, now);
  Judgement judgement;
  judgement.policy_version = policy.version;
  judgement.checks.reserve(policy.checks.size());
  std::set<std::int64_t> turns;
  int gravity = 0;
  for (const Check& check : policy.checks) {
    CheckResult result{check.id, OutcomeOf(check, sight), now, {}, false};
    const CheckResult* earlier = Find(before, check.id, judgement.checks.size());
    if (earlier != nullptr && earlier->outcome == result.outcome) result.since = earlier->since;
    if (IsProblem(result.outcome)) result.evidence = Evidence(check, sight, result.outcome);
    if (result.outcome == Outcome::kFail && now - result.since < check.grace) {
      result.in_grace = true;
      turns.insert(result.since + check.grace);
    }
    AddTurns(check.passes, facts, now, turns);
    AddTurns(check.relevant, facts, now, turns);
    gravity = std::max(gravity, Gravity(check, result));
    judgement.checks.push_back(std::move(result));
  }
  judgement.verdict = kByGravity[gravity];
  judgement.since = Since(before, judgement.verdict, now);
  if (!turns.empty()) judgement.next = *turns.begin();
  return judgement;
}

std::string EvidenceOf(const Check& check, const FactSheet& facts, Outcome outcome) {
  return Evidence(check, Sight(facts, 0), outcome);
}

Judgement Withhold(Judgement judgement, std::string_view disagreement, const Judgement* before,
                   std::int64_t now) {
  CheckResult identity{IdentityCheck().id, Outcome::kError, now, std::string(disagreement), false};
  const CheckResult* earlier = Find(before, identity.check, 0);
  if (earlier != nullptr) identity.since = earlier->since;
  judgement.checks.insert(judgement.checks.begin(), std::move(identity));
  judgement.verdict = Verdict::kUnknown;
  judgement.since = Since(before, judgement.verdict, now);
  return judgement;
}

std::vector<std::string> Causes(const Policy& policy, const Judgement& judgement) {
  std::vector<std::string> causes;
  int most = 1;
  for (const CheckResult& result : judgement.checks) {
    const Check* check = policy.Find(result.check);
    const int gravity = check == nullptr ? 0 : Gravity(*check, result);
    if (gravity < most) continue;
    if (gravity > most) causes.clear();
    most = gravity;
    causes.push_back(result.check);
  }
  return causes;
}

std::vector<CheckResult> ProblemsOf(const Judgement& judgement) {
  std::vector<CheckResult> problems;
  std::copy_if(judgement.checks.begin(), judgement.checks.end(), std::back_inserter(problems),
               [](const CheckResult& result) { return IsProblem(result.outcome); });
  return problems;
}

}  // namespace parc::posture
