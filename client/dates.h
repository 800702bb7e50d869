#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

// How people type days and times.
namespace parc::client {

// 2020-03-20, 20/03/2020, today, yesterday, aujourd'hui, hier; "today" is that of `now` in the zone
// of this machine. INVALID_ARGUMENT BAD_DATE.
absl::StatusOr<google::type::Date> ParseDate(std::string_view text, std::int64_t now_micros);

// 2020-03-20T08:00:00Z (also with +01:00), or in the zone of this machine "2020-03-20 08:00[:00]",
// or a day as above, meaning its end. INVALID_ARGUMENT BAD_TIME.
absl::StatusOr<google::protobuf::Timestamp> ParseTime(std::string_view text,
                                                      std::int64_t now_micros);

}  // namespace parc::client
