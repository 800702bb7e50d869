#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// OpenSSL's objects with owners, and the few conversions that the rest of this folder needs. For
// the .cpp files of this folder and their tests.
namespace parc::access {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using X509ReqPtr = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

// INTERNAL, with what OpenSSL says of its last error. Empties its queue.
absl::Status OpenSslError(std::string_view what);

inline const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// DER by one of OpenSSL's i2d functions.
template <typename T>
std::string ToDer(const T* object, int (*encode)(const T*, unsigned char**)) {
  unsigned char* bytes = nullptr;
  const int size = encode(object, &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

std::string CertificateDer(const X509* certificate);
std::string CertificatePem(const X509* certificate);
// PKCS#8, not encrypted.
std::string PrivateKeyPem(const EVP_PKEY* key);
absl::StatusOr<X509Ptr> ParseCertificateDer(std::string_view der);
absl::StatusOr<X509Ptr> ParseCertificatePem(std::string_view pem);
absl::StatusOr<KeyPtr> ParsePrivateKeyPem(std::string_view pem);
// `curve` is OpenSSL's name, e.g. "P-256".
absl::StatusOr<KeyPtr> MakeEcKey(const char* curve);

// Lower-case hexadecimal of the serial number.
std::string SerialHex(const X509* certificate);
// UTC microseconds.
absl::StatusOr<std::int64_t> FromAsn1Time(const ASN1_TIME* time);

}  // namespace parc::access
