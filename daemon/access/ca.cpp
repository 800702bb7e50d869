#include "daemon/access/ca.h"

#include <algorithm>
#include <utility>

#include "daemon/access/ca_files.h"
#include "daemon/access/certificate_builder.h"
#include "daemon/access/digest.h"
#include "daemon/access/spiffe.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

constexpr std::int64_t kRootLifetime = 10 * kYear;
constexpr std::int64_t kIssuingLifetime = 2 * kYear;
// Laptops' clocks are behind; what is new must not look unborn to them: one that is slow by minutes
// could not even report that it is.
constexpr std::int64_t kCaBackdate = kHour;
constexpr std::int64_t kLeafBackdate = kHour;

constexpr char kLeafConstraints[] = "critical,CA:FALSE";
constexpr char kLeafUsage[] = "critical,digitalSignature";

std::int64_t WholeSeconds(std::int64_t time) { return time / kSecond * kSecond; }

CertificatePlan CaPlan(std::string name, std::int64_t now, std::int64_t lifetime) {
  CertificatePlan plan;
  plan.common_name = std::move(name);
  plan.not_before = now - kCaBackdate;
  plan.not_after = now + lifetime;
  plan.key_usage = "critical,keyCertSign,cRLSign";
  return plan;
}

struct IssuingPair {
  X509Ptr certificate;
  KeyPtr key;
};

// `number` tells it from others in its name.
absl::StatusOr<IssuingPair> MakeIssuing(const std::string& number, X509* root, EVP_PKEY* root_key,
                                        std::int64_t now, const RandomBytes& random) {
  IssuingPair pair;
  PARC_ASSIGN(pair.key, MakeEcKey("P-256"));
  CertificatePlan plan = CaPlan(fmt::format("Parc issuing CA {}", number), now, kIssuingLifetime);
  plan.basic_constraints = "critical,CA:TRUE,pathlen:0";
  PARC_ASSIGN(pair.certificate,
              BuildCertificate(plan, pair.key.get(),
                               {.issuer = root, .key = root_key, .digest = EVP_sha384()}, random));
  return pair;
}

}  // namespace

struct CertificateAuthority::State {
  CaMaterial ca;
  CaOptions options;
  RandomBytes random;
  std::string root_pem;
  std::string issuing_pem;
  std::string issuing_der;
  std::string root_fingerprint;
  std::int64_t not_after = 0;

  Signer signer() const {
    return {.issuer = ca.issuing.get(), .key = ca.issuing_key.get(), .digest = EVP_sha256()};
  }

  // Dates of a leaf: it does not outlive its issuer. FAILED_PRECONDITION CA_EXPIRED.
  absl::StatusOr<CertificatePlan> LeafPlan(std::int64_t now, std::int64_t lifetime) const {
    if (now >= not_after) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "CA_EXPIRED",
                    "The issuing CA is out of date: install its successor.");
    }
    CertificatePlan plan;
    plan.not_before = now - kLeafBackdate;
    plan.not_after = WholeSeconds(std::min(now + lifetime, not_after));
    plan.basic_constraints = kLeafConstraints;
    plan.key_usage = kLeafUsage;
    return plan;
  }

  absl::StatusOr<OwnCertificate> IssueOwn(const CertificatePlan& plan, std::int64_t now) const {
    PARC_ASSIGN(const KeyPtr key, MakeEcKey("P-256"));
    PARC_ASSIGN(const X509Ptr leaf, BuildCertificate(plan, key.get(), signer(), random));
    OwnCertificate own;
    own.chain_pem = CertificatePem(leaf.get()) + issuing_pem + root_pem;
    own.key_pem = PrivateKeyPem(key.get());
    own.not_after = plan.not_after;
    own.renew_at = now + (plan.not_after - now) / 2;
    return own;
  }
};

absl::Status CertificateAuthority::CreateForTrial(const std::filesystem::path& directory,
                                                  std::int64_t now, const RandomBytes& random) {
  if (std::error_code error; std::filesystem::exists(directory, error) || error) {
    return Refuse(absl::StatusCode::kAlreadyExists, "CA_EXISTS",
                  fmt::format("{} is already there.", directory.string()));
  }
  // The number keeps two trials apart: TLS stacks look issuers up by name.
  const std::string number = Hex(random(4));
  PARC_ASSIGN(const KeyPtr root_key, MakeEcKey("P-384"));
  CertificatePlan plan = CaPlan(fmt::format("Parc root {}", number), now, kRootLifetime);
  plan.basic_constraints = "critical,CA:TRUE,pathlen:1";
  PARC_ASSIGN(
      const X509Ptr root,
      BuildCertificate(plan, root_key.get(),
                       {.issuer = nullptr, .key = root_key.get(), .digest = EVP_sha384()}, random));
  PARC_ASSIGN(const IssuingPair issuing,
              MakeIssuing(number, root.get(), root_key.get(), now, random));
  return WriteCa(directory, {.root_pem = CertificatePem(root.get()),
                             .root_key_pem = PrivateKeyPem(root_key.get()),
                             .issuing_pem = CertificatePem(issuing.certificate.get()),
                             .issuing_key_pem = PrivateKeyPem(issuing.key.get()),
                             .previous_pem = ""});
}

absl::Status CertificateAuthority::RotateIssuing(const std::filesystem::path& directory,
                                                 std::int64_t now, const RandomBytes& random) {
  PARC_ASSIGN(const CaMaterial ca, ReadCa(directory, now));
  PARC_ASSIGN(const KeyPtr root_key, ReadRootKey(directory, ca.root.get()));
  PARC_ASSIGN(const IssuingPair fresh,
              MakeIssuing(Hex(random(4)), ca.root.get(), root_key.get(), now, random));
  std::string previous = CertificatePem(ca.issuing.get());
  for (const X509Ptr& earlier : ca.previous) previous += CertificatePem(earlier.get());
  return WriteCa(directory, {.root_pem = CertificatePem(ca.root.get()),
                             .root_key_pem = PrivateKeyPem(root_key.get()),
                             .issuing_pem = CertificatePem(fresh.certificate.get()),
                             .issuing_key_pem = PrivateKeyPem(fresh.key.get()),
                             .previous_pem = std::move(previous)});
}

absl::StatusOr<std::unique_ptr<CertificateAuthority>> CertificateAuthority::Load(
    const std::filesystem::path& directory, CaOptions options, std::int64_t now,
    RandomBytes random) {
  if (!IsTrustDomain(options.trust_domain)) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TRUST_DOMAIN",
                  "A trust domain is made of lower-case letters, digits, dots and dashes.");
  }
  auto state = std::make_unique<State>();
  PARC_ASSIGN(state->ca, ReadCa(directory, now));
  state->options = std::move(options);
  state->random = std::move(random);
  state->root_pem = CertificatePem(state->ca.root.get());
  state->issuing_pem = CertificatePem(state->ca.issuing.get());
  state->issuing_der = CertificateDer(state->ca.issuing.get());
  state->root_fingerprint = Hex(Sha256(CertificateDer(state->ca.root.get())));
  PARC_ASSIGN(state->not_after, FromAsn1Time(X509_get0_notAfter(state->ca.issuing.get())));
  return std::unique_ptr<CertificateAuthority>(new CertificateAuthority(std::move(state)));
}

CertificateAuthority::CertificateAuthority(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
CertificateAuthority::~CertificateAuthority() = default;

absl::StatusOr<DeviceCertificate> CertificateAuthority::IssueDevice(const PublicKey& key,
                                                                    std::string_view device_id,
                                                                    std::int64_t now) const {
  const unsigned char* at = Bytes(key.spki);
  const KeyPtr subject_key(d2i_PUBKEY(nullptr, &at, static_cast<long>(key.spki.size())));
  if (subject_key == nullptr) return OpenSslError("reading a public key");

  PARC_ASSIGN(CertificatePlan plan, state_->LeafPlan(now, state_->options.device_lifetime));
  plan.common_name = std::string(device_id);
  plan.extended_key_usage = "clientAuth";
  plan.uris = {DeviceName(state_->options.trust_domain, device_id)};
  PARC_ASSIGN(const X509Ptr leaf,
              BuildCertificate(plan, subject_key.get(), state_->signer(), state_->random));

  DeviceCertificate issued;
  issued.chain = {CertificateDer(leaf.get()), state_->issuing_der};
  issued.serial = SerialHex(leaf.get());
  issued.not_after = plan.not_after;
  const std::string dice = state_->random(2);
  const std::int64_t roll = (Bytes(dice)[0] << 8) | Bytes(dice)[1];  // 0 … 65535
  const std::int64_t half = (plan.not_after - now) / 2;
  issued.renew_at = now + half * 9 / 10 + half / 5 * roll / 65535;
  return issued;
}

absl::StatusOr<OwnCertificate> CertificateAuthority::IssueServer(
    const std::vector<std::string>& host_names, const std::vector<std::string>& addresses,
    std::int64_t now) const {
  if (host_names.empty() && addresses.empty()) {
    return absl::InvalidArgumentError("a server's certificate needs a name or an address");
  }
  PARC_ASSIGN(CertificatePlan plan, state_->LeafPlan(now, state_->options.server_lifetime));
  plan.common_name = "parcd";
  plan.extended_key_usage = "serverAuth";
  plan.dns_names = host_names;
  plan.addresses = addresses;
  return state_->IssueOwn(plan, now);
}

absl::StatusOr<OwnCertificate> CertificateAuthority::IssueSelfCheck(std::int64_t now) const {
  PARC_ASSIGN(CertificatePlan plan, state_->LeafPlan(now, state_->options.server_lifetime));
  plan.common_name = "self-check";
  plan.extended_key_usage = "clientAuth";
  plan.uris = {SelfCheckName(state_->options.trust_domain)};
  return state_->IssueOwn(plan, now);
}

const std::string& CertificateAuthority::root_fingerprint() const {
  return state_->root_fingerprint;
}
const std::string& CertificateAuthority::root_pem() const { return state_->root_pem; }
std::vector<std::string> CertificateAuthority::issuers() const {
  std::vector<std::string> issuers = {state_->issuing_der};
  for (const X509Ptr& earlier : state_->ca.previous)
    issuers.push_back(CertificateDer(earlier.get()));
  return issuers;
}
const std::string& CertificateAuthority::trust_domain() const {
  return state_->options.trust_domain;
}
std::int64_t CertificateAuthority::device_lifetime() const {
  return state_->options.device_lifetime;
}
std::int64_t CertificateAuthority::not_after() const { return state_->not_after; }

}  // namespace parc::access
