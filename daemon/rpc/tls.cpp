#include "daemon/rpc/tls.h"

#include "daemon/inventory/reason.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace parc::rpc {
namespace {

constexpr unsigned int kReadFilesEvery = 5;  // seconds

// Runs on a gRPC thread, in every handshake: memory only.
class HandshakeVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit HandshakeVerifier(HandshakeJudge judge) : judge_(std::move(judge)) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>, grpc::Status* sync_status) override {
    const grpc::string_ref leaf = request->peer_cert();
    if (!Admits({leaf.data(), leaf.size()})) {
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "certificate refused");
    }
    return true;  // decided
  }

  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  bool Admits(std::string_view leaf) {
    const absl::StatusOr<access::PeerCertificate> peer = judge_.certificates->Read(leaf);
    if (!peer.ok()) return false;
    const std::int64_t now = judge_.now();
    if (now < peer->not_before || now > peer->not_after) return false;
    if (peer->kind == access::PeerCertificate::Kind::kSelfCheck) return true;
    const absl::StatusOr<access::DeviceIdentity> device = judge_.devices->Admit(*peer, now);
    return device.ok() || ReasonOf(device.status()) != "DEVICE_REVOKED";
  }

  const HandshakeJudge judge_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> CertificateFirst(const TlsFiles& tls,
                                                          const HandshakeJudge& judge) {
  using grpc::experimental::ExternalCertificateVerifier;
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          tls.key.string(), tls.chain.string(), tls.root.string(), kReadFilesEvery));
  options.watch_identity_key_cert_pairs();
  options.watch_root_certs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.set_certificate_verifier(ExternalCertificateVerifier::Create<HandshakeVerifier>(judge));
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> ServerOnly(const TlsFiles& tls) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          tls.key.string(), tls.chain.string(), kReadFilesEvery));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace parc::rpc
