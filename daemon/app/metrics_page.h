#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/app/health.h"
#include "daemon/rpc/acceptor.h"
#include "daemon/rpc/call_counters.h"
#include "daemon/store/group_commit.h"

namespace parc::app {

// What /metrics tells, gathered by the composition root.
struct MetricsSample {
  std::int64_t started = 0;  // UTC microseconds
  store::GroupCommit::Counters commits;
  double queue_load = 0;
  std::map<std::pair<std::string, std::string>, rpc::CallCounters::Row> calls;
  std::size_t active_devices = 0;
  std::int64_t server_certificate_ends = 0;  // UTC microseconds
  std::int64_t issuing_ca_ends = 0;
  Health::Figures figures;
  bool ready = false;
  std::vector<std::pair<std::string, rpc::Acceptor::Counters>> listeners;  // by name
};

// In Prometheus' text format.
std::string MetricsPage(const MetricsSample& sample);

}  // namespace parc::app
