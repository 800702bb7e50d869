#include <catch2/catch.hpp>
#include <cstdlib>
#include <deque>
#include <optional>
#include <vector>

#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"
#include "tests/support/dice.h"

// Laptops and copies of their disks, over a network that loses, repeats and reorders: a copy is
// told from the laptop before both have reported twice, and an honest laptop is never taken for
// one.
namespace parc::checkin {
namespace {

// What lies on an agent's disk, and the boot in which it runs.
struct Machine {
  std::uint64_t sequence = 0;
  int boot = 0;
};

class Fleet {
 public:
  explicit Fleet(int seed) : dice_(static_cast<std::uint64_t>(seed)) {
    device_ = intake_.AddLaptop("PC-1");
    machines_.push_back({0, ++boots_});
  }

  test::Dice& dice() { return dice_; }
  bool is_flagged() { return !intake_.Standing(device_).quarantine.empty(); }

  // The disk is copied; the copy boots elsewhere.
  void Copy() { machines_.push_back({machines_[0].sequence, ++boots_}); }
  void Reboot(std::size_t machine) { machines_[machine].boot = ++boots_; }
  void KeepBackup() { backup_ = machines_[0]; }
  // What was under way is lost with the disk that is replaced.
  void RestoreBackup() {
    if (!backup_.has_value()) return;
    machines_[0] = {backup_->sequence, ++boots_};
    flying_.clear();
  }

  // One contact over a network that delivers at once, as agent/report/reporter.cpp makes it.
  void Contact(std::size_t machine) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      const absl::StatusOr<Answer> answer = intake_.Send(device_, Next(machine));
      INFO(answer.status());
      REQUIRE(answer.ok());
      if (!answer->stale) return;
      SkipAhead(machine);
    }
    FAIL("the newest report stays stale");
  }

  // The same over a bad one.
  void Send(std::size_t machine) {
    const Report report = Next(machine);
    if (dice_.OneIn(6)) return;
    flying_.push_back(report);
    if (dice_.OneIn(6)) flying_.push_back(report);
  }
  void DeliverOne() {
    if (flying_.empty()) return;
    const auto i = static_cast<std::size_t>(dice_.Below(static_cast<int>(flying_.size())));
    const absl::StatusOr<Answer> answer = intake_.Send(device_, flying_[i]);
    flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(i));
    REQUIRE(answer.ok());
    if (answer->stale && dice_.OneIn(2)) SkipAhead(0);
  }

 private:
  Report Next(std::size_t machine) {
    intake_.fleet.clock.Advance(kMinute);
    Machine& from = machines_[machine];
    Report report = ReportOf(++from.sequence, 1 + dice_.Below(3), ReadyFacts());
    report.boot_id = BootOf(from.boot);
    return report;
  }
  void SkipAhead(std::size_t machine) {
    const auto now = static_cast<std::uint64_t>(intake_.fleet.clock.now() / kSecond);
    machines_[machine].sequence = std::max(machines_[machine].sequence, now);
  }

  ScratchIntake intake_;
  test::Dice dice_;
  access::DeviceIdentity device_;
  int boots_ = 0;
  std::vector<Machine> machines_;
  std::optional<Machine> backup_;
  std::vector<Report> flying_;
};

int Seeds() {
  const char* text = std::getenv("PARC_CLONE_SEEDS");
  return text == nullptr ? 30 : std::atoi(text);
}

}  // namespace

TEST_CASE("a copy is flagged before the laptop and it have reported twice each") {
  for (int seed = 1; seed <= Seeds(); ++seed) {
    INFO("seed " << seed);
    Fleet fleet(seed);
    for (int i = fleet.dice().Below(6); i >= 0; --i) {
      fleet.Contact(0);
      if (fleet.dice().OneIn(3)) fleet.Reboot(0);
    }
    fleet.Contact(0);
    fleet.Copy();
    // Each may have been alone for a while.
    for (int i = fleet.dice().Below(4); i > 0; --i) fleet.Contact(0);
    for (int i = fleet.dice().Below(4); i > 0; --i) fleet.Contact(1);
    std::vector<std::size_t> order = {0, 1, 0, 1};
    if (fleet.dice().OneIn(2)) order = {1, 0, 1, 0};
    if (fleet.dice().OneIn(3)) order = {0, 1, 1, 0};
    for (const std::size_t machine : order) fleet.Contact(machine);
    CHECK(fleet.is_flagged());
  }
}

TEST_CASE("an honest laptop is never taken for two, whatever the network does") {
  for (int seed = 1; seed <= Seeds(); ++seed) {
    INFO("seed " << seed);
    Fleet fleet(seed);
    for (int step = 0; step < 120; ++step) {
      switch (fleet.dice().Below(12)) {
        case 0:
          fleet.Reboot(0);
          break;
        case 1:
          fleet.KeepBackup();
          break;
        case 2:
          if (fleet.dice().OneIn(5)) fleet.RestoreBackup();
          break;
        case 3:
        case 4:
        case 5:
        case 6:
          fleet.Send(0);
          break;
        default:
          fleet.DeliverOne();
      }
    }
    CHECK(!fleet.is_flagged());
  }
}

TEST_CASE("both are answered and neither is believed; enrolling again ends it") {
  ScratchIntake intake;
  const access::DeviceIdentity device = intake.AddLaptop("PC-1");
  const auto send = [&](std::uint64_t sequence, int boot) {
    Report report = ReportOf(sequence, static_cast<int>(sequence), ReadyFacts());
    report.boot_id = BootOf(boot);
    const auto answer = intake.Send(device, std::move(report));
    REQUIRE(answer.ok());
    return *answer;
  };
  CHECK(send(1, 1).judgement.verdict == posture::Verdict::kReady);
  CHECK(send(2, 2).judgement.verdict == posture::Verdict::kReady);
  const Answer answer = send(3, 1);
  CHECK(answer.found_copy);
  CHECK(answer.judgement.verdict == posture::Verdict::kUnknown);
  CHECK(Of(answer.judgement, "machine-identity").evidence ==
        "two machines report as this device: revoke it and enrol again");
  CHECK_FALSE(send(4, 2).found_copy);  // told once
  CHECK(send(5, 2).judgement.verdict == posture::Verdict::kUnknown);
  const access::DeviceIdentity fresh = intake.Replace(device);
  const auto again = intake.Send(fresh, ReportOf(1, 9, ReadyFacts()));
  REQUIRE(again.ok());
  CHECK(again->judgement.verdict == posture::Verdict::kReady);
}

}  // namespace parc::checkin
