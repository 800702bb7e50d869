#include "daemon/rpc/call_counters.h"

namespace parc::rpc {

void CallCounters::Count(std::string_view method, absl::StatusCode code, std::int64_t micros) {
  const std::lock_guard lock(mutex_);
  Row& row = rows_[{method, code}];
  ++row.calls;
  row.micros += static_cast<std::uint64_t>(micros < 0 ? 0 : micros);
}

std::map<std::pair<std::string, std::string>, CallCounters::Row> CallCounters::Rows() const {
  std::map<std::pair<std::string, std::string>, Row> rows;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, row] : rows_) {
    rows[{std::string(key.first), absl::StatusCodeToString(key.second)}] = row;
  }
  return rows;
}

}  // namespace parc::rpc
