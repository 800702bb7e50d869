#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "daemon/fleet/forecasts.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/forecasts.pb.h"

namespace parc::rpc {

// Computes on the thread of forecasts, from facts that a reader gathered in one snapshot; answers
// the call unless it returns an error, which is the answer then.
using ForecastJob = std::function<absl::Status(const fleet::ForecastQuestion& question,
                                               const forecast::Inputs& inputs)>;

// Takes a question from its message to `job`: the facts on a reader thread, `job` on the thread of
// forecasts, which holds up neither readers nor the writer.
absl::Status WithInputs(const std::shared_ptr<People>& people, const std::shared_ptr<Call>& call,
                        const parc::v1::ForecastQuestion& wire, ForecastJob job);

}  // namespace parc::rpc
