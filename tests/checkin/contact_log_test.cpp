#include <catch2/catch.hpp>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"

// Reports without news: met by what is in memory, written to the end of a log, carried later.
namespace parc::checkin {
namespace {

struct Fleet {
  Fleet() {
    for (int i = 0; i < 20; ++i) {
      devices.push_back(intake.AddLaptop(fmt::format("PC-{}", i)));
      REQUIRE(intake.Send(devices.back(), ReportOf(1, 1, ReadyFacts())).ok());
    }
  }

  // The next report of every laptop, without news.
  void Round() {
    ++sequence;
    for (const auto& device : devices)
      REQUIRE(intake.Send(device, DeltaOf(sequence, 1, 1, {})).ok());
  }
  std::int64_t Logged() { return intake.fleet.store.Integer("SELECT count(*) FROM contact_log"); }
  // The lowest sequence number in the table of contacts.
  std::int64_t Carried() {
    return intake.fleet.store.Integer("SELECT min(report_seq) FROM contacts");
  }
  // What whoever asks is told, of the laptop that is worst off.
  std::int64_t Told() {
    std::int64_t least = INT64_MAX;
    for (const auto& device : devices)
      least = std::min(least, intake.Standing(device).contact->sequence);
    return least;
  }

  ScratchIntake intake;
  std::vector<access::DeviceIdentity> devices;
  std::uint64_t sequence = 1;
};

}  // namespace

TEST_CASE("contacts wait in the log, count all the same, and are carried in time") {
  Fleet fleet;
  fleet.Round();
  CHECK(fleet.Logged() == 20);
  CHECK(fleet.Carried() == 1);
  CHECK(fleet.Told() == 2);
  fleet.Round();
  CHECK(fleet.Logged() == 40);
  CHECK(fleet.Told() == 3);
  fleet.intake.fleet.clock.Advance(31 * kSecond);
  fleet.Round();
  CHECK(fleet.Logged() < 20);
  CHECK(fleet.Carried() >= 3);
  CHECK(fleet.Told() == 4);
  // Where nobody reports any more, the timer carries the rest.
  fleet.intake.fleet.clock.Advance(kMinute);
  REQUIRE(fleet.intake.Rejudge().ok());
  CHECK(fleet.Logged() == 0);
  CHECK(fleet.Carried() == 4);
  CHECK(fleet.Told() == 4);
}

TEST_CASE("what the log holds when the daemon ends is met by the next one") {
  Fleet fleet;
  fleet.Round();
  fleet.Round();
  fleet.intake.Restart(posture::DefaultPolicy());
  const auto late = fleet.intake.Send(fleet.devices[0], DeltaOf(2, 1, 1, {}));
  REQUIRE(late.ok());
  CHECK(late->stale);
  CHECK(fleet.Told() == 3);
  fleet.intake.fleet.clock.Advance(kMinute);
  REQUIRE(fleet.intake.Rejudge().ok());
  CHECK(fleet.Logged() == 0);
  CHECK(fleet.Carried() == 3);
}

TEST_CASE("a report with news is not set back by what the log still holds") {
  Fleet fleet;
  fleet.Round();
  auto facts = With(ReadyFacts(), inventory::FieldId::kDiskFreePercent, std::int64_t{11});
  REQUIRE(fleet.intake.Send(fleet.devices[0], ReportOf(9, 9, facts)).ok());
  // Of a copy's report nothing but the contact is taken, into the table.
  REQUIRE(fleet.intake.Send(fleet.devices[1], DeltaOf(8, 77, 78, {})).ok());
  fleet.intake.fleet.clock.Advance(kMinute);
  REQUIRE(fleet.intake.Rejudge().ok());
  CHECK(fleet.Logged() == 0);
  CHECK(fleet.intake.Standing(fleet.devices[0]).contact->sequence == 9);
  CHECK(fleet.intake.Standing(fleet.devices[1]).contact->sequence == 2);
}

TEST_CASE("whatever somebody else writes is met by the next report without news") {
  Fleet fleet;
  fleet.Round();
  const auto& device = fleet.devices[0];
  auto& store = fleet.intake.fleet.store;
  SECTION("a revocation") {
    REQUIRE(
        store.Write(fmt::format("UPDATE devices SET state = 'REVOKED' WHERE id = {}", device.row))
            .ok());
    const auto answer = fleet.intake.Send(device, DeltaOf(3, 1, 1, {}));
    CHECK(ReasonOf(answer.status()) == "DEVICE_REVOKED");
    CHECK(fleet.intake.Standing(device).contact->sequence == 2);
  }
  SECTION("other facts") {
    REQUIRE(store
                .Write(fmt::format("UPDATE facts SET facts_digest = x'00' WHERE laptop = {}",
                                   device.laptop))
                .ok());
    CHECK(fleet.intake.Send(device, DeltaOf(3, 1, 1, {}))->send_complete);
  }
  SECTION("another judgement") {
    REQUIRE(store
                .Write(fmt::format("UPDATE posture SET verdict = 'DEGRADED' WHERE laptop = {}",
                                   device.laptop))
                .ok());
    CHECK(fleet.intake.Send(device, DeltaOf(3, 1, 1, {}))->judgement.verdict ==
          posture::Verdict::kDegraded);
  }
}

TEST_CASE("a report that did not reach the disk may come again") {
  Fleet fleet;
  fleet.Round();
  const auto& device = fleet.devices[0];
  fleet.intake.fleet.store.FailNextCommit(
      Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL", "no space is left"));
  CHECK(ReasonOf(fleet.intake.Send(device, DeltaOf(3, 1, 1, {})).status()) == "STORAGE_FULL");
  CHECK(fleet.intake.Standing(device).contact->sequence == 2);
  fleet.intake.fleet.store.commits().Resume();
  REQUIRE(fleet.intake.Send(device, DeltaOf(3, 1, 1, {})).ok());
  CHECK(fleet.intake.Standing(device).contact->sequence == 3);
  CHECK(fleet.Logged() == 21);
}

}  // namespace parc::checkin
