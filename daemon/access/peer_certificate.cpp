#include "daemon/access/peer_certificate.h"

#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "daemon/access/digest.h"
#include "daemon/access/openssl.h"
#include "daemon/access/spiffe.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

absl::Status Stranger(std::string_view why) {
  return Refuse(absl::StatusCode::kUnauthenticated, "BAD_CERTIFICATE",
                fmt::format("The client certificate is refused: {}.", why));
}

// The one name in the certificate; nothing when there are others beside it.
std::optional<std::string> OnlyUri(const X509* certificate) {
  using Names = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
  int critical = 0;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr || sk_GENERAL_NAME_num(names.get()) != 1) return std::nullopt;
  const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type != GEN_URI) return std::nullopt;
  const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                     static_cast<std::size_t>(ASN1_STRING_length(uri)));
}

}  // namespace

struct PeerCertificates::State {
  struct Entry {
    std::string key;  // SHA-256 of the text
    PeerCertificate peer;
  };
  std::vector<X509Ptr> issuers;
  std::string trust_domain;
  std::size_t capacity = 0;

  std::mutex mutex;
  std::list<Entry> recent;                                             // guarded by mutex
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key;  // guarded by mutex

  std::optional<PeerCertificate> Recall(const std::string& key) {
    const std::scoped_lock lock(mutex);
    const auto found = by_key.find(key);
    if (found == by_key.end()) return std::nullopt;
    recent.splice(recent.begin(), recent, found->second);
    return found->second->peer;
  }

  void Remember(const std::string& key, const PeerCertificate& peer) {
    const std::scoped_lock lock(mutex);
    if (by_key.contains(key)) return;
    recent.push_front({key, peer});
    by_key[key] = recent.begin();
    if (recent.size() <= capacity) return;
    by_key.erase(recent.back().key);
    recent.pop_back();
  }

  bool SignedByUs(X509* certificate) const {
    for (const X509Ptr& issuer : issuers) {
      if (X509_check_issued(issuer.get(), certificate) == X509_V_OK &&
          X509_verify(certificate, X509_get0_pubkey(issuer.get())) == 1) {
        return true;
      }
    }
    (void)OpenSslError("");  // empties the queue
    return false;
  }

  absl::StatusOr<PeerCertificate> Judge(X509* certificate) const {
    if (!SignedByUs(certificate)) return Stranger("it was issued by another authority");
    if (X509_get_extended_key_usage(certificate) != XKU_SSL_CLIENT) {
      return Stranger("it is not for client authentication only");
    }
    const std::optional<std::string> uri = OnlyUri(certificate);
    if (!uri.has_value()) return Stranger("it has not exactly one name");

    PeerCertificate peer;
    if (*uri == SelfCheckName(trust_domain)) {
      peer.kind = PeerCertificate::Kind::kSelfCheck;
    } else {
      const std::optional<std::string> id = DeviceOfName(*uri, trust_domain);
      if (!id.has_value()) return Stranger("its name is no device of this trust domain");
      peer.device_id = *id;
    }
    peer.serial = SerialHex(certificate);
    peer.spki_sha256 =
        Sha256(ToDer<X509_PUBKEY>(X509_get_X509_PUBKEY(certificate), i2d_X509_PUBKEY));
    PARC_ASSIGN(peer.not_before, FromAsn1Time(X509_get0_notBefore(certificate)));
    PARC_ASSIGN(peer.not_after, FromAsn1Time(X509_get0_notAfter(certificate)));
    return peer;
  }
};

PeerCertificates::PeerCertificates(std::unique_ptr<State> state) : state_(std::move(state)) {}
PeerCertificates::PeerCertificates(PeerCertificates&&) noexcept = default;
PeerCertificates::~PeerCertificates() = default;

absl::StatusOr<PeerCertificates> PeerCertificates::Make(const std::vector<std::string>& issuers,
                                                        std::string trust_domain,
                                                        std::size_t capacity) {
  auto state = std::make_unique<State>();
  for (const std::string& der : issuers) {
    PARC_ASSIGN(X509Ptr issuer, ParseCertificateDer(der));
    state->issuers.push_back(std::move(issuer));
  }
  state->trust_domain = std::move(trust_domain);
  state->capacity = capacity;
  return PeerCertificates(std::move(state));
}

absl::StatusOr<PeerCertificate> PeerCertificates::Read(std::string_view leaf) {
  constexpr std::size_t kLargest = 16 * 1024;
  if (leaf.empty()) return Stranger("there is none");
  if (leaf.size() > kLargest) return Stranger("it is too large");
  const std::string key = Sha256(leaf);
  if (const auto known = state_->Recall(key)) return *known;
  const auto certificate =
      leaf.starts_with("-----") ? ParseCertificatePem(leaf) : ParseCertificateDer(leaf);
  if (!certificate.ok()) return Stranger("it cannot be read");
  PARC_ASSIGN(const PeerCertificate peer, state_->Judge(certificate->get()));
  state_->Remember(key, peer);
  return peer;
}

}  // namespace parc::access
