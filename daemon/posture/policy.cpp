#include "daemon/posture/policy.h"

#include <algorithm>

#include "daemon/filter/match.h"
#include "daemon/filter/parse.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/posture/days.h"
#include "fmt/format.h"

namespace parc::posture {
namespace {

absl::Status BadCheck(std::string_view check, std::string_view key, std::string_view what) {
  return WithDetail(WithDetail(Refuse(absl::StatusCode::kInvalidArgument, "BAD_POLICY",
                                      fmt::format("check \"{}\": {}", check.substr(0, 64), what)),
                               "check", check.substr(0, 64)),
                    "key", key);
}

absl::Status BadApplication(std::string_view id, std::string_view key, std::string_view what) {
  return WithDetail(
      WithDetail(Refuse(absl::StatusCode::kInvalidArgument, "BAD_POLICY",
                        fmt::format("application \"{}\": {}", id.substr(0, 64), what)),
                 "check", id.substr(0, 64)),
      "key", key);
}

absl::Status BadPolicy(std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_POLICY", what);
}

bool IsId(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), allowed);
}

// A name or an address, as agents take it (IPv6 without brackets).
bool IsHost(std::string_view host) {
  constexpr std::size_t kMost = 253;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  };
  return !host.empty() && host.size() <= kMost && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), allowed);
}

// What is wrong with a filter, without where: the place is told by line and column of the file.
std::string_view WithoutPlace(std::string_view message) {
  const std::size_t colon = message.find(": ");
  return message.starts_with("filter, column ") && colon != std::string_view::npos
             ? message.substr(colon + 2)
             : message;
}

absl::StatusOr<filter::Expression> OverFacts(const Check& check, std::string_view key,
                                             std::string_view text) {
  absl::StatusOr<filter::Expression> parsed = filter::Parse(text, inventory::Resource::kLaptops);
  if (!parsed.ok()) {
    const std::string message(parsed.status().message());
    return WithDetail(BadCheck(check.id, key, WithoutPlace(message)), "at",
                      DetailOf(parsed.status(), "column"));
  }
  for (const inventory::FieldId id : filter::FieldsOf(*parsed)) {
    const inventory::Field& field = inventory::Get(id);
    const bool told = field.section != inventory::Section::kNone || FindDayField(id) != nullptr ||
                      id == inventory::FieldId::kAgentVersion;
    if (!told) {
      return BadCheck(check.id, key,
                      fmt::format("{} is no fact that a laptop reports", field.name));
    }
  }
  return *std::move(parsed);
}

}  // namespace

const Check* Policy::Find(std::string_view id) const {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& check) { return check.id == id; });
  if (found != checks.end()) return &*found;
  return id == IdentityCheck().id ? &IdentityCheck() : nullptr;
}

absl::Status AddCheck(Policy& policy, Check check) {
  if (!IsId(check.id)) return BadCheck(check.id, "id", "an id is made of a-z, 0-9 and \"-\"");
  if (policy.Find(check.id) != nullptr) return BadCheck(check.id, "id", "occurs twice");
  if (check.grace < 0) return BadCheck(check.id, "grace", "its grace is negative");
  if (check.expression.empty()) return BadCheck(check.id, "passes", "it has no expression");
  PARC_ASSIGN(check.passes, OverFacts(check, "passes", check.expression));
  PARC_ASSIGN(check.relevant, OverFacts(check, "applies", check.applies));
  policy.checks.push_back(std::move(check));
  return absl::OkStatus();
}

absl::Status AddApplication(Policy& policy, Application application) {
  const std::string& id = application.id;
  if (!IsId(id)) return BadApplication(id, "id", "an id is made of a-z, 0-9 and \"-\"");
  const auto& known = policy.applications;
  const bool twice = std::any_of(known.begin(), known.end(),
                                 [&](const Application& other) { return other.id == id; });
  if (twice) return BadApplication(id, "id", "occurs twice");
  if (!IsHost(application.host)) {
    return BadApplication(id, "host", "its host is neither a name nor an address");
  }
  constexpr int kLastPort = 65'535;
  if (application.port < 1 || application.port > kLastPort) {
    return BadApplication(id, "port", "a port is a number from 1 to 65535");
  }
  policy.applications.push_back(std::move(application));
  return absl::OkStatus();
}

absl::StatusOr<Policy> MakePolicy(std::int64_t version, std::int64_t stale_after,
                                  std::vector<Check> checks) {
  if (version < 1) return BadPolicy("the version counts from 1");
  if (stale_after <= 0) return BadPolicy("stale_after is not positive");
  Policy policy{version, stale_after, {}};
  for (Check& check : checks) PARC_TRY(AddCheck(policy, std::move(check)));
  return policy;
}

const Check& IdentityCheck() {
  static const Check kCheck = [] {
    Check check;
    check.id = "machine-identity";
    check.severity = Severity::kBlocker;
    check.title_en = "The machine that reports is the one of the record";
    check.title_fr = "La machine qui rend compte est bien celle de la fiche";
    check.remedy_en =
        "Compare the label with the record: correct the record, or enrol this machine on its own.";
    check.remedy_fr =
        "Comparer l'étiquette et la fiche : corriger la fiche, ou enrôler cette machine à part.";
    return check;
  }();
  return kCheck;
}

}  // namespace parc::posture
