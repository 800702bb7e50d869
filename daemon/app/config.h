#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/gateway/webhook.h"
#include "daemon/posture/alerts.h"
#include "daemon/rpc/acceptor.h"

namespace parc::app {

struct AlertsConfig {
  posture::AlertRules rules;
  bool in_french = false;
  std::optional<gateway::WebhookUrl> webhook;
  std::filesystem::path webhook_secret;  // a file; empty: not signed
  std::filesystem::path webhook_ca;      // a file; empty: the system's
  std::vector<std::string> mail_to;
  std::string mail_from;
  std::string sendmail;
};

struct Config {
  std::filesystem::path state_dir;
  std::string zone;
  std::string log_level;
  std::string log_format;

  rpc::ListenAddress agent;
  std::optional<rpc::ListenAddress> gateway;  // absent: switched off
  rpc::ListenAddress people;
  rpc::ListenAddress metrics;

  std::vector<std::string> host_names;
  std::vector<std::string> addresses;
  std::string agent_endpoint;      // empty: derived from the port
  std::string enrolment_endpoint;  // the same

  std::filesystem::path ca_directory;
  bool ca_is_given = false;  // the file names it, so it is not made up
  std::string trust_domain;
  std::int64_t device_lifetime = 0;  // microseconds

  std::int64_t checkin_interval = 0;  // microseconds
  std::int64_t checkin_least = 0;     // microseconds; 0: no limit
  std::int64_t stale_after = 0;       // microseconds; 0: as the policy says

  AlertsConfig alerts;

  std::int64_t backup_keep_days = 0;  // 0: no daily backups
  std::int64_t reserve_bytes = 0;     // 0: no space is held

  rpc::AcceptLimits agent_limits;
  rpc::AcceptLimits gateway_limits;
  rpc::AcceptLimits people_limits;
  std::size_t queued_writes = 0;
  int reader_threads = 0;
};

// Where settings come from, the strongest first: flags, PARC_* variables, the file, the defaults.
struct ConfigSources {
  std::optional<std::filesystem::path> file;  // none: no file is read
  std::map<std::string, std::string> flags;   // "state_dir" → value, of those that were given
  std::map<std::string, std::string> environment;  // all of it
  bool is_root = false;
};

// One setting in force, for `parcd config explain`.
struct Explained {
  std::string key;
  std::string value;   // as TOML writes it
  std::string source;  // "default", "--state-dir", "PARC_ZONE", "/etc/parc/parcd.toml:3:1"
  std::string help;
};

struct LoadedConfig {
  Config config;
  std::vector<Explained> explained;  // in the order of kSettings
};

// INVALID_ARGUMENT BAD_CONFIG; the message starts with where ("parcd.toml:3:1: …") and names the
// key. Reads the file and nothing else.
absl::StatusOr<LoadedConfig> LoadConfig(const ConfigSources& sources);

// "127.0.0.1:8443" or "[::1]:8443"; port 0 is one that the system picks.
absl::StatusOr<rpc::ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace parc::app
