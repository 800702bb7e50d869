#include "agent/identity/enrol.h"

#include <openssl/pem.h>

#include <algorithm>
#include <cctype>

#include "agent/files/sealed.h"
#include "agent/files/text.h"
#include "agent/identity/keys.h"
#include "agent/net/http.h"
#include "agent/vpn/profile.h"
#include "client/lib/try.h"
#include "fmt/format.h"
#include "google/rpc/status.pb.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

std::string DerOf(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

X509* FindByFingerprint(STACK_OF(X509) * chain, std::string_view fingerprint) {
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    if (Hex(Sha256(DerOf(certificate))) == fingerprint) return certificate;
  }
  return nullptr;
}

absl::Status ReadAnswer(std::string_view bytes, EnrolmentAnswer& answer) {
  PARC_ASSIGN(const HttpAnswer http, ParseHttpAnswer(bytes));
  constexpr int kOk = 200;
  if (http.status != kOk) {
    google::rpc::Status refusal;
    if (http.content_type != "application/proto" || !refusal.ParseFromString(http.body) ||
        refusal.code() <= 0 || refusal.code() > 16) {
      return absl::UnavailableError(
          fmt::format("the enrolment server answers HTTP {}", http.status));
    }
    answer.refusal =
        absl::Status(static_cast<absl::StatusCode>(refusal.code()), Printable(refusal.message()));
  } else if (!answer.response.ParseFromString(http.body)) {
    return absl::UnavailableError("the enrolment server's answer is not understood");
  }
  return absl::OkStatus();
}

// Sending the same token again will not help.
bool IsFinal(const absl::Status& refusal) {
  return absl::IsInvalidArgument(refusal) || absl::IsUnauthenticated(refusal) ||
         absl::IsPermissionDenied(refusal) || absl::IsAlreadyExists(refusal);
}

}  // namespace

absl::StatusOr<EnrolmentCode> ParseEnrolmentCode(std::string_view text) {
  const auto mistyped = [](std::string_view what) {
    return absl::InvalidArgumentError(
        fmt::format("the enrolment code is mistyped ({}): copy it again as a whole", what));
  };
  constexpr std::string_view kScheme = "parc://";
  constexpr std::string_view kPin = "&ca=sha256:";
  constexpr std::size_t kLongest = 1024;
  text = Trim(text);
  if (text.size() > kLongest || text.substr(0, kScheme.size()) != kScheme) {
    return mistyped("it does not start with parc://");
  }
  text.remove_prefix(kScheme.size());
  const auto hash = text.find("/#");
  if (hash == std::string_view::npos) return mistyped("the token is missing");
  const auto server = SplitHostPort(text.substr(0, hash));
  if (!server || server->port == 0) return mistyped("the server is missing");
  const std::string_view rest = text.substr(hash + 2);
  const auto pin = rest.find(kPin);
  if (pin == std::string_view::npos) {
    return absl::InvalidArgumentError(
        "the enrolment code ends before the authority's fingerprint: a shell cuts it at \"&\", so "
        "write it between quotes, as in parc-agent enrol 'CODE'");
  }
  EnrolmentCode code;
  code.host = server->host;
  code.port = server->port;
  code.token = std::string(rest.substr(0, pin));
  code.root_fingerprint = Lower(rest.substr(pin + kPin.size()));
  constexpr std::size_t kHexDigits = 64;
  if (code.root_fingerprint.size() != kHexDigits || !IsHex(code.root_fingerprint)) {
    return mistyped("the authority's fingerprint has 64 digits");
  }
  constexpr std::string_view kTokenPrefix = "parce1.";
  if (Lower(code.token).substr(0, kTokenPrefix.size()) != kTokenPrefix || !IsText(code.token)) {
    return mistyped("the token starts with parcE1.");
  }
  return code;
}

absl::StatusOr<std::string> VerifyPinned(STACK_OF(X509) * chain, const EnrolmentCode& code,
                                         std::int64_t now) {
  X509* root = FindByFingerprint(chain, code.root_fingerprint);
  if (root == nullptr) {
    return absl::UnauthenticatedError(fmt::format(
        "{}:{} is not the server of this enrolment code: its certificate has another authority. "
        "Nothing was sent to it",
        code.host, code.port));
  }
  const std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> roots(X509_STORE_new());
  if (roots == nullptr || X509_STORE_add_cert(roots.get(), root) != 1) {
    return absl::InternalError("the authority's certificate cannot be used");
  }
  PARC_TRY(VerifyServer(chain, roots.get(), code.host, now));
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  char* data = nullptr;
  if (PEM_write_bio_X509(bio.get(), root) != 1) return absl::InternalError("writing a certificate");
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

absl::StatusOr<EnrolmentAnswer> SendEnrolment(const EnrolmentCode& code, std::string_view request,
                                              const std::string& proxy, std::int64_t now,
                                              Deadline deadline) {
  PARC_ASSIGN(Descriptor fd, Dial(code.host, code.port, proxy, deadline));
  PARC_ASSIGN(TlsStream stream, TlsStream::Handshake(std::move(fd), code.host, deadline));
  EnrolmentAnswer answer;
  PARC_ASSIGN(answer.root_pem, VerifyPinned(stream.chain(), code, now));
  const bool ipv6 = code.host.find(':') != std::string::npos;
  PARC_TRY(stream.Send(
      fmt::format("POST /parc.v1.EnrolmentService/Enrol HTTP/1.1\r\nHost: {}{}{}:{}\r\n"
                  "Content-Type: application/proto\r\nContent-Length: {}\r\n"
                  "Connection: close\r\n\r\n{}",
                  ipv6 ? "[" : "", code.host, ipv6 ? "]" : "", code.port, request.size(), request),
      deadline));
  PARC_ASSIGN(const std::string bytes, stream.ReceiveAll(kMaxAnswer, deadline));
  PARC_TRY(ReadAnswer(bytes, answer));
  return answer;
}

absl::StatusOr<PendingEnrolment> PrepareEnrolment(IdentityStore& store, std::string_view url,
                                                  const v1::EnrolRequest& about) {
  url = Trim(url);
  PARC_ASSIGN(const EnrolmentCode code, ParseEnrolmentCode(url));
  if (auto waiting = store.Pending(); waiting.ok() && waiting->url == url) return waiting;
  PendingEnrolment pending;
  pending.url = std::string(url);
  PARC_ASSIGN(pending.key_pem, MakeKeyPem());
  v1::EnrolRequest request = about;
  request.set_token(code.token);
  PARC_ASSIGN(*request.mutable_csr(), MakeCsr(pending.key_pem));
  pending.request = request.SerializeAsString();
  PARC_TRY(store.PutPending(pending));
  return pending;
}

absl::Status TakeEnrolment(IdentityStore& store, const PendingEnrolment& pending,
                           const EnrolmentAnswer& answer) {
  if (!answer.refusal.ok()) {
    if (IsFinal(answer.refusal)) PARC_TRY(store.DropPending());
    return answer.refusal;
  }
  const v1::EnrolResponse& response = answer.response;
  switch (response.state()) {
    case v1::ENROLMENT_STATE_PENDING:
    case v1::ENROLMENT_STATE_PENDING_TAKEOVER:
      if (response.fingerprint() == pending.words) return absl::OkStatus();
      return store.PutPendingWords(response.fingerprint());
    case v1::ENROLMENT_STATE_REJECTED:
      PARC_TRY(store.DropPending());
      return absl::PermissionDeniedError("the request for enrolment was rejected");
    case v1::ENROLMENT_STATE_ISSUED:
      break;
    default:
      return absl::UnavailableError("the enrolment server's answer is not understood");
  }
  Identity identity;
  identity.device_id = response.device_id();
  identity.endpoint = response.agent_endpoint();
  identity.root_pem = answer.root_pem;
  identity.key_pem = pending.key_pem;
  identity.renew_at = response.renew_time().seconds() * 1'000'000;
  PARC_ASSIGN(identity.chain_pem, ChainToPem({response.certificate_chain().begin(),
                                              response.certificate_chain().end()}));
  if (!SplitHostPort(identity.endpoint) || SplitHostPort(identity.endpoint)->port == 0) {
    return absl::UnavailableError("the server does not say where to report");
  }
  PARC_TRY(store.PutNext(identity));
  PARC_TRY(store.PromoteNext());
  return store.DropPending();
}

}  // namespace parc::agent
