#include "daemon/app/tls_files.h"

#include <openssl/pem.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "daemon/access/openssl.h"
#include "daemon/app/files.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kKept = 2;

absl::Status Invalid(std::string_view what) {
  return Refuse(absl::StatusCode::kInternal, "TLS_INVALID",
                fmt::format("the server's certificate cannot be used: {}", what));
}

std::vector<access::X509Ptr> ReadChain(const std::string& pem) {
  std::vector<access::X509Ptr> chain;
  const access::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(certificate);
  }
  (void)access::OpenSslError("");  // the end of the text counts as an error; empties the queue
  return chain;
}

std::string ReadBack(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The numbered directories, in order.
std::vector<int> Numbers(const fs::path& directory) {
  std::vector<int> numbers;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    int number = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (wrong == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

absl::Status CheckPair(const std::string& chain_pem, const std::string& key_pem) {
  const std::vector<access::X509Ptr> chain = ReadChain(chain_pem);
  if (chain.empty()) return Invalid("there is no certificate");
  const absl::StatusOr<access::KeyPtr> key = access::ParsePrivateKeyPem(key_pem);
  if (!key.ok()) return Invalid("there is no key");
  if (X509_check_private_key(chain.front().get(), key->get()) != 1) {
    (void)access::OpenSslError("");
    return Invalid("the key is not the certificate's");
  }
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (X509_verify(chain[i].get(), X509_get0_pubkey(chain[i + 1].get())) != 1) {
      (void)access::OpenSslError("");
      return Invalid("its chain is broken");
    }
  }
  if (X509_self_signed(chain.back().get(), /*verify_signature=*/1) != 1) {
    (void)access::OpenSslError("");
    return Invalid("its chain does not end in a root");
  }
  return absl::OkStatus();
}

absl::Status TlsStore::Install(const access::OwnCertificate& certificate) {
  PARC_TRY(MakePrivateDirectory(directory_));
  std::vector<int> numbers = Numbers(directory_);
  const int number = numbers.empty() ? 1 : numbers.back() + 1;
  const fs::path fresh = directory_ / std::to_string(number);
  PARC_TRY(MakePrivateDirectory(fresh));
  PARC_TRY(WriteDurably(fresh / "key.pem", certificate.key_pem, 0400));
  PARC_TRY(WriteDurably(fresh / "chain.pem", certificate.chain_pem, 0444));
  PARC_TRY(CheckPair(ReadBack(fresh / "chain.pem"), ReadBack(fresh / "key.pem")));
  PARC_TRY(PointLink(directory_ / "current", std::to_string(number)));
  numbers.push_back(number);
  std::error_code ignored;
  for (std::size_t i = 0; i + kKept < numbers.size(); ++i) {
    fs::remove_all(directory_ / std::to_string(numbers[i]), ignored);
  }
  return Serve(certificate.key_pem, certificate.chain_pem);
}

absl::StatusOr<bool> TlsStore::Refresh() {
  std::string key_pem = ReadBack(key());
  std::string chain_pem = ReadBack(chain());
  if (key_pem == key_pem_ && chain_pem == chain_pem_) return false;
  PARC_TRY(CheckPair(chain_pem, key_pem));
  PARC_TRY(Serve(std::move(key_pem), std::move(chain_pem)));
  return true;
}

absl::Status TlsStore::Serve(std::string key_pem, std::string chain_pem) {
  PARC_TRY(served_.Write(key_pem + chain_pem));
  key_pem_ = std::move(key_pem);
  chain_pem_ = std::move(chain_pem);
  return absl::OkStatus();
}

}  // namespace parc::app
