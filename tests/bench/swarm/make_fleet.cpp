#include "tests/bench/swarm/make_fleet.h"

#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "daemon/access/ca.h"
#include "daemon/access/ca_files.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/access/openssl.h"
#include "daemon/access/time_units.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "daemon/store/device_store.h"
#include "daemon/store/laptop_store.h"
#include "daemon/store/person_store.h"
#include "fmt/format.h"
#include "tests/bench/swarm/fleet.h"
#include "tests/bench/swarm/report.h"

namespace parc::swarm {
namespace {

using std::filesystem::path;

constexpr std::uint32_t kBatch = 2'000;  // devices to one transaction

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

// A request for a certificate of `key`, as an agent signs it.
absl::StatusOr<std::string> SignRequest(EVP_PKEY* key) {
  const access::X509ReqPtr request(X509_REQ_new());
  if (request == nullptr || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(request.get(), key) != 1 ||
      X509_REQ_sign(request.get(), key, EVP_sha256()) <= 0) {
    return access::OpenSslError("signing a certificate request");
  }
  return access::ToDer(request.get(), i2d_X509_REQ);
}

class Maker {
 public:
  Maker(const FleetPlan& plan, std::int64_t now, access::RandomBytes random)
      : plan_(plan), now_(now), random_(std::move(random)) {}

  absl::Status Open();
  // The devices `from` to `to` - 1, in one transaction.
  absl::Status Add(std::uint32_t from, std::uint32_t to);
  absl::Status Finish();

 private:
  absl::StatusOr<std::int64_t> AddLaptop(std::uint32_t number);
  // Returns the device's id.
  absl::StatusOr<std::string> Enrol(std::uint32_t number);
  absl::StatusOr<std::string> AddDevice(std::int64_t laptop);

  const FleetPlan& plan_;
  const std::int64_t now_;
  const access::RandomBytes random_;
  const inventory::CivilDate today_ = inventory::DayOf(now_, "Europe/Paris");

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<access::CertificateAuthority> ca_;
  std::unique_ptr<access::Devices> known_;
  std::unique_ptr<access::DeviceChanges> changes_;
  std::unique_ptr<store::LaptopStore> laptops_;
  std::unique_ptr<store::PersonStore> people_;
  std::unique_ptr<store::DeviceStore> devices_;
  std::ofstream ids_, keys_, standings_;
};

absl::Status Maker::Open() {
  std::error_code error;
  std::filesystem::create_directories(plan_.state_dir, error);
  const path parent = std::filesystem::absolute(plan_.fleet).parent_path();
  if (!error) std::filesystem::create_directories(parent, error);
  if (!error && !std::filesystem::create_directory(plan_.fleet, error) && !error) {
    return absl::AlreadyExistsError(plan_.fleet.string() + " exists");
  }
  const auto only_owner = std::filesystem::perms::owner_all;
  if (!error) std::filesystem::permissions(plan_.fleet, only_owner, error);
  if (!error) std::filesystem::permissions(plan_.state_dir, only_owner, error);
  if (error) return absl::ErrnoToStatus(error.value(), plan_.fleet.string());
  PARC_ASSIGN(database_, store::Database::Open(plan_.state_dir));
  store::Connection& db = database_->writer();
  PARC_ASSIGN(const std::int64_t laptops, db.Integer("SELECT count(*) FROM laptops"));
  if (laptops != 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_EMPTY",
                  fmt::format("{} already holds {} laptops: a simulated fleet is for a server of "
                              "its own",
                              plan_.state_dir.string(), laptops));
  }
  const path ca = plan_.state_dir / "ca";
  if (!std::filesystem::exists(ca, error)) {
    PARC_TRY(access::CertificateAuthority::CreateForTrial(ca, now_, random_));
  }
  PARC_ASSIGN(ca_, access::CertificateAuthority::Load(ca, {}, now_, random_));
  PARC_ASSIGN(known_, access::Devices::Load(db));
  changes_ = std::make_unique<access::DeviceChanges>(db, *known_, *ca_, random_);
  laptops_ = std::make_unique<store::LaptopStore>(db);
  people_ = std::make_unique<store::PersonStore>(db);
  devices_ = std::make_unique<store::DeviceStore>(db);
  ids_.open(plan_.fleet / "devices", std::ios::binary);
  keys_.open(plan_.fleet / "keys", std::ios::binary);
  standings_.open(plan_.fleet / "acknowledged", std::ios::binary);
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> Maker::AddLaptop(std::uint32_t number) {
  store::PersonRecord person;
  person.person.id = fmt::format("swarm-{:08}", number);
  person.person.name = fmt::format("Person {:08}", number);
  person.person.unit = fmt::format("Unit {:02}", number % 40);
  person.person.population = fmt::format("Population {}", number % 5);
  person.person.tier = static_cast<int>(1 + number % 4);
  person.person.revision = 1;
  PARC_ASSIGN(const std::int64_t holder, people_->Insert(person, today_, now_));
  store::LaptopRecord record;
  record.laptop.asset_tag = AssetTagOf(number);
  record.laptop.serial = SerialOf(number);
  record.laptop.manufacturer = "Dell Inc.";
  record.laptop.model = "Latitude 5420";
  record.laptop.state = inventory::LaptopState::kAssigned;
  record.laptop.state_since = today_;
  record.laptop.revision = 1;
  record.holder = holder;
  PARC_ASSIGN(const std::int64_t laptop, laptops_->Insert(record, today_, now_));
  PARC_TRY(laptops_->AddEvent({.laptop = laptop,
                               .event = inventory::LaptopEvent::kImport,
                               .from = std::nullopt,
                               .to = inventory::LaptopState::kAssigned,
                               .person = holder,
                               .effective = today_,
                               .now = now_,
                               .actor = "parc-swarm",
                               .reason = "simulated"}));
  return laptop;
}

absl::StatusOr<std::string> Maker::Enrol(std::uint32_t number) {
  PARC_ASSIGN(const access::KeyPtr key, access::MakeEcKey("P-256"));
  PARC_ASSIGN(std::string csr, SignRequest(key.get()));
  access::EnrolmentTokenWish wish;
  wish.laptop = AssetTagOf(number);
  PARC_ASSIGN(const auto token, changes_->CreateEnrolmentToken(wish, "parc-swarm", now_));
  access::Effect effect;
  PARC_ASSIGN(const access::EnrolAnswer answer, changes_->Enrol({.token = token.secret,
                                                                 .csr = std::move(csr),
                                                                 .serial = SerialOf(number),
                                                                 .uuid = {},
                                                                 .manufacturer = "Dell Inc.",
                                                                 .model = "Latitude 5420",
                                                                 .agent_version = "0.1.0"},
                                                                now_, effect));
  if (effect) effect();
  if (answer.outcome != access::EnrolOutcome::kIssued) {
    return absl::InternalError("a bound token did not enrol " + wish.laptop);
  }
  const std::string key_der = access::ToDer(key.get(), i2d_PrivateKey);
  const std::string& certificate = answer.certificate.chain.front();
  KeySlot slot;
  if (key_der.size() + certificate.size() > sizeof(slot.bytes)) {
    return absl::InternalError("a certificate is longer than its slot");
  }
  slot.key_size = static_cast<std::uint16_t>(key_der.size());
  slot.certificate_size = static_cast<std::uint16_t>(certificate.size());
  std::memcpy(slot.bytes, key_der.data(), key_der.size());
  std::memcpy(slot.bytes + key_der.size(), certificate.data(), certificate.size());
  keys_.write(reinterpret_cast<const char*>(&slot), sizeof(slot));
  return answer.device_id;
}

absl::StatusOr<std::string> Maker::AddDevice(std::int64_t laptop) {
  const std::string id = access::MakeUuid7(now_, random_);
  store::CertificateRecord certificate;
  certificate.serial = Hex(random_(16));
  certificate.spki_sha256 = Hex(random_(32));
  certificate.issued = now_;
  certificate.not_after = now_ + 60 * access::kDay;
  certificate.renew_at = now_ + 30 * access::kDay;
  PARC_TRY(devices_->Insert(id, laptop, "0.1.0", certificate).status());
  return id;
}

absl::Status Maker::Add(std::uint32_t from, std::uint32_t to) {
  return store::Within(database_->writer(), "adding devices", [&]() -> absl::Status {
    for (std::uint32_t number = from; number < to; ++number) {
      PARC_ASSIGN(const std::int64_t laptop, AddLaptop(number));
      const bool certified = plan_.certificates == 0 || number < plan_.certificates;
      PARC_ASSIGN(const std::string id, certified ? Enrol(number) : AddDevice(laptop));
      ids_.write(id.data(), static_cast<std::streamsize>(id.size()));
      const Standing standing;
      standings_.write(reinterpret_cast<const char*>(&standing), sizeof(standing));
    }
    return absl::OkStatus();
  });
}

absl::Status Maker::Finish() {
  std::ofstream ca(plan_.fleet / "ca.pem", std::ios::binary);
  for (const char* file : {access::kRootCertificateFile, access::kIssuingCertificateFile}) {
    ca << std::ifstream(plan_.state_dir / "ca" / file, std::ios::binary).rdbuf();
  }
  for (std::ofstream* file : {&ids_, &keys_, &standings_, &ca}) {
    file->close();
    if (!*file) return absl::UnavailableError("writing " + plan_.fleet.string() + " failed");
  }
  return database_->writer().Checkpoint(true);
}

}  // namespace

absl::Status MakeFleet(const FleetPlan& plan, std::int64_t now, const access::RandomBytes& random,
                       const std::function<void(std::uint32_t)>& progress) {
  Maker maker(plan, now, random);
  PARC_TRY(maker.Open());
  for (std::uint32_t from = 0; from < plan.devices; from += kBatch) {
    const std::uint32_t to = std::min(plan.devices, from + kBatch);
    PARC_TRY(maker.Add(from, to));
    progress(to);
  }
  return maker.Finish();
}

}  // namespace parc::swarm
