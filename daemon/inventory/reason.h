#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"

// Refusals that a program may branch on: an absl::Status with a stable reason (UPPER_SNAKE), and
// the field or metadata it concerns. The gRPC edge turns them into google.rpc.ErrorInfo and
// BadRequest.
namespace parc {

// A status with `reason`. `field`, when not empty, is the path of the request's field that is
// wrong, e.g. "laptop.serial".
absl::Status Refuse(absl::StatusCode code, std::string_view reason, std::string_view message,
                    std::string_view field = {});

// Adds one metadata pair, e.g. ("possible_events", "assign, retire"), to a refusal; returns it.
absl::Status WithDetail(absl::Status status, std::string_view key, std::string_view value);

// The reason of `status`; without one, a reason derived from its code, e.g. "INTERNAL".
std::string ReasonOf(const absl::Status& status);

// The field path given to Refuse; empty when there is none.
std::string FieldOf(const absl::Status& status);

// The value of one metadata pair; empty when there is none.
std::string DetailOf(const absl::Status& status, std::string_view key);

// All metadata pairs.
std::map<std::string, std::string> DetailsOf(const absl::Status& status);

}  // namespace parc
