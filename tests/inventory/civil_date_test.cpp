#include "daemon/inventory/civil_date.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "daemon/inventory/reason.h"

namespace parc::inventory {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST_CASE("a day counts only when the calendar has it") {
  struct Row {
    CivilDate date;
    bool valid;
  };
  const Row row = GENERATE(
      Row{{2020, 2, 29}, true}, Row{{2019, 2, 29}, false}, Row{{2000, 2, 29}, true},
      Row{{1900, 2, 29}, false}, Row{{2020, 2, 30}, false}, Row{{2020, 4, 31}, false},
      Row{{2020, 12, 31}, true}, Row{{2020, 13, 1}, false}, Row{{2020, 0, 1}, false},
      Row{{2020, 1, 0}, false}, Row{{2020, -1, 1}, false}, Row{{2020, 1, -1}, false},
      Row{{1900, 1, 1}, true}, Row{{1899, 12, 31}, false}, Row{{9999, 12, 31}, true},
      Row{{10000, 1, 1}, false},
      // What a byte would take for 1 January.
      Row{{2020, 257, 1}, false}, Row{{2020, 1, 257}, false}, Row{{2020, 1, 2147483647}, false});
  INFO(row.date.year << '-' << row.date.month << '-' << row.date.day);
  CHECK(IsValid(row.date) == row.valid);
}

TEST_CASE("ISO dates are read in one form only") {
  CHECK(*ParseIso("2020-03-12") == CivilDate{2020, 3, 12});
  for (const std::string_view bad :
       {"", "2020-3-12", "2020/03/12", "12-03-2020", "2020-03-12 ", " 2020-03-12", "2020-02-30",
        "2020-13-01", "2020-00-10", "-020-03-12", "2020-+3-12", "2020--3-12", "2020-03-1x",
        "20200312", "2020-03-12T00:00:00Z",
        "\xEF\xBB\xBF"
        "2020-03-12"}) {
    INFO(bad);
    const auto parsed = ParseIso(bad);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(ReasonOf(parsed.status()) == "BAD_DATE");
  }
}

TEST_CASE("dates and days since 1970 are two names of the same day") {
  CHECK(ToDays({1970, 1, 1}) == 0);
  CHECK(ToDays({1969, 12, 31}) == -1);
  CHECK(ToDays({2020, 3, 12}) == 18333);
  CHECK(AddDays({2020, 2, 28}, 1) == CivilDate{2020, 2, 29});
  CHECK(AddDays({2019, 2, 28}, 1) == CivilDate{2019, 3, 1});
  CHECK(AddDays({2020, 1, 1}, -1) == CivilDate{2019, 12, 31});
  for (std::int64_t days = ToDays({1999, 12, 1}); days < ToDays({2001, 4, 1}); ++days) {
    const CivilDate date = FromDays(days);
    REQUIRE(IsValid(date));
    REQUIRE(ToDays(date) == days);
    REQUIRE(*ParseIso(ToIso(date)) == date);
    REQUIRE(FromDays(days - 1) < date);
  }
}

TEST_CASE("times are read in UTC with whole seconds, or as a date alone") {
  CHECK(*ParseIsoTime("1970-01-01T00:00:01Z") == kSecond);
  CHECK(*ParseIsoTime("2020-03-12") == *ParseIsoTime("2020-03-12T00:00:00Z"));
  CHECK(*ParseIsoTime("1969-12-31T23:59:59Z") == -kSecond);
  for (const std::string_view bad :
       {"", "2020", "2020-03-12T", "2020-03-12T08:30:00", "2020-03-12T08:30:00+01:00",
        "2020-03-12T24:00:00Z", "2020-03-12T08:60:00Z", "2020-03-12T08:30:60Z",
        "2020-03-12 08:30:00Z", "2020-03-12T8:30:00Z", "2020-02-30T08:30:00Z",
        "2020-03-12T-1:30:00Z", "2020-03-12T08:30:00.5Z"}) {
    INFO(bad);
    CHECK_FALSE(ParseIsoTime(bad).ok());
  }
}

TEST_CASE("times before 1970 and parts of seconds are shown as the second they fall in") {
  CHECK(ToIsoTime(0) == "1970-01-01T00:00:00Z");
  CHECK(ToIsoTime(999'999) == "1970-01-01T00:00:00Z");
  CHECK(ToIsoTime(-1) == "1969-12-31T23:59:59Z");
  CHECK(ToIsoTime(-kSecond) == "1969-12-31T23:59:59Z");
  CHECK(ToIsoTime(-86'400 * kSecond) == "1969-12-31T00:00:00Z");
  for (const std::string_view time :
       {"2020-02-29T23:59:59Z", "2020-03-12T08:30:00Z", "1900-01-01T00:00:00Z"}) {
    CHECK(ToIsoTime(*ParseIsoTime(time)) == time);
  }
}

TEST_CASE("the day of a time is that of the zone, in winter and in summer") {
  struct Row {
    std::string_view time;
    CivilDate paris;
  };
  const Row row = GENERATE(
      Row{"2020-03-12T22:59:59Z", {2020, 3, 12}}, Row{"2020-03-12T23:00:00Z", {2020, 3, 13}},
      Row{"2020-07-14T21:59:59Z", {2020, 7, 14}}, Row{"2020-07-14T22:00:00Z", {2020, 7, 15}},
      Row{"2019-12-31T23:00:00Z", {2020, 1, 1}}, Row{"2020-02-28T23:30:00Z", {2020, 2, 29}});
  INFO(row.time);
  CHECK(DayOf(*ParseIsoTime(row.time), "Europe/Paris") == row.paris);
  CHECK(DayOf(*ParseIsoTime(row.time), "UTC") == *ParseIso(row.time.substr(0, 10)));
}

TEST_CASE("a day ends a microsecond before the next begins, also when the clocks change") {
  struct Row {
    CivilDate date;
    std::string_view next_begins;
  };
  const Row row =
      GENERATE(Row{{2020, 3, 12}, "2020-03-12T23:00:00Z"},
               Row{{2020, 3, 28}, "2020-03-28T23:00:00Z"},  // the day before summer time
               Row{{2020, 3, 29}, "2020-03-29T22:00:00Z"},  // 23 hours long
               Row{{2020, 10, 24}, "2020-10-24T22:00:00Z"},
               Row{{2020, 10, 25}, "2020-10-25T23:00:00Z"},  // 25 hours long
               Row{{2020, 2, 29}, "2020-02-29T23:00:00Z"});
  const std::int64_t end = DayEnd(row.date, "Europe/Paris");
  CHECK(end == *ParseIsoTime(row.next_begins) - 1);
  CHECK(DayOf(end, "Europe/Paris") == row.date);
  CHECK(DayOf(end + 1, "Europe/Paris") == AddDays(row.date, 1));
}

TEST_CASE("where the clocks jump over midnight, a day ends at the jump") {
  // In São Paulo, summer time began at 00:00 on 4 November 2018: that midnight did not exist.
  const std::int64_t end = DayEnd({2018, 11, 3}, "America/Sao_Paulo");
  CHECK(end == *ParseIsoTime("2018-11-04T03:00:00Z") - 1);
}

TEST_CASE("a zone is known or it is not") {
  CHECK(IsZone("Europe/Paris"));
  CHECK(IsZone("UTC"));
  CHECK_FALSE(IsZone("Europe/Orléans"));
  CHECK_FALSE(IsZone(""));
  CHECK_FALSE(IsZone("../../etc/passwd"));
}

}  // namespace
}  // namespace parc::inventory
