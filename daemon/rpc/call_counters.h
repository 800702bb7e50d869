#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace parc::rpc {

// Calls by method and outcome, for the metrics. Thread safe.
class CallCounters {
 public:
  // `method` is of the table of methods, which stays.
  void Count(std::string_view method, absl::StatusCode code, std::int64_t micros);

  struct Row {
    std::uint64_t calls = 0;
    std::uint64_t micros = 0;  // summed
  };
  // By (method, canonical code name).
  std::map<std::pair<std::string, std::string>, Row> Rows() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string_view, absl::StatusCode>, Row> rows_;  // guarded by mutex_
};

}  // namespace parc::rpc
