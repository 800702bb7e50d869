#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "daemon/access/ca.h"
#include "daemon/access/openssl.h"
#include "daemon/access/random.h"

namespace parc::access {

// Of the laptop that most tests enrol.
inline constexpr char kSerial[] = "PF0ABCDE";

// 2026-03-01T12:00:00Z
inline constexpr std::int64_t kNoon = 1'772'366'400 * kSecond;

// Dice that fall the same way in every run.
RandomBytes LoadedDice(std::uint64_t seed = 1);

// A directory that goes away with its owner.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(ScratchDirectory&&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A trial CA made at kNoon.
struct TrialCa {
  explicit TrialCa(const CaOptions& options = {}, std::uint64_t seed = 1);

  ScratchDirectory scratch;
  std::unique_ptr<CertificateAuthority> ca;
};

// A request signed with `key`. `change` may spoil it before it is signed.
std::string CsrOf(EVP_PKEY* key, const std::function<void(X509_REQ*)>& change = {},
                  const EVP_MD* digest = EVP_sha256());

// A fresh key of a laptop, with its request.
struct LaptopKey {
  LaptopKey();
  KeyPtr key;
  std::string csr;
  PublicKey public_key;
};

}  // namespace parc::access
