#include "daemon/rpc/call_counters.h"

namespace parc::rpc {

void CallCounters::Count(std::string_view method, std::string_view code, std::int64_t micros) {
  const std::lock_guard lock(mutex_);
  Row& row = rows_[{std::string(method), std::string(code)}];
  ++row.calls;
  row.micros += static_cast<std::uint64_t>(micros < 0 ? 0 : micros);
}

std::map<std::pair<std::string, std::string>, CallCounters::Row> CallCounters::Rows() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}

}  // namespace parc::rpc
