#pragma once

#include "absl/status/statusor.h"
#include "daemon/checkin/report.h"
#include "daemon/inventory/fact_sheet.h"
#include "daemon/posture/policy.h"
#include "parc/v1/agent.pb.h"
#include "parc/v1/facts.pb.h"

namespace parc::rpc {

// What a report says, in values. Enum values that this daemon does not know count as unknown. Facts
// that follow from others are not here: the intake derives them. INVALID_ARGUMENT OUT_OF_RANGE,
// BAD_SECTION, with the field.
absl::StatusOr<checkin::Report> ReportFrom(const parc::v1::CheckInRequest& request);

absl::StatusOr<inventory::FactSheet> FactsFrom(const parc::v1::Facts& facts);

}  // namespace parc::rpc
