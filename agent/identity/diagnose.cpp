#include "agent/identity/diagnose.h"

#include <openssl/pem.h>

#include <memory>

#include "agent/net/tls.h"
#include "agent/vpn/profile.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> StoreOf(const std::string& pem) {
  std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, FreeWith<X509_free>> root(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (root != nullptr) X509_STORE_add_cert(store.get(), root.get());
  return store;
}

}  // namespace

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
  const auto roots = StoreOf(identity.root_pem);
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
