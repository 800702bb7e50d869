#include "daemon/rpc/peer.h"

#include "absl/strings/str_replace.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"

namespace parc::rpc {
namespace {

absl::Status OutOfDate(const access::PeerCertificate& certificate, std::int64_t now) {
  if (certificate.not_before <= now && now <= certificate.not_after) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kUnauthenticated, "CERT_EXPIRED",
      fmt::format("The certificate expired on {}.", inventory::ToIsoTime(certificate.not_after)));
}

}  // namespace

std::string Peer::Name() const {
  if (device.has_value()) return "devices/" + device->id;
  if (person.has_value()) return "tokens/" + person->token_id;
  return self_check ? "self-check" : "anyone";
}

Identify ByCertificate(access::PeerCertificates& certificates, const access::Devices& devices) {
  return [&certificates, &devices](const grpc::ServerContextBase& context,
                                   std::int64_t now) -> absl::StatusOr<Peer> {
    const auto auth = context.auth_context();
    const auto leaf = auth == nullptr ? std::vector<grpc::string_ref>()
                                      : auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (leaf.size() != 1) {
      return Refuse(absl::StatusCode::kUnauthenticated, "NO_CERTIFICATE",
                    "This port asks for the certificate of an enrolled laptop.");
    }
    PARC_ASSIGN(const access::PeerCertificate certificate,
                certificates.Read({leaf.front().data(), leaf.front().size()}));
    Peer peer;
    if (certificate.kind == access::PeerCertificate::Kind::kSelfCheck) {
      PARC_TRY(OutOfDate(certificate, now));
      peer.self_check = true;
    } else {
      PARC_ASSIGN(peer.device, devices.Admit(certificate, now));
    }
    return peer;
  };
}

Identify ByToken(access::ApiTokens& tokens,
                 std::function<void(const access::Caller&, std::int64_t now)> note_use) {
  return [&tokens, note_use = std::move(note_use)](const grpc::ServerContextBase& context,
                                                   std::int64_t now) -> absl::StatusOr<Peer> {
    const auto header = context.client_metadata().find("authorization");
    const std::string authorization =
        header == context.client_metadata().end()
            ? std::string()
            : std::string(header->second.data(), header->second.size());
    Peer peer;
    PARC_ASSIGN(peer.person, tokens.Authenticate(authorization, AddressOf(context.peer()), now));
    if (peer.person->first_use_today) note_use(*peer.person, now);
    return peer;
  };
}

absl::Status Authorise(const Method& method, const Peer& peer) {
  const auto denied = [&](std::string_view who) {
    return Refuse(absl::StatusCode::kPermissionDenied, "PEER_DENIED",
                  fmt::format("Only {} may call this method.", who));
  };
  switch (method.admits) {
    case Admits::kAnyone:
      return absl::OkStatus();
    case Admits::kSelfCheck:
      return peer.self_check ? absl::OkStatus() : denied("the daemon's own health probe");
    case Admits::kDevice:
      return peer.device.has_value() ? absl::OkStatus() : denied("an enrolled laptop");
    case Admits::kPerson:
      break;
  }
  if (!peer.person.has_value()) return denied("the holder of an API token");
  const access::Role role = peer.person->role;
  if (!method.permission.has_value()) return access::RoleMayHoldTokens(role);
  if (method.or_else.has_value() && access::Allowed(role, *method.or_else)) return absl::OkStatus();
  return access::Require(role, *method.permission);
}

std::string AddressOf(const std::string& peer) {
  const std::size_t scheme = peer.find(':');
  const std::size_t port = peer.rfind(':');
  if (scheme == std::string::npos || port <= scheme) return peer;
  const std::string address = peer.substr(scheme + 1, port - scheme - 1);
  return absl::StrReplaceAll(address, {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
}

}  // namespace parc::rpc
