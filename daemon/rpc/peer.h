#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/api_tokens.h"
#include "daemon/access/devices.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/rpc/methods.h"

namespace grpc {
class ServerContextBase;
}

namespace parc::rpc {

// Who calls, once it is proved.
struct Peer {
  std::optional<access::DeviceIdentity> device;
  std::optional<access::Caller> person;
  bool self_check = false;

  // For the log and for histories: "devices/…", "tokens/…", "self-check" or "anyone".
  std::string Name() const;
};

// Tells who stands behind a call at `now`.
using Identify =
    std::function<absl::StatusOr<Peer>(const grpc::ServerContextBase& context, std::int64_t now)>;

// By the certificate that the TLS handshake showed, judged anew with each call: a connection may
// outlive the certificate, the device's enrolment, and the memory of a resumed TLS session.
Identify ByCertificate(access::PeerCertificates& certificates, const access::Devices& devices);

// By the bearer token. `note_use` is called on the first use of a day.
Identify ByToken(access::ApiTokens& tokens,
                 std::function<void(const access::Caller&, std::int64_t now)> note_use);

// PERMISSION_DENIED PEER_DENIED or ROLE_DENIED.
absl::Status Authorise(const Method& method, const Peer& peer);

// The address in gRPC's name of a peer: "192.0.2.7" of "ipv4:192.0.2.7:4711", "2001:db8::1" of
// "ipv6:%5B2001:db8::1%5D:4711".
std::string AddressOf(const std::string& peer);

}  // namespace parc::rpc
