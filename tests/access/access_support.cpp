#include "tests/access/access_support.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

namespace parc::access {

RandomBytes LoadedDice(std::uint64_t seed) {
  return [engine = std::make_shared<std::mt19937_64>(seed)](std::size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>((*engine)() & 0xffU);
    return bytes;
  };
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "parc-access-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

TrialCa::TrialCa(const CaOptions& options, std::uint64_t seed) {
  REQUIRE(
      CertificateAuthority::CreateForTrial(scratch.path() / "ca", kNoon, LoadedDice(seed)).ok());
  auto loaded =
      CertificateAuthority::Load(scratch.path() / "ca", options, kNoon, LoadedDice(seed + 1));
  REQUIRE(loaded.ok());
  ca = *std::move(loaded);
}

std::string CsrOf(EVP_PKEY* key, const std::function<void(X509_REQ*)>& change,
                  const EVP_MD* digest) {
  const X509ReqPtr request(X509_REQ_new());
  REQUIRE(X509_REQ_set_pubkey(request.get(), key) == 1);
  if (change) change(request.get());
  REQUIRE(X509_REQ_sign(request.get(), key, digest) > 0);
  return ToDer<X509_REQ>(request.get(), i2d_X509_REQ);
}

LaptopKey::LaptopKey()
    : key(*MakeEcKey("P-256")), csr(CsrOf(key.get())), public_key(*ParseCsr(csr)) {}

}  // namespace parc::access
