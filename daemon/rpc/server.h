#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/access/api_tokens.h"
#include "daemon/access/ca.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/access/enrolment.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/checkin/intake.h"
#include "daemon/checkin/rechecks.h"
#include "daemon/fleet/changes.h"
#include "daemon/fleet/views.h"
#include "daemon/posture/in_force.h"
#include "daemon/rpc/call_counters.h"

namespace spdlog {
class logger;
}

// The gRPC edge: servers without a port of their own. Connections come as descriptors that the
// daemon's own loop accepted, since gRPC 1.51's listener dies for ever when descriptors run out
// (CVE-2023-4785).
namespace parc::rpc {

class Watches;

// PEM files of one end of TLS; watched, and read again when they change. Who writes them proves
// that key and chain fit first: a pair that does not fit takes the port down.
struct TlsFiles {
  std::filesystem::path key;
  std::filesystem::path chain;
  std::filesystem::path root;  // clients' certificates must lead to it; agent server only
};

// What both servers need of the daemon. Everything outlives the servers.
struct Context {
  std::function<std::int64_t()> now;  // UTC microseconds
  std::string zone;                   // of civil dates, e.g. "Europe/Paris"
  std::shared_ptr<spdlog::logger> log;
  CallCounters* counters = nullptr;
};

struct AgentParts {
  access::PeerCertificates* certificates = nullptr;
  access::Devices* devices = nullptr;
  checkin::Intake* intake = nullptr;
  access::Enrolment* enrolment = nullptr;          // for renewals
  const posture::PolicyInForce* policy = nullptr;  // whose words go with a verdict
  checkin::Rechecks* rechecks = nullptr;
  std::int64_t quick_interval = 0;  // microseconds; of a laptop that was asked for
};

struct PeopleParts {
  fleet::Views* views = nullptr;
  fleet::Changes* changes = nullptr;
  access::ApiTokens* tokens = nullptr;
  access::ApiTokenChanges* token_changes = nullptr;
  access::DeviceChanges* device_changes = nullptr;
  const access::CertificateAuthority* ca = nullptr;
  posture::PolicyInForce* policy = nullptr;
  checkin::Rechecks* rechecks = nullptr;
  std::int64_t checkin_interval = 0;  // microseconds, of every laptop
  std::int64_t quick_interval = 0;    // … of one that was asked for
  Watches* watches = nullptr;
  std::function<void()> judge_again;  // the policy changed: starts to judge every laptop again
  std::string page_key;               // secret of this daemon: page tokens are authenticated by it
  std::string enrolment_host;         // what enrolment URLs name
  std::uint16_t enrolment_port = 0;
  std::chrono::milliseconds import_idle{
      30'000};  // an import of which nothing comes for so long ends
  std::filesystem::path backup_directory;
  std::function<absl::StatusOr<std::int64_t>(const std::filesystem::path&)> backup;  // blocks
};

class Server {
 public:
  virtual ~Server() = default;
  // Takes the connected, non-blocking socket `fd`. Not before start and not after Shutdown: gRPC
  // would leak it.
  virtual void Accept(int fd, int listener_fd) = 0;
  // Ends the calls in flight by `grace` at the latest; blocks until then.
  virtual void Shutdown(std::chrono::milliseconds grace) = 0;
};

// FAILED_PRECONDITION METHOD_NOT_LISTED when a method of a registered service has no row in the
// table of methods: such a server does not start.
absl::StatusOr<std::unique_ptr<Server>> StartAgentServer(const Context& context,
                                                         const AgentParts& parts,
                                                         const TlsFiles& tls);
absl::StatusOr<std::unique_ptr<Server>> StartPeopleServer(const Context& context,
                                                          const PeopleParts& parts,
                                                          const TlsFiles& tls);

}  // namespace parc::rpc
