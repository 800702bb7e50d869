#include "daemon/rpc/grpc_log.h"

#include <atomic>
#include <mutex>
#include <string_view>

#include "daemon/rpc/status_details.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "grpc/support/time.h"
#include "spdlog/spdlog.h"

namespace parc::rpc {
namespace {

constexpr int kLinesPerSecond = 10;
constexpr std::size_t kMaxLine = 512;

std::mutex g_mutex;
std::shared_ptr<spdlog::logger> g_log;  // guarded by g_mutex
std::int64_t g_second = 0;              // guarded by g_mutex
int g_lines = 0;                        // of g_second; guarded by g_mutex

// What any client can bring about.
bool IsClientNoise(std::string_view line) {
  for (const std::string_view mark :
       {"Handshake", "handshake", "SSL_ERROR", "SSL routines", "Peer did not", "peer verification",
        "cancel_check_peer", "Verification failed", "Error parsing metadata"}) {
    if (line.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

std::shared_ptr<spdlog::logger> LogWithRoom() {
  const std::int64_t second = gpr_now(GPR_CLOCK_MONOTONIC).tv_sec;
  const std::lock_guard lock(g_mutex);
  if (second != g_second) {
    g_second = second;
    g_lines = 0;
  }
  return ++g_lines > kLinesPerSecond ? nullptr : g_log;
}

void TakeLine(gpr_log_func_args* args) {
  const auto log = LogWithRoom();
  if (log == nullptr) return;
  const bool worth_a_look =
      args->severity == GPR_LOG_SEVERITY_ERROR && !IsClientNoise(args->message);
  log->log(worth_a_look ? spdlog::level::warn : spdlog::level::debug, "grpc.said line=\"{}\"",
           Shown(args->message, kMaxLine));
}

}  // namespace

void RouteGrpcLog(std::shared_ptr<spdlog::logger> log) {
  {
    const std::lock_guard lock(g_mutex);
    g_log = std::move(log);
  }
  gpr_set_log_function(TakeLine);
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace parc::rpc
