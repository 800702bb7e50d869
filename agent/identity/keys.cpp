#include "agent/identity/keys.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "agent/net/tls.h"
#include "client/lib/try.h"

namespace parc::agent {
namespace {

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;

int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Status Failure(const char* what) {
  ERR_clear_error();
  return absl::InternalError(what);
}

BioPtr Reader(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

absl::StatusOr<KeyPtr> ReadKey(std::string_view pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return Failure("the private key is damaged");
  return key;
}

absl::StatusOr<CertificatePtr> ReadCertificate(std::string_view pem) {
  CertificatePtr certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (certificate == nullptr) return Failure("the certificate is damaged");
  return certificate;
}

absl::StatusOr<std::int64_t> ToMicros(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Failure("the certificate's dates are damaged");
  return std::int64_t{timegm(&parts)} * 1'000'000;
}

}  // namespace

absl::StatusOr<std::string> MakeKeyPem() {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (key == nullptr || PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                                      nullptr, nullptr) != 1) {
    return Failure("making a key failed");
  }
  return Contents(bio.get());
}

absl::StatusOr<std::string> MakeCsr(std::string_view key_pem) {
  PARC_ASSIGN(const KeyPtr key, ReadKey(key_pem));
  const RequestPtr request(X509_REQ_new());
  if (request == nullptr || X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0) {
    return Failure("making a certificate request failed");
  }
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_REQ(request.get(), &bytes);
  if (size <= 0) return Failure("making a certificate request failed");
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

absl::StatusOr<CertificateDates> DatesOf(std::string_view pem) {
  PARC_ASSIGN(const CertificatePtr certificate, ReadCertificate(pem));
  CertificateDates dates;
  PARC_ASSIGN(dates.not_before, ToMicros(X509_get0_notBefore(certificate.get())));
  PARC_ASSIGN(dates.not_after, ToMicros(X509_get0_notAfter(certificate.get())));
  return dates;
}

bool IsOfKey(std::string_view chain_pem, std::string_view key_pem) {
  const auto key = ReadKey(key_pem);
  const auto certificate = ReadCertificate(chain_pem);
  const bool fits =
      key.ok() && certificate.ok() && X509_check_private_key(certificate->get(), key->get()) == 1;
  ERR_clear_error();
  return fits;
}

absl::StatusOr<std::string> ChainToPem(const std::vector<std::string>& chain_der) {
  if (chain_der.empty()) return absl::DataLossError("the server sent no certificate");
  const BioPtr bio(BIO_new(BIO_s_mem()));
  for (const std::string& der : chain_der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (certificate == nullptr || PEM_write_bio_X509(bio.get(), certificate.get()) != 1) {
      ERR_clear_error();
      return absl::DataLossError("the server sent a damaged certificate");
    }
  }
  return Contents(bio.get());
}

}  // namespace parc::agent
