#include "agent/identity/diagnose.h"

#include "agent/net/tls.h"
#include "agent/vpn/profile.h"
#include "fmt/format.h"

namespace parc::agent {
absl::Status DiagnoseServer(const Identity& identity, const std::string& proxy, std::int64_t now,
                            Deadline deadline) {
  const auto server = SplitHostPort(identity.endpoint);
  if (!server) return absl::UnavailableError("the server's address is damaged");
  auto fd = Dial(server->host, server->port, proxy, deadline);
  if (!fd.ok()) {
    return absl::UnavailableError(
        fmt::format("the server cannot be reached ({})", std::string(fd.status().message())));
  }
  const auto stream = TlsStream::Handshake(*std::move(fd), server->host, deadline);
  if (!stream.ok()) {
    return absl::UnavailableError(fmt::format("{} does not take connections now ({})",
                                              identity.endpoint,
                                              std::string(stream.status().message())));
  }
  const auto roots = TrustOnly(identity.root_pem);
  if (const auto known = VerifyServer(stream->chain(), roots.get(), server->host, now);
      !known.ok()) {
    return absl::UnauthenticatedError(
        fmt::format("what answers at {} is not the server of this laptop: {}", identity.endpoint,
                    std::string(known.message())));
  }
  return absl::PermissionDeniedError(
      "the server does not let this laptop in: its certificate was revoked, or another one took "
      "its place.");
}

}  // namespace parc::agent
