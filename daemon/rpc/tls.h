#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "daemon/access/devices.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/rpc/server.h"

namespace grpc {
class ServerCredentials;
}

namespace parc::rpc {

// Whose certificates a handshake looks at.
struct HandshakeJudge {
  access::PeerCertificates* certificates = nullptr;
  const access::Devices* devices = nullptr;
  std::function<std::int64_t()> now;
};

// TLS in which the client shows its certificate before the first byte of HTTP/2: strangers never
// reach that parser. Certificates of another CA, expired ones, and those of revoked devices are
// refused in the handshake, also in that of a resumed session, which TLS itself does not look at.
// What an agent can mend is refused call by call instead, since a refused handshake tells no
// reason.
std::shared_ptr<grpc::ServerCredentials> CertificateFirst(const TlsFiles& tls,
                                                          const HandshakeJudge& judge);

// TLS without a client certificate.
std::shared_ptr<grpc::ServerCredentials> ServerOnly(const TlsFiles& tls);

}  // namespace parc::rpc
