#include "agent/vpn/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <string>

#include "fmt/format.h"

namespace parc::agent {
namespace {

bool ToTimestamp(const ASN1_TIME* time, google::protobuf::Timestamp& timestamp) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return false;
  timestamp.set_seconds(timegm(&parts));
  return true;
}

std::string Sha256Hex(const unsigned char* bytes, std::size_t size) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(bytes, size, digest, &length, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

absl::StatusOr<v1::VpnCertificate> ReadVpnCertificate(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all);
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr), &X509_free);
  ERR_clear_error();
  v1::VpnCertificate facts;
  const unsigned char* name = nullptr;
  std::size_t size = 0;
  if (certificate == nullptr ||
      !ToTimestamp(X509_get0_notBefore(certificate.get()), *facts.mutable_not_before_time()) ||
      !ToTimestamp(X509_get0_notAfter(certificate.get()), *facts.mutable_not_after_time()) ||
      X509_NAME_get0_der(X509_get_issuer_name(certificate.get()), &name, &size) != 1) {
    return absl::InvalidArgumentError("its client certificate is damaged");
  }
  facts.set_issuer_hash(Sha256Hex(name, size));
  return facts;
}

}  // namespace parc::agent
