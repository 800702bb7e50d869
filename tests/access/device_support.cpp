#include "tests/access/device_support.h"

#include <catch2/catch.hpp>

#include "daemon/inventory/try.h"

namespace parc::access {
namespace {

constexpr inventory::CivilDate kToday{2026, 3, 1};

}  // namespace

AccessWorld::AccessWorld(const CaOptions& ca) : trial(ca) {
  auto opened = store::Database::Open(directory.path());
  REQUIRE(opened.ok());
  database = *std::move(opened);
  Restart();
}

void AccessWorld::Restart() {
  changes.reset();
  auto loaded = Devices::Load(database->writer());
  REQUIRE(loaded.ok());
  devices = *std::move(loaded);
  changes = std::make_unique<DeviceChanges>(database->writer(), *devices, *trial.ca,
                                            LoadedDice(static_cast<std::uint64_t>(now) + 7));
}

std::int64_t AccessWorld::AddLaptop(std::string_view asset_tag, std::string_view serial,
                                    inventory::LaptopState state) {
  store::LaptopRecord record;
  record.laptop.asset_tag = asset_tag;
  record.laptop.serial = serial;
  record.laptop.state = state;
  record.laptop.state_since = kToday;
  store::LaptopStore laptops(database->writer());
  std::int64_t row = 0;
  REQUIRE(store::Within(database->writer(), "adding a laptop", [&]() -> absl::Status {
            PARC_ASSIGN(row, laptops.Insert(record, kToday, now));
            return absl::OkStatus();
          }).ok());
  return row;
}

void AccessWorld::SetState(std::string_view asset_tag, inventory::LaptopState state) {
  store::LaptopStore laptops(database->writer());
  REQUIRE(store::Within(database->writer(), "moving a laptop", [&]() -> absl::Status {
            PARC_ASSIGN(auto record, laptops.FindByTag(asset_tag));
            record->laptop.state = state;
            return laptops.Replace(*record, kToday, now);
          }).ok());
}

absl::Status AccessWorld::Commit(absl::FunctionRef<absl::Status(Effect&)> change) {
  Effect effect;
  PARC_TRY(store::Within(database->writer(), "test", [&] { return change(effect); }));
  if (effect) effect();
  return absl::OkStatus();
}

std::string AccessWorld::Token(const EnrolmentTokenWish& wish) {
  std::string secret;
  REQUIRE(Commit([&](Effect&) -> absl::Status {
            PARC_ASSIGN(auto created, changes->CreateEnrolmentToken(wish, "tokens/tester", now));
            secret = created.secret;
            return absl::OkStatus();
          }).ok());
  return secret;
}

absl::StatusOr<EnrolAnswer> AccessWorld::Enrol(const EnrolCall& call) {
  EnrolAnswer answer;
  PARC_TRY(Commit([&](Effect& effect) -> absl::Status {
    PARC_ASSIGN(answer, changes->Enrol(call, now, effect));
    return absl::OkStatus();
  }));
  return answer;
}

absl::StatusOr<DeviceCertificate> AccessWorld::Renew(const DeviceIdentity& device,
                                                     std::string_view csr) {
  DeviceCertificate certificate;
  PARC_TRY(Commit([&](Effect& effect) -> absl::Status {
    PARC_ASSIGN(certificate, changes->Renew(device, csr, now, effect));
    return absl::OkStatus();
  }));
  return certificate;
}

absl::Status AccessWorld::Promote(const DeviceIdentity& device) {
  return Commit([&](Effect& effect) { return changes->Promote(device, now, effect); });
}

absl::Status AccessWorld::Approve(std::string_view request, std::string_view laptop, bool replace) {
  return Commit([&](Effect&) {
    return changes->ApproveRequest(request, laptop, replace, "tokens/approver", now);
  });
}

absl::Status AccessWorld::Reject(std::string_view request) {
  return Commit([&](Effect&) { return changes->RejectRequest(request, "tokens/approver", now); });
}

absl::Status AccessWorld::Revoke(std::string_view device, std::string_view reason) {
  return Commit([&](Effect& effect) { return changes->RevokeDevice(device, reason, now, effect); });
}

EnrolAnswer AccessWorld::EnrolAt(std::string_view asset_tag, const LaptopKey& key) {
  EnrolmentTokenWish wish;
  wish.laptop = asset_tag;
  const auto answer = Enrol(CallOf(key, Token(wish)));
  REQUIRE(answer.ok());
  REQUIRE(answer->outcome == EnrolOutcome::kIssued);
  return *answer;
}

absl::StatusOr<DeviceIdentity> AccessWorld::Admit(const DeviceCertificate& certificate) const {
  auto peers = PeerCertificates::Make(trial.ca->issuers(), trial.ca->trust_domain());
  REQUIRE(peers.ok());
  const auto peer = peers->Read(certificate.chain.front());
  REQUIRE(peer.ok());
  return devices->Admit(*peer, now);
}

std::int64_t AccessWorld::Count(const std::string& table_and_where) {
  const auto count = database->writer().Integer("SELECT COUNT(*) FROM " + table_and_where);
  REQUIRE(count.ok());
  return *count;
}

EnrolmentTokenWish Wish(std::string_view laptop, std::string_view serial, int max_uses,
                        std::int64_t lifetime, bool allow_replace) {
  EnrolmentTokenWish wish;
  wish.laptop = laptop;
  wish.serial = serial;
  wish.max_uses = max_uses;
  wish.lifetime = lifetime;
  wish.allow_replace = allow_replace;
  return wish;
}

EnrolCall CallOf(const LaptopKey& key, std::string_view token, std::string_view serial) {
  EnrolCall call;
  call.token = token;
  call.csr = key.csr;
  call.serial = serial;
  call.manufacturer = "Dell Inc.";
  call.model = "Latitude 5440";
  call.agent_version = "0.1.0";
  return call;
}

}  // namespace parc::access
