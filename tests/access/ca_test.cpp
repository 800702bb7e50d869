#include "daemon/access/ca.h"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "daemon/access/digest.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/inventory/reason.h"
#include "tests/access/access_support.h"

namespace parc::access {
namespace {

namespace fs = std::filesystem;

constexpr char kIssuedTo[] = "01954d36-3e00-7abc-8def-0123456789ab";

std::string ExtensionText(const X509* certificate, int nid) {
  const int at = X509_get_ext_by_NID(certificate, nid, -1);
  if (at < 0) return "absent";
  X509_EXTENSION* extension = X509_get_ext(certificate, at);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509V3_EXT_print(bio.get(), extension, 0, 0);
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(bio.get(), &data));
  return (X509_EXTENSION_get_critical(extension) != 0 ? "critical " : "") + std::string(data, size);
}

mode_t ModeOf(const fs::path& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777U;
}

// What a TLS stack says of `leaf` with `between` sent along, `root` trusted, at `time`.
int Verify(X509* leaf, X509* between, X509* root, int purpose, std::int64_t time) {
  using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
  using Context = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
  const Store store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root);
  STACK_OF(X509)* chain = sk_X509_new_null();
  sk_X509_push(chain, between);
  const Context context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf, chain);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(parameters, purpose);
  X509_VERIFY_PARAM_set_time(parameters, time / kSecond);
  X509_verify_cert(context.get());
  const int error = X509_STORE_CTX_get_error(context.get());
  sk_X509_free(chain);
  return error;
}

std::vector<X509Ptr> ReadChain(const std::string& pem) {
  std::vector<X509Ptr> chain;
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(certificate);
  }
  return chain;
}

std::string ReasonOfLoad(const fs::path& directory, std::int64_t now = kNoon) {
  const auto loaded = CertificateAuthority::Load(directory, {}, now, LoadedDice());
  return loaded.ok() ? "OK" : ReasonOf(loaded.status());
}

void Overwrite(const fs::path& file, const std::string& text) {
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("a trial CA keeps its keys from others") {
  const TrialCa trial;
  const fs::path directory = trial.scratch.path() / "ca";
  CHECK(ModeOf(directory) == 0700);
  CHECK(ModeOf(directory / "root.key") == 0400);
  CHECK(ModeOf(directory / "issuing.key") == 0400);
  CHECK_FALSE(fs::exists(trial.scratch.path() / "ca.new"));
  CHECK(ReasonOf(CertificateAuthority::CreateForTrial(directory, kNoon, LoadedDice())) ==
        "CA_EXISTS");
}

TEST_CASE("what a crash left of a CA does not hinder the next start") {
  const ScratchDirectory scratch;
  fs::create_directory(scratch.path() / "ca.new");
  std::ofstream(scratch.path() / "ca.new" / "root.key") << "half";
  REQUIRE(CertificateAuthority::CreateForTrial(scratch.path() / "ca", kNoon, LoadedDice()).ok());
  CHECK(ReasonOfLoad(scratch.path() / "ca") == "OK");
}

TEST_CASE("the CA's own certificates are what the design says") {
  const TrialCa trial;
  const X509Ptr root = *ParseCertificatePem(trial.ca->root_pem());
  const X509Ptr issuing = *ParseCertificateDer(trial.ca->issuers().at(0));
  CHECK(trial.ca->root_fingerprint() == Hex(Sha256(CertificateDer(root.get()))));
  CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(root.get())) == 384);
  CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(issuing.get())) == 256);
  CHECK(*FromAsn1Time(X509_get0_notAfter(root.get())) == kNoon + 10 * kYear);
  CHECK(*FromAsn1Time(X509_get0_notAfter(issuing.get())) == kNoon + 2 * kYear);
  CHECK(ExtensionText(issuing.get(), NID_basic_constraints) == "critical CA:TRUE, pathlen:0");
  CHECK(ExtensionText(issuing.get(), NID_key_usage) == "critical Certificate Sign, CRL Sign");
}

TEST_CASE("a CA is loaded again with the same root, also without the root's key") {
  const TrialCa trial;
  fs::remove(trial.scratch.path() / "ca" / "root.key");
  const auto again =
      CertificateAuthority::Load(trial.scratch.path() / "ca", {}, kNoon + kDay, LoadedDice());
  REQUIRE(again.ok());
  CHECK((*again)->root_fingerprint() == trial.ca->root_fingerprint());
}

TEST_CASE("a CA that does not fit is refused by name") {
  const TrialCa trial;
  const TrialCa other({}, 7);
  const fs::path directory = trial.scratch.path() / "ca";
  const auto read_other = [&](const char* file) {
    std::ifstream stream(other.scratch.path() / "ca" / file);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  SECTION("its key is open to others") {
    fs::permissions(directory / "issuing.key", fs::perms::group_read, fs::perm_options::add);
  }
  SECTION("its key belongs to another") {
    Overwrite(directory / "issuing.key", read_other("issuing.key"));
  }
  SECTION("its root is another") { Overwrite(directory / "root.pem", read_other("root.pem")); }
  SECTION("its key is missing") { fs::remove(directory / "issuing.key"); }
  SECTION("its certificate is no certificate") { Overwrite(directory / "issuing.pem", "hello"); }
  CHECK(ReasonOfLoad(directory) == "CA_INVALID");
}

TEST_CASE("a CA whose time is over, or not yet come, is refused") {
  const TrialCa trial;
  CHECK(ReasonOfLoad(trial.scratch.path() / "ca", kNoon + 2 * kYear + kSecond) == "CA_INVALID");
  CHECK(ReasonOfLoad(trial.scratch.path() / "ca", kNoon - kDay) == "CA_INVALID");
}

TEST_CASE("a device certificate says who it is and nothing that was asked for") {
  const TrialCa trial;
  const LaptopKey laptop;
  const auto issued = trial.ca->IssueDevice(laptop.public_key, kIssuedTo, kNoon);
  REQUIRE(issued.ok());
  REQUIRE(issued->chain.size() == 2);
  const X509Ptr leaf = *ParseCertificateDer(issued->chain[0]);
  char name[64];
  X509_NAME_get_text_by_NID(X509_get_subject_name(leaf.get()), NID_commonName, name, sizeof name);
  CHECK(std::string(name) == kIssuedTo);
  CHECK(X509_NAME_entry_count(X509_get_subject_name(leaf.get())) == 1);
  CHECK(ExtensionText(leaf.get(), NID_subject_alt_name) ==
        "URI:spiffe://parc/device/" + std::string(kIssuedTo));
  CHECK(ExtensionText(leaf.get(), NID_key_usage) == "critical Digital Signature");
  CHECK(ExtensionText(leaf.get(), NID_ext_key_usage) == "TLS Web Client Authentication");
  CHECK(ExtensionText(leaf.get(), NID_basic_constraints) == "critical CA:FALSE");
  CHECK(ExtensionText(leaf.get(), NID_authority_key_identifier) != "absent");
  CHECK(X509_get_signature_nid(leaf.get()) == NID_ecdsa_with_SHA256);
  CHECK(*FromAsn1Time(X509_get0_notBefore(leaf.get())) == kNoon - 60 * kMinute);
  CHECK(*FromAsn1Time(X509_get0_notAfter(leaf.get())) == kNoon + 60 * kDay);
  CHECK(issued->not_after == kNoon + 60 * kDay);
  CHECK(issued->serial == SerialHex(leaf.get()));
  CHECK(issued->serial.size() == 32);
}

TEST_CASE(
    "a TLS stack that trusts the root alone accepts a device, for what it is and while it lasts") {
  const TrialCa trial;
  const LaptopKey laptop;
  const auto issued = trial.ca->IssueDevice(laptop.public_key, kIssuedTo, kNoon);
  const X509Ptr leaf = *ParseCertificateDer(issued->chain.at(0));
  const X509Ptr issuing = *ParseCertificateDer(issued->chain.at(1));
  const X509Ptr root = *ParseCertificatePem(trial.ca->root_pem());
  const auto verify = [&](int purpose, std::int64_t time) {
    return Verify(leaf.get(), issuing.get(), root.get(), purpose, time);
  };
  CHECK(verify(X509_PURPOSE_SSL_CLIENT, kNoon) == X509_V_OK);
  CHECK(verify(X509_PURPOSE_SSL_CLIENT, kNoon + 59 * kDay) == X509_V_OK);
  CHECK(verify(X509_PURPOSE_SSL_CLIENT, kNoon + 61 * kDay) == X509_V_ERR_CERT_HAS_EXPIRED);
  CHECK(verify(X509_PURPOSE_SSL_SERVER, kNoon) == X509_V_ERR_INVALID_PURPOSE);

  const TrialCa other({}, 7);
  const X509Ptr other_root = *ParseCertificatePem(other.ca->root_pem());
  CHECK(Verify(leaf.get(), issuing.get(), other_root.get(), X509_PURPOSE_SSL_CLIENT, kNoon) !=
        X509_V_OK);
}

TEST_CASE("devices renew around half of their life, each at its own time") {
  const TrialCa trial;
  const LaptopKey laptop;
  std::set<std::int64_t> times;
  std::set<std::string> serials;
  for (int i = 0; i < 200; ++i) {
    const auto issued = trial.ca->IssueDevice(laptop.public_key, kIssuedTo, kNoon);
    REQUIRE(issued.ok());
    CHECK(issued->renew_at >= kNoon + 27 * kDay);
    CHECK(issued->renew_at <= kNoon + 33 * kDay);
    times.insert(issued->renew_at);
    serials.insert(issued->serial);
  }
  CHECK(times.size() > 190);
  CHECK(*times.rbegin() - *times.begin() > 5 * kDay);
  CHECK(serials.size() == 200);
}

TEST_CASE("a new issuing CA takes over, and what the old one signed is taken until it ends") {
  TrialCa trial;
  const std::filesystem::path directory = trial.scratch.path() / "ca";
  const LaptopKey key;
  const auto old = trial.ca->IssueDevice(key.public_key, kIssuedTo, kNoon);
  REQUIRE(old.ok());
  REQUIRE(CertificateAuthority::RotateIssuing(directory, kNoon, LoadedDice(9)).ok());
  const auto rotated = CertificateAuthority::Load(directory, {}, kNoon, LoadedDice(10));
  REQUIRE(rotated.ok());
  CHECK((*rotated)->root_fingerprint() == trial.ca->root_fingerprint());
  const auto fresh = (*rotated)->IssueDevice(LaptopKey().public_key, kIssuedTo, kNoon);
  REQUIRE(fresh.ok());
  CHECK(fresh->chain.back() != old->chain.back());

  auto peers = PeerCertificates::Make((*rotated)->issuers(), "parc");
  REQUIRE(peers.ok());
  CHECK(peers->Read(old->chain.front()).ok());
  CHECK(peers->Read(fresh->chain.front()).ok());
  auto before = PeerCertificates::Make(trial.ca->issuers(), "parc");
  REQUIRE(before.ok());
  CHECK(!before->Read(fresh->chain.front()).ok());

  SECTION("a second one keeps both") {
    REQUIRE(CertificateAuthority::RotateIssuing(directory, kNoon + kDay, LoadedDice(11)).ok());
    const auto again = CertificateAuthority::Load(directory, {}, kNoon + kDay, LoadedDice(12));
    REQUIRE(again.ok());
    CHECK((*again)->issuers().size() == 3);
  }
  SECTION("one that is out of date is forgotten") {
    // Made later, so that it ends later.
    REQUIRE(CertificateAuthority::RotateIssuing(directory, kNoon + kYear, LoadedDice(11)).ok());
    const auto later =
        CertificateAuthority::Load(directory, {}, kNoon + 2 * kYear + kDay, LoadedDice(12));
    REQUIRE(later.ok());
    CHECK((*later)->issuers().size() == 1);
  }
  SECTION("without the root's key it is made elsewhere") {
    std::filesystem::remove(directory / "root.key");
    const absl::Status refused =
        CertificateAuthority::RotateIssuing(directory, kNoon, LoadedDice(11));
    CHECK(ReasonOf(refused) == "CA_INVALID");
    CHECK(refused.message().find("root.key is not there") != std::string::npos);
    CHECK(CertificateAuthority::Load(directory, {}, kNoon, LoadedDice(12)).ok());
  }
}

TEST_CASE("no certificate outlives the issuing CA") {
  const TrialCa trial;
  const LaptopKey laptop;
  const std::int64_t late = kNoon + 2 * kYear - 10 * kDay;
  const auto device = trial.ca->IssueDevice(laptop.public_key, kIssuedTo, late);
  REQUIRE(device.ok());
  CHECK(device->not_after == trial.ca->not_after());
  CHECK(device->renew_at < device->not_after);
  CHECK(trial.ca->IssueServer({"localhost"}, {}, late)->not_after == trial.ca->not_after());

  const std::int64_t over = trial.ca->not_after();
  for (const absl::Status& refused :
       {trial.ca->IssueDevice(laptop.public_key, kIssuedTo, over).status(),
        trial.ca->IssueServer({"localhost"}, {}, over).status(),
        trial.ca->IssueSelfCheck(over).status()}) {
    CHECK(ReasonOf(refused) == "CA_EXPIRED");
  }
}

TEST_CASE("the daemon's own certificate names its hosts and brings the root along") {
  const TrialCa trial;
  const auto own =
      trial.ca->IssueServer({"parc.example", "localhost"}, {"127.0.0.1", "::1"}, kNoon);
  REQUIRE(own.ok());
  const std::vector<X509Ptr> chain = ReadChain(own->chain_pem);
  REQUIRE(chain.size() == 3);
  CHECK(Hex(Sha256(CertificateDer(chain[2].get()))) == trial.ca->root_fingerprint());
  CHECK(Verify(chain[0].get(), chain[1].get(), chain[2].get(), X509_PURPOSE_SSL_SERVER, kNoon) ==
        X509_V_OK);
  CHECK(X509_check_host(chain[0].get(), "parc.example", 0, 0, nullptr) == 1);
  CHECK(X509_check_host(chain[0].get(), "other.example", 0, 0, nullptr) == 0);
  CHECK(X509_check_ip_asc(chain[0].get(), "127.0.0.1", 0) == 1);
  CHECK(X509_check_ip_asc(chain[0].get(), "::1", 0) == 1);
  const KeyPtr key = *ParsePrivateKeyPem(own->key_pem);
  CHECK(X509_check_private_key(chain[0].get(), key.get()) == 1);
  CHECK(own->renew_at == kNoon + 45 * kDay);
}

TEST_CASE("a host name cannot smuggle in a second name") {
  const TrialCa trial;
  CHECK_FALSE(trial.ca->IssueServer({"a.example,DNS:b.example"}, {}, kNoon).ok());
  CHECK_FALSE(trial.ca->IssueServer({""}, {}, kNoon).ok());
  CHECK_FALSE(trial.ca->IssueServer({}, {"300.0.0.1"}, kNoon).ok());
  CHECK_FALSE(trial.ca->IssueServer({}, {}, kNoon).ok());
}

TEST_CASE("a trust domain that cannot stand in a name is refused") {
  const TrialCa trial;
  const auto load = [&](const char* domain) {
    return CertificateAuthority::Load(trial.scratch.path() / "ca", {.trust_domain = domain}, kNoon,
                                      LoadedDice());
  };
  CHECK(ReasonOf(load("Parc/x").status()) == "BAD_TRUST_DOMAIN");
  CHECK(ReasonOf(load("").status()) == "BAD_TRUST_DOMAIN");
  CHECK(load("parc.cvl.example").ok());
}

}  // namespace parc::access
