#include <catch2/catch.hpp>

#include "client/commands/forecast_flags.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"

namespace parc::client {
namespace {

constexpr std::int64_t kNoon = 1'584'702'000'000'000;  // 2020-03-20, noon in Paris

TEST_CASE("a share is written as people write it") {
  struct Row {
    const char* text;
    double share;  // 0: no share
  };
  const Row rows[] = {{"100%", 1},       {"97,5 %", 0.975}, {"95", 0.95}, {"0.9", 0.9},
                      {"1", 1},          {"0,25", 0.25},    {"0", 0},     {"101%", 0},
                      {"-5%", 0},        {"inf", 0},        {"nan", 0},   {"", 0},
                      {"12 monkeys", 0}, {"1e-3", 0},       {"%", 0}};
  for (const Row& row : rows) {
    INFO(row.text);
    const auto share = ParseShare(row.text);
    CHECK(share.ok() == (row.share > 0));
    if (share.ok()) CHECK(*share == Approx(row.share));
    if (!share.ok()) CHECK(ReasonOf(share.status()) == "BAD_PERCENT");
  }
}

TEST_CASE("an expectation names a share, a day and a probability") {
  const auto assertion = ParseAssertion("p(100%,2020-12-31)>=0.9", kNoon);
  REQUIRE(assertion.ok());
  CHECK(assertion->target.ratio() == 1);
  CHECK(IsoDate(assertion->target.date()) == "2020-12-31");
  CHECK(assertion->probability == 0.9);
  CHECK(assertion->Holds(0.9));
  CHECK_FALSE(assertion->Holds(0.899));

  const auto french = ParseAssertion(" p( 97,5 % ; 31/12/2020 ) < 10% ", kNoon);
  REQUIRE(french.ok());
  CHECK(french->target.ratio() == Approx(0.975));
  CHECK(french->Holds(0.09));
  CHECK_FALSE(french->Holds(0.1));
  CHECK(ParseAssertion("p(100%,2020-12-31)>0", kNoon)->Holds(0.001));
  CHECK(ParseAssertion("p(100%,2020-12-31)<=0", kNoon)->Holds(0));

  for (const char* text : {"", "p(100%)>=0.9", "p(100%,2020-12-31)=0.9", "p(0%,2020-12-31)>=0.9",
                           "p(100%,someday)>=0.9", "p(100%,2020-12-31)>=2x", "100% by 2020"}) {
    INFO(text);
    CHECK_FALSE(ParseAssertion(text, kNoon).ok());
  }
}

}  // namespace
}  // namespace parc::client
