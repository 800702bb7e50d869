#include <catch2/catch.hpp>

#include "tests/access/access_support.h"

namespace parc::access {

TEST_CASE("a UUID carries its millisecond, version 7 and the variant of RFC 9562") {
  const std::string id = MakeUuid7(kNoon, LoadedDice());
  CHECK(IsUuid(id));
  CHECK(id.substr(0, 13) == "019ca945-0a00");  // 1 772 366 400 000 ms
  CHECK(id[14] == '7');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
}

TEST_CASE("UUIDs made later sort later, and two of one millisecond differ") {
  const RandomBytes dice = LoadedDice();
  CHECK(MakeUuid7(kNoon, dice) < MakeUuid7(kNoon + kSecond, dice));
  CHECK(MakeUuid7(kNoon, dice) != MakeUuid7(kNoon, dice));
}

TEST_CASE("only the canonical form of a UUID is one") {
  CHECK(IsUuid("01954d36-3e00-7abc-8def-0123456789ab"));
  CHECK_FALSE(IsUuid("01954D36-3e00-7abc-8def-0123456789ab"));
  CHECK_FALSE(IsUuid("01954d363e007abc8def0123456789ab"));
  CHECK_FALSE(IsUuid("01954d36-3e00-7abc-8def-0123456789abc"));
  CHECK_FALSE(IsUuid(""));
}

}  // namespace parc::access
