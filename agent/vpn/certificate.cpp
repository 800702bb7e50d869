#include "agent/vpn/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>

#include "fmt/format.h"

namespace parc::agent {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

constexpr std::size_t kMaxCertificates = 64;

Bio ReadingFrom(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int NoPassphrase(char*, int, int, void*) { return -1; }

std::optional<std::int64_t> Seconds(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return timegm(&parts);
}

std::vector<Certificate> ReadAll(std::string_view text) {
  std::vector<Certificate> certificates;
  const Bio bio = ReadingFrom(text);
  while (certificates.size() < kMaxCertificates) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (next == nullptr) break;
    certificates.push_back(std::move(next));
  }
  if (certificates.empty()) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    Certificate alone(d2i_X509(nullptr, &bytes, static_cast<long>(text.size())));
    if (alone != nullptr) certificates.push_back(std::move(alone));
  }
  ERR_clear_error();
  return certificates;
}

std::string Sha256Hex(const unsigned char* bytes, std::size_t size) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(bytes, size, digest, &length, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

bool Signs(const std::vector<Certificate>& authorities, const std::vector<Certificate>& chain) {
  const std::unique_ptr<X509_STORE, Freed<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  STACK_OF(X509)* untrusted = sk_X509_new_null();
  for (const Certificate& authority : authorities)
    X509_STORE_add_cert(store.get(), authority.get());
  for (const Certificate& link : chain) sk_X509_push(untrusted, link.get());
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  const bool signs =
      X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), untrusted) == 1 &&
      X509_verify_cert(context.get()) == 1;
  sk_X509_free(untrusted);  // what is in it has other owners
  ERR_clear_error();
  return signs;
}

}  // namespace

absl::StatusOr<v1::VpnCertificate> ReadVpnCertificate(std::string_view text) {
  const auto certificates = ReadAll(text);
  v1::VpnCertificate facts;
  const unsigned char* name = nullptr;
  std::size_t size = 0;
  const X509* first = certificates.empty() ? nullptr : certificates.front().get();
  const auto starts = first == nullptr ? std::nullopt : Seconds(X509_get0_notBefore(first));
  const auto ends = first == nullptr ? std::nullopt : Seconds(X509_get0_notAfter(first));
  if (!starts || !ends || X509_NAME_get0_der(X509_get_issuer_name(first), &name, &size) != 1) {
    return absl::InvalidArgumentError("its client certificate is damaged");
  }
  facts.mutable_not_before_time()->set_seconds(*starts);
  facts.mutable_not_after_time()->set_seconds(*ends);
  facts.set_issuer_hash(Sha256Hex(name, size));
  return facts;
}

std::optional<bool> KeyMatches(std::string_view certificate, std::string_view key) {
  const auto certificates = ReadAll(certificate);
  if (certificates.empty()) return std::nullopt;
  constexpr std::string_view kLocked[] = {"BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED",
                                          "BEGIN TSS2 PRIVATE KEY", "BEGIN TSS KEY BLOB"};
  for (const std::string_view sign : kLocked) {
    if (key.find(sign) != std::string_view::npos) return std::nullopt;
  }
  const Bio bio = ReadingFrom(key);
  std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> parsed(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (parsed == nullptr) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
    parsed.reset(d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(key.size())));
  }
  const bool matches =
      parsed != nullptr && X509_check_private_key(certificates.front().get(), parsed.get()) == 1;
  ERR_clear_error();
  return matches;
}

absl::StatusOr<AuthorityFacts> ReadAuthority(std::string_view authorities,
                                             std::string_view certificate) {
  const auto roots = ReadAll(authorities);
  AuthorityFacts facts;
  for (const Certificate& root : roots) {
    const auto ends = Seconds(X509_get0_notAfter(root.get()));
    if (ends && (facts.not_after == 0 || *ends < facts.not_after)) facts.not_after = *ends;
  }
  if (facts.not_after == 0) {
    return absl::InvalidArgumentError("its authority's certificate is damaged");
  }
  const auto chain = ReadAll(certificate);
  facts.signs = !chain.empty() && Signs(roots, chain);
  return facts;
}

absl::StatusOr<std::int64_t> ReadNextUpdate(std::string_view list) {
  const Bio bio = ReadingFrom(list);
  std::unique_ptr<X509_CRL, Freed<X509_CRL_free>> crl(
      PEM_read_bio_X509_CRL(bio.get(), nullptr, NoPassphrase, nullptr));
  if (crl == nullptr) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(list.data());
    crl.reset(d2i_X509_CRL(nullptr, &bytes, static_cast<long>(list.size())));
  }
  const auto next = crl == nullptr ? std::nullopt : Seconds(X509_CRL_get0_nextUpdate(crl.get()));
  ERR_clear_error();
  if (!next || *next < 0) return absl::InvalidArgumentError("its revocation list is damaged");
  return *next;
}

}  // namespace parc::agent
