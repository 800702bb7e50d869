#include "daemon/fleet/support_code.h"

#include <catch2/catch.hpp>

#include "daemon/store/device_store.h"
#include "fmt/format.h"
#include "tests/fleet/fleet_support.h"

namespace parc::fleet {

using inventory::CivilDate;

namespace {

constexpr std::int64_t kDayMicros = std::int64_t{86'400} * 1'000'000;

std::string KeyHash(char digit) { return std::string(64, digit); }

// Enrols a device for the laptop in row `laptop`, with a certificate for the key.
void Enrol(test::ScratchFleet& fleet, std::string_view asset_tag, std::string_view key) {
  const auto laptop = fleet.view().LaptopId(asset_tag);
  REQUIRE(laptop.ok());
  CHECK(fleet.store
            .Write([&](store::Connection& db) -> absl::Status {
              store::DeviceStore devices(db);
              return devices
                  .Insert(fmt::format("device-{}", asset_tag), *laptop, "0.1.0",
                          {.device = 0,
                           .serial = fmt::format("serial-{}", asset_tag),
                           .spki_sha256 = std::string(key),
                           .issued = 0,
                           .not_after = kDayMicros * 30'000,
                           .renew_at = kDayMicros * 20'000,
                           .chain = {}})
                  .status();
            })
            .ok());
}

}  // namespace

TEST_CASE("a support code is what the agent shows for the same key and day") {
  // By sha256sum of the three lines; the agent's own test has the same figure.
  CHECK(SupportCode(KeyHash('0'), {2020, 3, 20}) == "4P4M-EN2J");
  CHECK(SupportCode(KeyHash('0'), {2020, 3, 21}) != SupportCode(KeyHash('0'), {2020, 3, 20}));
}

TEST_CASE("a support code is understood as it is read out and typed") {
  struct Row {
    const char* typed;
    const char* code;  // null: none
  };
  for (const Row& row :
       {Row{"K7QW-2MXT", "K7QW-2MXT"}, Row{"k7qw2mxt", "K7QW-2MXT"},
        Row{" k7qw 2mxt ", "K7QW-2MXT"}, Row{"oiL0-OIL1", "0110-0111"}, Row{"K7QW-2MX", nullptr},
        Row{"K7QW-2MXTT", nullptr}, Row{"K7Q-W2MXT", nullptr}, Row{"K7QW--2MXT", nullptr},
        Row{"K7QW-2MXU", nullptr}, Row{"K7QW-2MXé", nullptr}, Row{"", nullptr}, Row{"-", nullptr},
        Row{"K7QW-", nullptr}}) {
    INFO(row.typed);
    const auto code = ParseSupportCode(row.typed);
    CHECK(code.has_value() == (row.code != nullptr));
    if (code.has_value() && row.code != nullptr) CHECK(*code == row.code);
  }
}

TEST_CASE("a laptop is found by the code that its screen shows, today and across midnight") {
  test::ScratchFleet fleet;
  test::AddLaptop(fleet, "A-1");
  test::AddLaptop(fleet, "A-2");
  Enrol(fleet, "A-1", KeyHash('1'));
  Enrol(fleet, "A-2", KeyHash('2'));
  const CivilDate today = inventory::DayOf(fleet.clock.now(), "UTC");
  for (const int days : {-1, 0, 1}) {
    const std::string code = SupportCode(KeyHash('1'), inventory::AddDays(today, days));
    INFO(days << " " << code);
    CHECK(test::Get(fleet, code).asset_tag == "A-1");
    CHECK(fleet.view().LaptopId(code) == fleet.view().LaptopId("A-1"));
    CHECK(fleet.view().Explain(code).ok());
  }
  CHECK(test::Get(fleet, SupportCode(KeyHash('2'), today)).asset_tag == "A-2");
  const std::string old = SupportCode(KeyHash('1'), inventory::AddDays(today, -2));
  CHECK(test::Refusal(fleet.view().GetLaptop(old, {}).status()) == "NOT_FOUND LAPTOP_NOT_FOUND");
  CHECK(test::Refusal(fleet.view().GetLaptop("K7QW-2MXT-", {}).status()) ==
        "NOT_FOUND LAPTOP_NOT_FOUND");
}

TEST_CASE("a laptop with that asset tag, and one that is no longer trusted, come before the code") {
  test::ScratchFleet fleet;
  test::AddLaptop(fleet, "A-1");
  Enrol(fleet, "A-1", KeyHash('1'));
  const CivilDate today = inventory::DayOf(fleet.clock.now(), "UTC");
  const std::string code = SupportCode(KeyHash('1'), today);
  CHECK(fleet.store
            .Write([&](store::Connection& db) -> absl::Status {
              store::DeviceStore devices(db);
              return devices.End(1, store::kDeviceRevoked, "STOLEN", fleet.clock.now());
            })
            .ok());
  CHECK(test::Refusal(fleet.view().GetLaptop(code, {}).status()) == "NOT_FOUND LAPTOP_NOT_FOUND");
  test::AddLaptop(fleet, code);
  CHECK(test::Get(fleet, code).asset_tag == code);
}

}  // namespace parc::fleet
