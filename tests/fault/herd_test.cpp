#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <iostream>
#include <queue>
#include <vector>

#include "agent/schedule/schedule.h"
#include "daemon/checkin/pacing.h"
#include "fmt/format.h"
#include "tests/support/dice.h"

// F14: a fleet that finds its server gone for two minutes, by the agent's own schedule and the
// server's own pacing, second by second. No clock is waited for.
namespace parc {
namespace {

constexpr int kLaptops = 5'000;
constexpr std::int64_t kInterval = 900;
constexpr std::int64_t kOutage = 120;
constexpr std::int64_t kWindow = 10;  // seconds over which a rate is taken
constexpr double kSteady = static_cast<double>(kLaptops) / kInterval;

// When a laptop comes again, in seconds, after an answer or a failure.
struct Rules {
  std::function<std::int64_t(int laptop, double load)> after_answer;
  std::function<std::int64_t(agent::Contact& contact, std::int64_t now, const agent::Dice& dice)>
      after_failure;
};

Rules OurRules() {
  return {[](int laptop, double load) {
            return checkin::NextContact({.interval = kInterval * 1'000'000},
                                        fmt::format("01900000-0000-7000-8000-{:012}", laptop),
                                        load) /
                   1'000'000;
          },
          [](agent::Contact& contact, std::int64_t now, const agent::Dice& dice) {
            contact = agent::AfterFailure(contact, now, std::nullopt, "unreachable", dice);
            return contact.next - now;
          }};
}

// How often a fleet calls, per second and laptop-independent: in each window after the outage
// began.
struct Storm {
  std::vector<int> calls;  // by window, from the end of the outage on
  double Peak(std::int64_t from, std::int64_t to) const {
    int most = 0;
    for (std::int64_t w = from / kWindow; w < to / kWindow; ++w)
      most = std::max(most, calls[static_cast<std::size_t>(w)]);
    return static_cast<double>(most) / static_cast<double>(kWindow) / kSteady;
  }
};

Storm Run(const Rules& rules, std::uint64_t seed) {
  constexpr std::int64_t kBegin = 4 * kInterval;  // the fleet has been steady for a while
  constexpr std::int64_t kEnd = kBegin + kOutage;
  constexpr std::int64_t kWatched = 4 * kInterval;
  test::Dice dice(seed);
  const agent::Dice roll = [&dice] { return dice.Below(1'000'000) / 1e6; };
  using Call = std::pair<std::int64_t, int>;  // when, who
  std::priority_queue<Call, std::vector<Call>, std::greater<>> calls;
  std::vector<agent::Contact> contacts(kLaptops);
  for (int i = 0; i < kLaptops; ++i) calls.emplace(dice.Below(static_cast<int>(kInterval)), i);
  Storm storm;
  storm.calls.resize(kWatched / kWindow);
  while (calls.top().first < kEnd + kWatched) {
    const auto [now, laptop] = calls.top();
    calls.pop();
    if (now >= kEnd) ++storm.calls[static_cast<std::size_t>((now - kEnd) / kWindow)];
    agent::Contact& contact = contacts[static_cast<std::size_t>(laptop)];
    if (now >= kBegin && now < kEnd) {
      calls.emplace(now + std::max<std::int64_t>(1, rules.after_failure(contact, now, roll)),
                    laptop);
    } else {
      contact = {};
      calls.emplace(now + rules.after_answer(laptop, 0), laptop);
    }
  }
  return storm;
}

}  // namespace

TEST_CASE("five thousand laptops come back from an outage without a herd and without an echo") {
  double peak = 0;
  double echo = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Storm storm = Run(OurRules(), seed);
    peak = std::max(peak, storm.Peak(0, kInterval / 2));
    echo = std::max(echo, storm.Peak(kInterval / 2, 4 * kInterval));
  }
  std::cout << fmt::format("peak {:.2f} and echo {:.2f} times the steady rate\n", peak, echo);
  CHECK(peak < 3);
  CHECK(echo < 2);
}

TEST_CASE("laptops that all try again after the same time are a herd, and are seen to be one") {
  Rules fixed = OurRules();
  fixed.after_failure = [](agent::Contact&, std::int64_t now, const agent::Dice&) {
    return 60 - now % 60;  // on the minute
  };
  fixed.after_answer = [](int, double) { return kInterval; };
  const Storm storm = Run(fixed, 1);
  CHECK(storm.Peak(0, kInterval / 2) > 3);
  CHECK(storm.Peak(kInterval / 2, 4 * kInterval) > 3);
}

}  // namespace parc
