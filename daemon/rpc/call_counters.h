#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace parc::rpc {

// Calls by method and outcome, for the metrics. Thread safe.
class CallCounters {
 public:
  void Count(std::string_view method, std::string_view code, std::int64_t micros);

  struct Row {
    std::uint64_t calls = 0;
    std::uint64_t micros = 0;  // summed
  };
  // By (method, canonical code name).
  std::map<std::pair<std::string, std::string>, Row> Rows() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Row> rows_;  // guarded by mutex_
};

}  // namespace parc::rpc
