#include "agent/identity/support_code.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "agent/files/dates.h"
#include "agent/files/sealed.h"
#include "agent/net/tls.h"

namespace parc::agent {

std::string PublicKeyHash(std::string_view pem) {
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const std::unique_ptr<X509, FreeWith<X509_free>> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return {};
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &bytes);
  if (size <= 0) return {};
  std::string hash =
      Sha256(std::string_view(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size)));
  OPENSSL_free(bytes);
  return hash;
}

std::string SupportCode(std::string_view public_key_hash, std::int64_t now) {
  // Without I, L, O and U, which are misheard or misread.
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  if (public_key_hash.empty()) return {};
  const std::string digest =
      Sha256("parc-support-code\n" + Hex(public_key_hash) + "\n" + IsoDate(now));
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 5; ++i) bits = bits << 8U | static_cast<unsigned char>(digest[i]);
  std::string code;
  for (int shift = 35; shift >= 0; shift -= 5) {
    code.push_back(kDigits[bits >> shift & 31U]);
    if (code.size() == 4) code.push_back('-');
  }
  return code;
}

}  // namespace parc::agent
