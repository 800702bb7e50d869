#include "daemon/access/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <ctime>

#include "absl/strings/escaping.h"
#include "daemon/access/digest.h"
#include "daemon/access/time_units.h"
#include "fmt/format.h"

namespace parc::access {

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Bytes(bytes), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::Status OpenSslError(std::string_view what) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return absl::InternalError(
      fmt::format("{}: {}", what, reason == nullptr ? "no reason given" : reason));
}

namespace {

BioPtr Reader(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

std::string CertificateDer(const X509* certificate) { return ToDer(certificate, i2d_X509); }

std::string CertificatePem(const X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return Contents(bio.get());
}

std::string PrivateKeyPem(const EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Contents(bio.get());
}

absl::StatusOr<X509Ptr> ParseCertificateDer(std::string_view der) {
  const unsigned char* at = Bytes(der);
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != Bytes(der) + der.size()) {
    return OpenSslError("not a certificate in DER");
  }
  return certificate;
}

absl::StatusOr<X509Ptr> ParseCertificatePem(std::string_view pem) {
  X509Ptr certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return OpenSslError("not a certificate in PEM");
  return certificate;
}

absl::StatusOr<KeyPtr> ParsePrivateKeyPem(std::string_view pem) {
  // The callback answers "no passphrase": without it OpenSSL asks on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  KeyPtr key(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr) return OpenSslError("not a private key in PEM");
  return key;
}

absl::StatusOr<KeyPtr> MakeEcKey(const char* curve) {
  KeyPtr key(EVP_EC_gen(curve));
  if (key == nullptr) return OpenSslError("making a key");
  return key;
}

std::string SerialHex(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  return Hex({reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
              static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

absl::StatusOr<std::int64_t> FromAsn1Time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return OpenSslError("reading a date");
  return std::int64_t{timegm(&parts)} * kSecond;
}

}  // namespace parc::access
