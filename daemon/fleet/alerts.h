#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/change.h"
#include "daemon/fleet/view.h"
#include "daemon/posture/alerts.h"

// Alerts as a use case: the figures of the fleet, what begins or is over, and the list.
namespace parc::fleet {

struct ToldAlert {
  posture::Alert alert;
  std::string message_en;
  std::string message_fr;

  bool operator==(const ToldAlert&) const = default;
};

absl::StatusOr<posture::AlertFigures> GatherAlertFigures(View& view,
                                                         const posture::AlertRules& rules);

// Whether KeepAlerts would change anything, by the snapshot of `view`.
absl::StatusOr<bool> AlertsChange(View& view, const posture::AlertRules& rules,
                                  const posture::AlertFigures& figures);

// On the commit thread: stores what begins and what is over; answers it, to be told.
absl::StatusOr<std::vector<ToldAlert>> KeepAlerts(Change& change, const posture::AlertRules& rules,
                                                  const posture::AlertFigures& figures);

// Newest first. `all`: those that are over, too.
absl::StatusOr<Page<ToldAlert>> ListAlerts(View& view, bool all, const ListQuery& query);

}  // namespace parc::fleet
