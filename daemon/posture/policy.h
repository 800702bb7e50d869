#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/filter/expression.h"

// What a laptop must show to be ready to work from home.
namespace parc::posture {

enum class Severity { kBlocker, kDegrades, kInfo };

struct Check {
  std::string id;  // "vpn-gateway-dns"
  Severity severity = Severity::kInfo;
  std::string expression;  // over the facts of a laptop; true: it passes
  std::string applies;     // the check is NOT_APPLICABLE where this is false; empty: always applies
  std::int64_t grace = 0;  // microseconds that a FAIL may last before it counts
  std::string title_en;
  std::string title_fr;
  std::string remedy_en;
  std::string remedy_fr;
  std::vector<std::string> references;  // the public recommendations it follows
  std::string rationale_en;             // why it is asked, where no recommendation does
  std::string rationale_fr;

  // Parsed from the two texts by MakePolicy.
  filter::Expression passes;
  filter::Expression relevant;
};

// Something that people work with. Every laptop looks whether it answers from where it is.
struct Application {
  std::string id;  // "payroll"; laptops tell it by this
  std::string host;
  int port = 0;
  bool tls = false;          // it must prove its name, by an authority that the laptop trusts
  bool through_vpn = false;  // looked for while a tunnel is up only
  std::string title_en;      // empty: it has no name but its id
  std::string title_fr;

  bool operator==(const Application&) const = default;
};

struct Policy {
  std::int64_t version = 0;
  std::int64_t stale_after = 0;  // microseconds without a report after which nothing can be said
  std::vector<Check> checks;     // in the order in which a technician climbs
  std::vector<Application> applications{};  // in the order of the file

  // Null when there is none. Knows IdentityCheck() too: no policy can leave it out.
  const Check* Find(std::string_view id) const;
};

// Adds `check` as the next rung. Parses its expressions, which may look at facts and at the numbers
// of days that follow from them. INVALID_ARGUMENT BAD_POLICY, with the details "check", "key" (what
// of the check is wrong: "passes", "applies", "id", "grace") and, within an expression, "at" (the
// column, from 1).
absl::Status AddCheck(Policy& policy, Check check);

// Adds `application`. INVALID_ARGUMENT BAD_POLICY, with the details "check" (its id) and "key"
// (what of it is wrong: "id", "host", "port").
absl::Status AddApplication(Policy& policy, Application application);

// A policy of `checks`. INVALID_ARGUMENT BAD_POLICY.
absl::StatusOr<Policy> MakePolicy(std::int64_t version, std::int64_t stale_after,
                                  std::vector<Check> checks);

// The policy that ships with Parc, as version 1: the blocking checks that need no root, and the
// rungs that a technician asks about. Never fails: a test parses it.
const Policy& DefaultPolicy();

// "machine-identity": the machine that reports is the one of the record. Not judged from facts, but
// told by the intake of reports, see Withhold().
const Check& IdentityCheck();

}  // namespace parc::posture
