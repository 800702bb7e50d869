#include "agent/schedule/schedule.h"

#include <catch2/catch.hpp>

#include "tests/agent/agent_support.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kNow = kNoon / 1'000'000;

}  // namespace

TEST_CASE("failures back off with full jitter up to half an hour") {
  const Dice dice = LoadedDice();
  Contact contact;
  double total = 0;
  for (int n = 0; n < 200; ++n) {
    const std::int64_t most = n > 8 ? 1800 : std::min<std::int64_t>(1800, 120LL << n);
    const Contact next = AfterFailure(contact, kNow, std::nullopt, "down", dice);
    CHECK(next.next > kNow);
    CHECK(next.next <= kNow + std::max<std::int64_t>(most, 1));
    CHECK(next.failures == n + 1);
    if (n >= 9) total += static_cast<double>(next.next - kNow);
    contact = next;
  }
  CHECK(total / 191 == Approx(900).margin(120));  // uniform, not synchronised
}

TEST_CASE("after weeks offline the next try is still within half an hour") {
  Contact contact;
  contact.failures = 1'000'000;
  const Contact next = AfterFailure(contact, kNow, std::nullopt, "down", [] { return 0.999; });
  CHECK(next.next <= kNow + 1800);
  CHECK(next.failures == 1'000'000);
}

TEST_CASE("the server's pushback is a floor") {
  const Contact next = AfterFailure({}, kNow, 700, "busy", [] { return 0.0; });
  CHECK(next.next == kNow + 700);
  CHECK(AfterFailure({}, kNow, 1'000'000'000, "busy", [] { return 0.0; }).next ==
        kNow + kLongestWait);
  CHECK(AfterFailure({}, kNow, -5, "busy", [] { return 0.0; }).next == kNow + 1);
}

TEST_CASE("the server paces within reason") {
  CHECK(AfterAnswer(kNow, 900).next == kNow + 900);
  CHECK(AfterAnswer(kNow, 0).next == kNow + kDefaultInterval);
  CHECK(AfterAnswer(kNow, -1).next == kNow + kDefaultInterval);
  CHECK(AfterAnswer(kNow, 1).next == kNow + 5);
  CHECK(AfterAnswer(kNow, 1'000'000'000).next == kNow + kLongestWait);
  CHECK(AfterAnswer(kNow, 900).last == kNow);
}

TEST_CASE("ten thousand laptops that start at once are spread over a minute") {
  const Dice dice = LoadedDice();
  int per_second[61] = {};
  Contact overdue;
  overdue.next = kNow - 3600;
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t wait = WaitFor(overdue, kNow, true, dice);
    REQUIRE(wait >= 0);
    REQUIRE(wait < 60);
    ++per_second[wait];
  }
  for (int second = 0; second < 60; ++second) CHECK(per_second[second] < 260);
}

TEST_CASE("a contact planned beyond reason comes from a clock that was set back") {
  Contact contact;
  contact.next = kNow + kLongestWait + 1;
  CHECK(WaitFor(contact, kNow, false, [] { return 0.5; }) == 0);
  contact.next = kNow + 600;
  CHECK(WaitFor(contact, kNow, true, [] { return 0.5; }) == 600);
}

TEST_CASE("the contact file survives what may be in it") {
  Contact contact{kNow + 900, 3, kNow, "it said \"no\"\nand more"};
  const Contact read = ParseContact(FormatContact(contact));
  CHECK(read.next == contact.next);
  CHECK(read.failures == 3);
  CHECK(read.last == kNow);
  CHECK(read.last_error == "it said  no  and more");
  CHECK(ParseContact("") == Contact());
  CHECK(ParseContact("next=-5\nfailures=99999999999999\nlast=x\n\xff\0").failures <= 1'000'000);
  CHECK(ParseContact("next=-5\n").next == 0);
}

}  // namespace parc::agent
