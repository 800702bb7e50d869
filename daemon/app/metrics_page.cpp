#include "daemon/app/metrics_page.h"

#include "daemon/access/time_units.h"
#include "daemon/gateway/metrics.h"

namespace parc::app {
namespace {

using gateway::Exposition;

double Seconds(std::int64_t micros) {
  return static_cast<double>(micros) / static_cast<double>(access::kSecond);
}

void WriteProcess(const MetricsSample& sample, Exposition& out) {
  out.Gauge("parc_build_info", "The Parc that runs; always 1.");
  out.Sample(1, {{"version", PARC_VERSION}});
  out.Gauge("parc_start_time_seconds", "When the daemon started, since 1970.");
  out.Sample(Seconds(sample.started));
  out.Gauge("parc_ready_ratio", "1 when the database takes writes and the listeners answer.");
  out.Sample(sample.ready ? 1 : 0);
  out.Counter("parc_self_check_failures_total", "Times a listener did not answer the daemon.");
  out.Sample(static_cast<double>(sample.figures.failed_self_checks));
  out.Gauge("parc_certificate_expiry_seconds", "When a certificate ends, since 1970.");
  out.Sample(Seconds(sample.server_certificate_ends), {{"certificate", "server"}});
  out.Sample(Seconds(sample.issuing_ca_ends), {{"certificate", "issuing-ca"}});
}

void WriteStorage(const MetricsSample& sample, Exposition& out) {
  out.Counter("parc_commit_items_total", "Writes that were run, refused ones included.");
  out.Sample(static_cast<double>(sample.commits.items));
  out.Counter("parc_commit_batches_total", "Commits, each with one fsync.");
  out.Sample(static_cast<double>(sample.commits.batches));
  out.Counter("parc_commit_turned_away_total", "Writes turned away because the queue was full.");
  out.Sample(static_cast<double>(sample.commits.refused));
  out.Gauge("parc_commit_queue_ratio", "Waiting writes by the capacity of the queue.");
  out.Sample(sample.queue_load);
  out.Gauge("parc_database_size_bytes", "Size of the database file.");
  out.Sample(static_cast<double>(sample.figures.database_bytes));
  out.Gauge("parc_database_wal_bytes", "Size of its write-ahead log.");
  out.Sample(static_cast<double>(sample.figures.wal_bytes));
}

void WriteCalls(const MetricsSample& sample, Exposition& out) {
  out.Counter("parc_calls_total", "Calls answered, by method and canonical code.");
  for (const auto& [key, row] : sample.calls) {
    out.Sample(static_cast<double>(row.calls), {{"method", key.first}, {"code", key.second}});
  }
  out.Counter("parc_calls_duration_seconds_total", "Time these calls took, summed.");
  for (const auto& [key, row] : sample.calls) {
    out.Sample(static_cast<double>(row.micros) / 1e6,
               {{"method", key.first}, {"code", key.second}});
  }
}

void WriteListeners(const MetricsSample& sample, Exposition& out) {
  out.Gauge("parc_connections", "Open connections.");
  for (const auto& [name, counters] : sample.listeners) {
    out.Sample(static_cast<double>(counters.open), {{"listener", name}});
  }
  out.Counter("parc_connections_accepted_total", "Connections taken in.");
  for (const auto& [name, counters] : sample.listeners) {
    out.Sample(static_cast<double>(counters.accepted), {{"listener", name}});
  }
  out.Counter("parc_connections_refused_total", "Connections closed at once, by reason.");
  for (const auto& [name, counters] : sample.listeners) {
    out.Sample(static_cast<double>(counters.over_total), {{"listener", name}, {"reason", "total"}});
    out.Sample(static_cast<double>(counters.over_per_source),
               {{"listener", name}, {"reason", "source"}});
    out.Sample(static_cast<double>(counters.shed), {{"listener", name}, {"reason", "descriptors"}});
  }
}

void WriteFleet(const MetricsSample& sample, Exposition& out) {
  out.Gauge("parc_devices", "Enrolled devices that may report.");
  out.Sample(static_cast<double>(sample.active_devices));
  out.Gauge("parc_laptops", "Laptops by state, a minute old at most.");
  for (const auto& [state, count] : sample.figures.laptops_by_state) {
    out.Sample(static_cast<double>(count), {{"state", state}});
  }
  out.Gauge("parc_assigned_laptops", "Assigned laptops by verdict, a minute old at most.");
  for (const auto& [verdict, count] : sample.figures.verdicts) {
    out.Sample(static_cast<double>(count), {{"verdict", verdict}});
  }
}

}  // namespace

std::string MetricsPage(const MetricsSample& sample) {
  Exposition out;
  WriteProcess(sample, out);
  WriteStorage(sample, out);
  WriteCalls(sample, out);
  WriteListeners(sample, out);
  WriteFleet(sample, out);
  return out.text();
}

}  // namespace parc::app
