#include "daemon/checkin/arrival.h"

namespace parc::checkin {

Arrival Classify(const store::Contact* known, const Report& report) {
  const std::uint64_t before = known == nullptr ? 0 : static_cast<std::uint64_t>(known->sequence);
  if (report.sequence < before) return Arrival::kStale;
  if (report.sequence == before) {
    return report.boot_id == known->boot_id ? Arrival::kDuplicate : Arrival::kStale;
  }
  if (report.sequence - before > kMaxSequenceStep) return Arrival::kOutOfStep;
  // Also when the base is older: the answer to the report before was lost on its way.
  if (known != nullptr && known->digest == report.digest) return Arrival::kUnchanged;
  if (report.base_digest.empty()) return Arrival::kChanged;
  const bool has_base = known != nullptr && known->digest == report.base_digest;
  return has_base ? Arrival::kChanged : Arrival::kUnknownBase;
}

bool ComesFromACopy(const store::Standing& standing, const Report& report) {
  return !standing.boot_before.empty() && report.boot_id == standing.boot_before &&
         report.sequence >= static_cast<std::uint64_t>(standing.boot_began);
}

}  // namespace parc::checkin
