#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/posture/in_force.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/fact_store.h"
#include "daemon/store/group_commit.h"
#include "daemon/store/report_store.h"

namespace parc::checkin {

// What a portion of judging again came to. `more`: there may be others to judge.
struct Rejudged {
  int laptops = 0;
  bool more = false;
};

// Judges the fleet again, by portions, where time or a newer policy may have changed a verdict.
// Used on the commit thread only.
class Rejudging {
 public:
  // From when a verdict that is written now is known, UTC microseconds.
  using KnownFrom = std::function<std::int64_t(std::int64_t now)>;

  // The stores write by the connection of `commits`. All outlive this object.
  Rejudging(const store::GroupCommit& commits, store::FactStore& facts, store::ReportStore& reports,
            store::ContactLog& log, const posture::PolicyInForce& policies, KnownFrom known_from)
      : commits_(commits),
        facts_(facts),
        reports_(reports),
        log_(log),
        policies_(policies),
        known_from_(std::move(known_from)) {}

  // Up to `limit` laptops, in the transaction that is open; of those to judge, fewer when somebody
  // waits for the writer.
  absl::StatusOr<Rejudged> Portion(std::int64_t now, int limit);
  // The transaction of a portion did not reach the disk.
  void Undone() { judged_up_to_ = 0; }

 private:
  // Up to `limit` of those that a policy or time made due; true when it ended early.
  absl::StatusOr<bool> JudgeDue(std::int64_t now, int limit, int& judged);
  absl::Status Judge(const store::ReportStore::Due& due, std::int64_t now);

  const store::GroupCommit& commits_;
  store::FactStore& facts_;
  store::ReportStore& reports_;
  store::ContactLog& log_;
  const posture::PolicyInForce& policies_;
  const KnownFrom known_from_;
  std::int64_t judged_up_to_ = 0;  // the laptop behind which the next portion goes on
};

}  // namespace parc::checkin
