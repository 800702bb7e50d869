#include "daemon/checkin/pacing.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "fmt/format.h"

namespace parc::checkin {
namespace {

constexpr int kFleet = 10'000;

std::string Device(int number) { return fmt::format("0190f3c4-1b2a-7cde-8f01-{:012x}", number); }

}  // namespace

TEST_CASE("a device is told the same time whenever it asks") {
  const Pacing pacing;
  CHECK(NextContact(pacing, Device(1), 0) == NextContact(pacing, Device(1), 0));
  CHECK(NextContact(pacing, Device(1), 0) != NextContact(pacing, Device(2), 0));
  CHECK(PushbackMillis(Device(1), 1) == PushbackMillis(Device(1), 1));
}

TEST_CASE("a device comes back within ten percent of the interval, later when the daemon is busy") {
  const Pacing pacing;
  for (int i = 0; i < kFleet; ++i) {
    const std::int64_t idle = NextContact(pacing, Device(i), 0);
    REQUIRE(idle >= pacing.interval * 9 / 10);
    REQUIRE(idle <= pacing.interval * 11 / 10);
    std::int64_t last = idle;
    for (const double load : {0.25, 0.5, 0.75, 0.9, 1.0, 7.0}) {
      const std::int64_t next = NextContact(pacing, Device(i), load);
      REQUIRE(next >= last);
      last = next;
    }
    REQUIRE(std::abs(last - 4 * idle) <= 4);
    REQUIRE(NextContact(pacing, Device(i), -1) == idle);
  }
}

TEST_CASE("ten thousand laptops that call at once stay spread") {
  // All of them in the same second, as after a power cut; then each when it was told to.
  const Pacing pacing;
  constexpr int kCalls = 20;
  std::vector<std::int64_t> at(kFleet, 0);
  for (int call = 0; call < kCalls; ++call) {
    for (int i = 0; i < kFleet; ++i)
      at[static_cast<std::size_t>(i)] += NextContact(pacing, Device(i), 0);
    // In slots of a second over the spread of this call: evenly, none empty for long, none crowded.
    const auto [first, last] = std::minmax_element(at.begin(), at.end());
    const std::int64_t width = *last - *first;
    CHECK(width >= (call + 1) * pacing.interval * 19 / 100);
    std::array<int, 100> slots = {};
    for (const std::int64_t time : at)
      ++slots[static_cast<std::size_t>((time - *first) * 99 / width)];
    const auto [least, most] = std::minmax_element(slots.begin(), slots.begin() + 99);
    CHECK(*least >= kFleet / 100 / 2);
    CHECK(*most <= kFleet / 100 * 2);
  }
}

TEST_CASE("refused devices come back over 5 to 60 seconds, not together") {
  for (const double load : {0.0, 0.5, 1.0}) {
    std::vector<std::int64_t> waits;
    for (int i = 0; i < kFleet; ++i) waits.push_back(PushbackMillis(Device(i), load));
    std::sort(waits.begin(), waits.end());
    CHECK(waits.front() >= 5'000);
    CHECK(waits.back() <= 60'000);
    std::size_t most = 0;
    std::size_t begin = 0;
    for (std::size_t end = 0; end < waits.size(); ++end) {
      while (waits[end] - waits[begin] > 1'000) ++begin;
      most = std::max(most, end - begin + 1);
    }
    CHECK(most <= kFleet / 20);
  }
}

}  // namespace parc::checkin
