#include "tests/checkin/checkin_support.h"

#include <catch2/catch.hpp>
#include <utility>

#include "fmt/format.h"
#include "tests/support/dice.h"

namespace parc::checkin {

using access::DeviceIdentity;
using inventory::FactSheet;
using inventory::FieldId;
using inventory::Section;
using inventory::Value;

namespace {

access::RandomBytes LoadedDice() {
  return [dice = std::make_shared<test::Dice>(7)](std::size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(dice->Below(256));
    return bytes;
  };
}

}  // namespace

std::string DigestOf(int number) {
  // A digest may hold any byte, zero too.
  std::string digest = fmt::format("{:031}", number);
  digest.insert(digest.begin() + 5, '\0');
  return digest;
}

std::string BootOf(int number) { return fmt::format("{:032x}", number); }

FactSheet ReadyFacts() {
  FactSheet facts;
  facts.sections = {Section::kOs,       Section::kHardware, Section::kStorage, Section::kNetwork,
                    Section::kSecurity, Section::kUpdates,  Section::kClock,   Section::kVpn};
  facts.values = {
      {FieldId::kOsId, std::string("debian")},
      {FieldId::kOsName, std::string("Debian GNU/Linux 12 (bookworm)")},
      {FieldId::kOsVersion, std::string("12")},
      {FieldId::kHardwareModel, std::string("Latitude 5400")},
      {FieldId::kDiskEncrypted, true},
      {FieldId::kRootEncrypted, true},
      {FieldId::kDiskFreePercent, std::int64_t{40}},
      {FieldId::kDiskLeastFreePercent, std::int64_t{40}},
      {FieldId::kDiskLeastFreeBytes, std::int64_t{40'000'000'000}},
      {FieldId::kNetworkOnline, true},
      {FieldId::kFirewallEnabled, true},
      {FieldId::kUpdatesSecurity, std::int64_t{0}},
      {FieldId::kClockSynchronised, true},
      {FieldId::kClockMaxError, std::int64_t{20'000}},
      {FieldId::kVpnClients, std::vector<std::string>{"OPENVPN", "WIREGUARD"}},
  };
  facts.disks = {{"nvme0n1", "Disk 512", 512'000'000'000, false}, {"sda", "Disk", {}, {}}};
  facts.interfaces = {{"eth0", "d4:81:d7:00:00:01", "ETHERNET", true},
                      {"tun0", "", "TUNNEL", false}};
  facts.vpn_profiles = {{"OPENVPN", "openvpn", true, "", "vpn.example.org", 1194, {}, {}}};
  facts.vpn_gateways = {{"OPENVPN_UDP", "vpn.example.org", 1194, true, "REACHABLE", 9'000}};
  facts.unreadable = {{"hardware.serial", "needs the root collector"}};
  inventory::DeriveFacts(facts);
  return facts;
}

FactSheet With(FactSheet facts, FieldId id, Value value) {
  facts.values[id] = std::move(value);
  return facts;
}

Report ReportOf(std::uint64_t sequence, int digest, FactSheet facts) {
  Report report;
  report.boot_id = BootOf(1);
  report.sequence = sequence;
  report.agent_version = "0.1.0";
  report.digest = DigestOf(digest);
  report.facts = std::move(facts);
  return report;
}

Report DeltaOf(std::uint64_t sequence, int base, int digest, FactSheet facts) {
  Report report = ReportOf(sequence, digest, std::move(facts));
  report.base_digest = DigestOf(base);
  return report;
}

ScratchIntake::ScratchIntake(const posture::Policy& policy)
    : view_(fleet.store.reader()), facts_(fleet.store.reader()), reports_(fleet.store.reader()) {
  const std::filesystem::path ca = ca_directory_ / "ca";
  REQUIRE(access::CertificateAuthority::CreateForTrial(ca, fleet.clock.now(), LoadedDice()).ok());
  auto loaded = access::CertificateAuthority::Load(ca, {}, fleet.clock.now(), LoadedDice());
  REQUIRE(loaded.ok());
  ca_ = *std::move(loaded);
  Restart(policy);
}

void ScratchIntake::Restart(const posture::Policy& policy) {
  Restart(policy, {.burst = 1'000'000});
}

void ScratchIntake::Restart(const posture::Policy& policy, const Pacing& pacing) {
  intake_.reset();
  auto devices = access::Devices::Load(fleet.store.reader());
  REQUIRE(devices.ok());
  devices_ = *std::move(devices);
  store::Connection& writer = fleet.store.database().writer();
  changes_ = std::make_unique<access::DeviceChanges>(writer, *devices_, *ca_, LoadedDice());
  policy_ = std::make_unique<posture::PolicyInForce>(policy);
  intake_ =
      std::make_unique<Intake>(fleet.store.commits(), writer, *changes_, *policy_, pacing, wall);
}

DeviceIdentity ScratchIntake::AddLaptop(const std::string& asset_tag, const std::string& serial) {
  inventory::Laptop laptop;
  laptop.asset_tag = asset_tag;
  laptop.serial = serial;
  laptop.manufacturer = "Dell";
  laptop.model = "Latitude 5400";
  const auto made = fleet.Do([&](fleet::Change& change) { return change.CreateLaptop(laptop); });
  INFO(made.status());
  REQUIRE(made.ok());
  SetState(asset_tag, "ASSIGNED");  // from a laptop in stock nobody expects reports
  return Enrol(
      fleet.store.Integer(fmt::format("SELECT id FROM laptops WHERE asset_tag = '{}'", asset_tag)));
}

void ScratchIntake::SetState(const std::string& asset_tag, const std::string& state) {
  for (const char* table : {"laptops", "laptop_versions"}) {
    REQUIRE(fleet.store
                .Write(fmt::format("UPDATE {} SET state = '{}' WHERE asset_tag = '{}'", table,
                                   state, asset_tag))
                .ok());
  }
}

DeviceIdentity ScratchIntake::Replace(const DeviceIdentity& device) {
  REQUIRE(fleet.store
              .Write(fmt::format("UPDATE devices SET state = 'REPLACED' WHERE id = {}", device.row))
              .ok());
  return Enrol(device.laptop);
}

DeviceIdentity ScratchIntake::Enrol(std::int64_t laptop) {
  const int number = ++enrolled_;
  DeviceIdentity device;
  device.id = fmt::format("01900000-0000-7000-8000-{:012}", number);
  device.serial = fmt::format("{:032x}", number);
  device.laptop = laptop;
  REQUIRE(
      fleet.store
          .Write(fmt::format("INSERT INTO devices(device, laptop, state, agent_version, enrolled, "
                             "revoke_reason, quarantine, current_serial, current_not_after) "
                             "VALUES('{}', {}, 'ACTIVE', '0.1.0', {}, '', '', '{}', {})",
                             device.id, laptop, fleet.clock.now(), device.serial,
                             fleet.clock.now() + 60 * kDay))
          .ok());
  device.row =
      fleet.store.Integer(fmt::format("SELECT id FROM devices WHERE device = '{}'", device.id));
  return device;
}

absl::StatusOr<Answer> ScratchIntake::Send(const DeviceIdentity& device, Report report) {
  Answer& newest = newest_[device.row];
  report.held_problems = newest.problems_digest;
  absl::StatusOr<Answer> answer = SendAsIs(device, std::move(report));
  if (!answer.ok()) return answer;
  if (answer->problems_digest == newest.problems_digest) {
    REQUIRE(answer->judgement.checks.empty());
    answer->judgement.checks = newest.judgement.checks;
  }
  newest = *answer;
  return answer;
}

absl::StatusOr<Answer> ScratchIntake::SendAsIs(const DeviceIdentity& device, Report report) {
  test::Awaited<absl::StatusOr<Answer>> answer;
  if (report.sent == 0) report.sent = fleet.clock.now();
  const absl::Status queued =
      intake_->Submit(device, std::move(report), fleet.clock.now(), answer.Setter());
  if (!queued.ok()) return queued;
  const auto got = answer.Get();
  if (got == nullptr) return absl::DeadlineExceededError("no answer came");
  return *got;
}

absl::StatusOr<int> ScratchIntake::Rejudge(int limit) {
  test::Awaited<absl::StatusOr<Rejudged>> judged;
  const absl::Status queued = intake_->Rejudge(fleet.clock.now(), limit, judged.Setter());
  if (!queued.ok()) return queued;
  const auto got = judged.Get();
  REQUIRE(got != nullptr);
  if (!got->ok()) return got->status();
  CHECK((*got)->more == ((*got)->laptops == limit));  // nobody waits
  return (*got)->laptops;
}

FactSheet ScratchIntake::Facts(const DeviceIdentity& device) {
  auto facts = facts_.Read(device.laptop);
  INFO(facts.status());
  REQUIRE(facts.ok());
  facts->values.erase(inventory::FieldId::kAgentVersion);
  return *std::move(facts);
}

std::optional<store::StoredJudgement> ScratchIntake::Stored(const DeviceIdentity& device) {
  const auto stored = reports_.FindJudgement(device.laptop);
  INFO(stored.status());
  REQUIRE(stored.ok());
  return *stored;
}

store::Standing ScratchIntake::Standing(const DeviceIdentity& device) {
  auto standing = reports_.Find(device.row, device.laptop);
  INFO(standing.status());
  REQUIRE(standing.ok());
  store::ContactLog log(fleet.store.reader());
  REQUIRE(log.Renew(device.laptop, standing->contact).ok());
  return *standing;
}

std::string ScratchIntake::History(const DeviceIdentity& device) {
  return fleet.store.Text(
      fmt::format("SELECT group_concat(verdict, ' ') FROM (SELECT verdict FROM verdict_versions "
                  "WHERE laptop = {} ORDER BY id)",
                  device.laptop));
}

fleet::View& ScratchIntake::ViewBy(const posture::Policy* policy) {
  view_.Begin({.now = fleet.clock.now(),
               .today = fleet.clock.today(),
               .zone = fleet.clock.zone(),
               .stale_after = kDay,
               .policy = policy});
  return view_;
}

fleet::Readiness ScratchIntake::Explain(const std::string& asset_tag,
                                        const posture::Policy* policy) {
  const auto readiness = ViewBy(policy).Explain(asset_tag);
  INFO(readiness.status());
  REQUIRE(readiness.ok());
  return *readiness;
}

posture::Judgement Told(posture::Judgement judgement) {
  judgement.checks = posture::ProblemsOf(judgement);
  return judgement;
}

posture::CheckResult Of(const posture::Judgement& judgement, std::string_view check) {
  for (const posture::CheckResult& result : judgement.checks) {
    if (result.check == check) return result;
  }
  FAIL("no result of " << check);
  return {};
}

}  // namespace parc::checkin
