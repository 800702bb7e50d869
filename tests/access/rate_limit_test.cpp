#include "daemon/access/rate_limit.h"

#include <catch2/catch.hpp>

#include "daemon/access/time_units.h"

namespace parc::access {

TEST_CASE("a pause earns a burst, and no more than one") {
  RateLimit limit(kSecond, 3);
  const auto take = [&](std::int64_t now) {
    if (!limit.Allows("a", now)) return false;
    limit.Take("a", now);
    return true;
  };
  std::int64_t now = 1'000 * kSecond;
  CHECK(take(now));
  CHECK(take(now));
  CHECK(take(now));
  CHECK_FALSE(take(now));
  now += 2 * kSecond;
  CHECK(take(now));
  CHECK(take(now));
  CHECK_FALSE(take(now));
  now += kDay;
  CHECK(take(now));
  CHECK(take(now));
  CHECK(take(now));
  CHECK_FALSE(take(now));
  CHECK(limit.Allows("b", now));
}

TEST_CASE("a limit forgets the keys that have rested") {
  RateLimit limit(kSecond, 1);
  for (int i = 0; i < 100'000; ++i) {
    const std::string key = std::to_string(i);
    const std::int64_t now = i * kSecond;
    REQUIRE(limit.Allows(key, now));
    limit.Take(key, now);
  }
  CHECK(limit.size() <= 1024);
}

TEST_CASE("a clock set back locks nobody out") {
  RateLimit limit(kSecond, 2);
  FailureLimit failures;
  const std::int64_t later = 40 * kDay;
  limit.Take("a", later);
  limit.Take("a", later);
  CHECK_FALSE(limit.Allows("a", later));
  for (int i = 0; i < 10; ++i) failures.Count("a", later);
  CHECK_FALSE(failures.Allows("a", later));
  const std::int64_t now = kDay;
  CHECK(limit.Allows("a", now));
  limit.Take("a", now);
  CHECK(limit.Allows("a", now));
  limit.Take("a", now);
  CHECK_FALSE(limit.Allows("a", now));
  CHECK(failures.Allows("a", now));
}

TEST_CASE("ten failures lock a source out until its minute is over") {
  FailureLimit limit;
  std::int64_t now = 1'000 * kMinute;
  for (int i = 0; i < 10; ++i) {
    CHECK(limit.Allows("a", now));
    limit.Count("a", now);
    now += kSecond;
  }
  CHECK_FALSE(limit.Allows("a", now));
  CHECK(limit.Allows("b", now));
  CHECK_FALSE(limit.Allows("a", 1'001 * kMinute - 1));
  CHECK(limit.Allows("a", 1'001 * kMinute));
  limit.Count("a", 1'001 * kMinute);
  CHECK(limit.Allows("a", 1'001 * kMinute));
}

TEST_CASE("an attack from very many sources is counted as one, and known ones are not touched") {
  FailureLimit limit;
  const std::int64_t now = 1'000 * kMinute;
  for (int i = 0; i < 20'000; ++i) limit.Count(std::to_string(i), now);
  CHECK(limit.size() <= 4097);
  CHECK_FALSE(limit.Allows("new", now));
  CHECK(limit.Allows("17", now));
  CHECK(limit.Allows("new", now + kMinute));
  limit.Count("new", now + kMinute);
  CHECK(limit.size() == 1);
}

}  // namespace parc::access
