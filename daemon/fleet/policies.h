#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/change.h"
#include "daemon/fleet/view.h"
#include "daemon/posture/policy.h"
#include "daemon/posture/policy_record.h"

// Policies as a use case: which one is in force, what another would change, and its coming into
// force.
namespace parc::fleet {

// Puts the policy that ships with this Parc in force where no person has applied another that it
// understands; answers the policy in force. For the start of the daemon.
absl::StatusOr<posture::Policy> OpenPolicy(store::Connection& writer, std::string_view parc_version,
                                           std::int64_t now);

struct KeptPolicy {
  posture::PolicyRecord record;
  posture::Policy policy;
  std::int64_t judged = 0;  // laptops whose newest verdict is by it
  std::int64_t all = 0;     // laptops that were ever judged
  bool is_new = false;      // ApplyPolicy stored it just now
};

// "7" for version 7.
std::string PolicyEtag(std::int64_t version);

// Version 0: the one in force. NOT_FOUND POLICY_NOT_FOUND.
absl::StatusOr<KeptPolicy> GetPolicy(View& view, std::int64_t version);
// Newest first; takes neither filter nor order.
absl::StatusOr<Page<posture::PolicyRecord>> ListPolicies(View& view, const ListQuery& query);

// On the commit thread: stores `text` as the next version and answers it; the caller puts it in
// force after the commit. The one in force when the text is the same. INVALID_ARGUMENT BAD_POLICY,
// EFFECTIVE_DATE_FORBIDDEN; ABORTED ETAG_MISMATCH.
absl::StatusOr<KeptPolicy> ApplyPolicy(Change& change, const std::string& text,
                                       std::string_view etag);

// What a policy would change.
struct PolicyPreview {
  struct Move {
    std::string laptop;  // asset tag
    posture::Verdict from = posture::Verdict::kUnknown;
    posture::Verdict to = posture::Verdict::kUnknown;
    std::vector<std::string> checks;  // what makes the worse of the two
    bool assigned = false;

    bool operator==(const Move&) const = default;
  };
  struct Cause {
    std::int64_t worse = 0;
    std::int64_t better = 0;

    bool operator==(const Cause&) const = default;
  };
  static constexpr std::size_t kMostMoves = 1000;

  std::int64_t compared_with = 0;  // version
  std::int64_t laptops = 0;
  std::int64_t assigned = 0;
  std::int64_t ready_before = 0;  // of those assigned
  std::int64_t ready_after = 0;
  std::map<std::pair<posture::Verdict, posture::Verdict>, std::int64_t> counts;
  std::map<std::string, Cause> causes;  // by check
  std::vector<Move> moves;              // assigned ones first, then by asset tag
  std::int64_t left_off = 0;            // moves that are not in the list
};

struct PreviewRun {
  std::function<void(double share)> progress;
  std::function<bool()> cancelled;
};

// Judges every laptop that ever reported by `policy`. CANCELLED when `run` says so.
absl::StatusOr<PolicyPreview> PreviewPolicy(View& view, const posture::Policy& policy,
                                            const PreviewRun& run);

}  // namespace parc::fleet
