#include "agent/files/sealed.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace parc::agent {
namespace {

constexpr std::string_view kMagic = "parc1\n";

}  // namespace

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  return digest;
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex.push_back(kDigits[byte >> 4U]);
    hex.push_back(kDigits[byte & 15U]);
  }
  return hex;
}

std::string Seal(std::string_view bytes) {
  std::string sealed(kMagic);
  sealed += Sha256(bytes);
  sealed += bytes;
  return sealed;
}

absl::StatusOr<std::string> Unseal(std::string_view sealed) {
  if (sealed.size() < kMagic.size() + SHA256_DIGEST_LENGTH ||
      sealed.substr(0, kMagic.size()) != kMagic) {
    return absl::DataLossError("the file is damaged");
  }
  sealed.remove_prefix(kMagic.size());
  const std::string_view bytes = sealed.substr(SHA256_DIGEST_LENGTH);
  if (Sha256(bytes) != sealed.substr(0, SHA256_DIGEST_LENGTH)) {
    return absl::DataLossError("the file is damaged");
  }
  return std::string(bytes);
}

}  // namespace parc::agent
