#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/access/ca.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/checkin/intake.h"
#include "daemon/inventory/fact_sheet.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/fact_store.h"
#include "daemon/store/report_store.h"
#include "tests/support/scratch_fleet.h"

namespace parc::checkin {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

// 32 bytes, different for every number.
std::string DigestOf(int number);
// A boot id, different for every number.
std::string BootOf(int number);

// Complete facts of a laptop that is ready to work from home.
inventory::FactSheet ReadyFacts();
inventory::FactSheet With(inventory::FactSheet facts, inventory::FieldId id,
                          inventory::Value value);

// A complete report of `facts`: number `sequence`, digest DigestOf(`digest`), first boot.
Report ReportOf(std::uint64_t sequence, int digest, inventory::FactSheet facts);
// The same for a part of the facts, on top of DigestOf(`base`).
Report DeltaOf(std::uint64_t sequence, int base, int digest, inventory::FactSheet facts);

// An intake on a scratch fleet, by the default policy unless told otherwise.
class ScratchIntake {
 public:
  explicit ScratchIntake(const posture::Policy& policy = posture::DefaultPolicy());
  ScratchIntake(ScratchIntake&&) = delete;

  test::ScratchFleet fleet;

  // A laptop in state ASSIGNED with an enrolled device. `serial` is the record's.
  access::DeviceIdentity AddLaptop(const std::string& asset_tag, const std::string& serial = {});
  // As if the laptop had come into `state` without an event: ASSIGNED without a holder, say.
  void SetState(const std::string& asset_tag, const std::string& state);
  // Another device of the same laptop, in the place of the first.
  access::DeviceIdentity Replace(const access::DeviceIdentity& device);

  // Sends `report` at the clock's time, `sent` then too unless the report says otherwise, and waits
  // for the answer. As an agent does, it says which problems it holds, and has them in the answer
  // also when they were not sent.
  absl::StatusOr<Answer> Send(const access::DeviceIdentity& device, Report report);
  // The answer to `report` as it is, to a laptop that holds what the report says.
  absl::StatusOr<Answer> SendAsIs(const access::DeviceIdentity& device, Report report);
  absl::StatusOr<int> Rejudge(int limit = 100);
  // The intake, as after a restart with another policy; `policy` outlives this object.
  void Restart(const posture::Policy& policy);
  // The same with a limit of reports for each device; most tests have none, as their clock stands
  // still.
  void Restart(const posture::Policy& policy, const Pacing& pacing);

  // What the intake of the next Restart takes the time of its writes from; else that of arrival.
  Intake::Clock wall;

  // What is stored; Facts without the agent's version, which is no fact of a report.
  inventory::FactSheet Facts(const access::DeviceIdentity& device);
  std::optional<store::StoredJudgement> Stored(const access::DeviceIdentity& device);
  store::Standing Standing(const access::DeviceIdentity& device);
  // The versions of a laptop's verdict, oldest first: "READY DEGRADED".
  std::string History(const access::DeviceIdentity& device);
  // What is stored now, by a policy that outlives this object; null: by none.
  fleet::View& ViewBy(const posture::Policy* policy);
  // Why it is ready or not, likewise.
  fleet::Readiness Explain(const std::string& asset_tag, const posture::Policy* policy = nullptr);

  access::Devices& devices() { return *devices_; }
  Intake& intake() { return *intake_; }

 private:
  access::DeviceIdentity Enrol(std::int64_t laptop);

  test::ScratchDirectory ca_directory_;
  std::unique_ptr<access::CertificateAuthority> ca_;
  std::unique_ptr<access::Devices> devices_;
  std::unique_ptr<access::DeviceChanges> changes_;
  std::unique_ptr<posture::PolicyInForce> policy_;
  std::unique_ptr<Intake> intake_;
  fleet::View view_;
  store::FactStore facts_;
  store::ReportStore reports_;
  int enrolled_ = 0;
  std::map<std::int64_t, Answer> newest_;  // answers that came, by device
};

// What an agent is told of a judgement.
posture::Judgement Told(posture::Judgement judgement);
// The result of one check; ends the test when there is none.
posture::CheckResult Of(const posture::Judgement& judgement, std::string_view check);

}  // namespace parc::checkin
