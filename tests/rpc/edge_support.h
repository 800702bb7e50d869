#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "daemon/access/api_tokens.h"
#include "daemon/access/ca.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/access/enrolment.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/checkin/intake.h"
#include "daemon/fleet/changes.h"
#include "daemon/fleet/views.h"
#include "daemon/rpc/call_counters.h"
#include "daemon/rpc/server.h"
#include "daemon/rpc/watches.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"
#include "tests/access/access_support.h"
#include "tests/support/scratch_store.h"

namespace parc::rpc {

// Accepts on 127.0.0.1 and gives every connection to a server, as the daemon's own loop does.
class Listener {
 public:
  explicit Listener(Server& server);
  ~Listener();
  std::uint16_t port() const { return port_; }

 private:
  Server& server_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// What a client shows of itself.
struct Identity {
  std::string chain_pem;  // empty: no certificate
  std::string key_pem;
  std::string token;  // empty: no token
};

// The answer to a raw call.
struct Reply {
  grpc::Status status;
  std::string bytes;
  std::multimap<std::string, std::string> trailers;
  google::rpc::Status details;  // of grpc-status-details-bin

  std::string reason() const;  // of ErrorInfo; empty when there is none
  std::string field() const;   // of BadRequest; empty when there is none
  // "OK", or "INVALID_ARGUMENT MALFORMED".
  std::string Verdict() const;
};

struct CallOptions {
  std::string token;
  int milliseconds = 30'000;
  bool gzip = false;
};

// One unary call with whatever bytes.
Reply CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
              const std::string& bytes, const CallOptions& options = {});

// The daemon's gRPC edge over real sockets and real TLS, with everything behind it.
class Edge {
 public:
  Edge();
  ~Edge();
  Edge(Edge&&) = delete;

  // The real time, moved by `skew`.
  std::int64_t now() const;
  std::atomic<std::int64_t> skew{0};  // microseconds

  std::shared_ptr<grpc::Channel> AgentChannel(const Identity& identity) const;
  std::shared_ptr<grpc::Channel> PeopleChannel() const;
  std::uint16_t agent_port() const { return agent_listener_->port(); }
  std::uint16_t people_port() const { return people_listener_->port(); }

  // A laptop record in state ASSIGNED with an enrolled device; its certificate.
  Identity EnrolledLaptop(const std::string& asset_tag, std::string* device_id = nullptr);
  Identity SelfCheck() const;
  // The text of a new token.
  std::string Token(access::Role role);
  std::string admin() const { return admin_; }

  // A call to the people server, with `token` or the admin's.
  Reply Ask(const std::string& method, const google::protobuf::Message& request,
            google::protobuf::Message* response = nullptr, const std::string& token = "") const;

  // Runs a change as "tester"; must succeed.
  void Do(const std::function<absl::Status(fleet::Change&)>& change);

  test::ScratchStore store;
  access::ScratchDirectory files;
  std::unique_ptr<access::CertificateAuthority> ca;
  std::unique_ptr<access::PeerCertificates> certificates;
  std::unique_ptr<access::Devices> devices;
  std::unique_ptr<access::ApiTokens> tokens;
  std::unique_ptr<access::DeviceChanges> device_changes;
  std::unique_ptr<access::ApiTokenChanges> token_changes;
  std::unique_ptr<access::Enrolment> enrolment;
  std::unique_ptr<checkin::Intake> intake;
  std::unique_ptr<fleet::Changes> changes;
  std::unique_ptr<fleet::Views> views;
  checkin::Rechecks rechecks;
  Watches watches;
  posture::PolicyInForce policy{posture::DefaultPolicy()};
  std::atomic<int> judged_again{0};  // how often the edge asked for it
  CallCounters counters;
  TlsFiles tls;
  std::unique_ptr<Server> agent_server;
  std::unique_ptr<Server> people_server;

 private:
  void MakeParts();
  void StartServers();

  std::string admin_;
  std::unique_ptr<Listener> agent_listener_;
  std::unique_ptr<Listener> people_listener_;
  std::shared_ptr<grpc::Channel> people_channel_;
};

// PEM of DER certificates, one after the other.
std::string CertificatesPem(const std::vector<std::string>& chain);
std::string KeyPem(EVP_PKEY* key);

// A connected TCP socket with a time limit on everything.
int ConnectTo(std::uint16_t port);

}  // namespace parc::rpc
