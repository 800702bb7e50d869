#include "daemon/access/peer_certificate.h"

#include <catch2/catch.hpp>
#include <thread>

#include "daemon/access/certificate_builder.h"
#include "daemon/access/digest.h"
#include "daemon/access/spiffe.h"
#include "daemon/inventory/reason.h"
#include "tests/access/access_support.h"

namespace parc::access {
namespace {

constexpr char kDeviceId[] = "01954d36-3e00-7abc-8def-0123456789ab";

PeerCertificates ReaderFor(const TrialCa& trial, std::size_t capacity = 16) {
  auto peers = PeerCertificates::Make(trial.ca->issuers(), trial.ca->trust_domain(), capacity);
  REQUIRE(peers.ok());
  return *std::move(peers);
}

std::string PemOf(const std::string& der) {
  return CertificatePem(ParseCertificateDer(der)->get());
}

// An issuing CA whose key the test holds, to sign what the product never would.
struct LooseCa {
  LooseCa() : key(*MakeEcKey("P-256")) {
    CertificatePlan plan;
    plan.common_name = "loose";
    plan.not_before = kNoon - kHour;
    plan.not_after = kNoon + kYear;
    plan.basic_constraints = "critical,CA:TRUE";
    plan.key_usage = "critical,keyCertSign";
    certificate = *BuildCertificate(plan, key.get(),
                                    {.issuer = nullptr, .key = key.get(), .digest = EVP_sha256()},
                                    LoadedDice());
  }

  std::string Leaf(const std::vector<std::string>& uris, const std::string& usage,
                   const std::vector<std::string>& dns = {}) const {
    CertificatePlan plan;
    plan.common_name = kDeviceId;
    plan.not_before = kNoon;
    plan.not_after = kNoon + kDay;
    plan.extended_key_usage = usage;
    plan.uris = uris;
    plan.dns_names = dns;
    const X509Ptr leaf = *BuildCertificate(
        plan, key.get(), {.issuer = certificate.get(), .key = key.get(), .digest = EVP_sha256()},
        LoadedDice(3));
    return CertificateDer(leaf.get());
  }

  KeyPtr key;
  X509Ptr certificate;
};

}  // namespace

TEST_CASE("a device's certificate tells who it is") {
  const TrialCa trial;
  const LaptopKey laptop;
  const auto issued = trial.ca->IssueDevice(laptop.public_key, kDeviceId, kNoon);
  PeerCertificates peers = ReaderFor(trial);
  const PeerCertificate expected{.kind = PeerCertificate::Kind::kDevice,
                                 .device_id = kDeviceId,
                                 .serial = issued->serial,
                                 .not_before = kNoon - 60 * kMinute,
                                 .not_after = kNoon + 60 * kDay,
                                 .spki_sha256 = laptop.public_key.spki_sha256};
  CHECK(*peers.Read(PemOf(issued->chain[0])) == expected);
  CHECK(*peers.Read(issued->chain[0]) == expected);
  CHECK(*peers.Read(PemOf(issued->chain[0])) == expected);  // remembered
}

TEST_CASE("the self-check is told from a device") {
  const TrialCa trial;
  PeerCertificates peers = ReaderFor(trial);
  const auto peer = peers.Read(trial.ca->IssueSelfCheck(kNoon)->chain_pem);
  REQUIRE(peer.ok());
  CHECK(peer->kind == PeerCertificate::Kind::kSelfCheck);
  CHECK(peer->device_id.empty());
}

TEST_CASE("certificates that are not a device's are refused") {
  const TrialCa trial;
  const LaptopKey laptop;
  PeerCertificates peers = ReaderFor(trial);
  const auto refused = [&](const std::string& leaf) {
    const auto peer = peers.Read(leaf);
    return peer.status().code() == absl::StatusCode::kUnauthenticated &&
           ReasonOf(peer.status()) == "BAD_CERTIFICATE";
  };
  CHECK(refused(""));
  CHECK(refused("-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----\n"));
  CHECK(refused(std::string(20'000, 'x')));
  CHECK(refused(trial.ca->IssueServer({"localhost"}, {}, kNoon)->chain_pem));
  CHECK(refused(trial.ca->root_pem()));
  CHECK(refused(trial.ca->issuers().at(0)));

  const TrialCa rogue({}, 7);
  CHECK(refused(rogue.ca->IssueDevice(laptop.public_key, kDeviceId, kNoon)->chain[0]));
  const TrialCa elsewhere({.trust_domain = "elsewhere"}, 9);
  auto foreign = PeerCertificates::Make(elsewhere.ca->issuers(), "parc");
  CHECK(foreign->Read(elsewhere.ca->IssueDevice(laptop.public_key, kDeviceId, kNoon)->chain[0])
            .status()
            .code() == absl::StatusCode::kUnauthenticated);
}

TEST_CASE("a certificate of our own issuer needs exactly one name and exactly one use") {
  const LooseCa loose;
  auto peers = *PeerCertificates::Make({CertificateDer(loose.certificate.get())}, "parc");
  const std::string name = DeviceName("parc", kDeviceId);
  CHECK(peers.Read(loose.Leaf({name}, "clientAuth")).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({name}, "clientAuth,serverAuth")).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({name}, "")).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({name, name}, "clientAuth")).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({name}, "clientAuth", {"parc.example"})).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({}, "clientAuth")).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({}, "clientAuth", {"parc.example"})).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({name + "/x"}, "clientAuth")).ok());
  CHECK_FALSE(peers.Read(loose.Leaf({"spiffe://parc/device/"}, "clientAuth")).ok());
  CHECK_FALSE(
      peers.Read(loose.Leaf({"spiffe://parc/Device/" + std::string(kDeviceId)}, "clientAuth"))
          .ok());
}

TEST_CASE("a changed byte makes a certificate a stranger's") {
  const TrialCa trial;
  const LaptopKey laptop;
  PeerCertificates peers = ReaderFor(trial);
  const std::string leaf = trial.ca->IssueDevice(laptop.public_key, kDeviceId, kNoon)->chain[0];
  REQUIRE(peers.Read(leaf).ok());
  for (std::size_t i = 0; i < leaf.size(); ++i) {
    std::string wrong = leaf;
    wrong[i] = static_cast<char>(wrong[i] ^ 0x01);
    INFO("byte " << i);
    CHECK_FALSE(peers.Read(wrong).ok());
  }
}

TEST_CASE("more certificates than are remembered are read all the same, from many threads") {
  const TrialCa trial;
  const LaptopKey laptop;
  PeerCertificates peers = ReaderFor(trial, 4);
  std::vector<std::string> leaves;
  std::vector<std::string> serials;
  for (int i = 0; i < 12; ++i) {
    const auto issued = trial.ca->IssueDevice(laptop.public_key, kDeviceId, kNoon);
    leaves.push_back(issued->chain[0]);
    serials.push_back(issued->serial);
  }
  std::vector<int> right(4, 0);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < right.size(); ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < 120; ++i) {
          const std::size_t pick = (i * (t + 1)) % leaves.size();
          const auto peer = peers.Read(leaves[pick]);
          if (peer.ok() && peer->serial == serials[pick]) ++right[t];
        }
      });
    }
  }
  CHECK(right == std::vector<int>{120, 120, 120, 120});
}

}  // namespace parc::access
