#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/forecast/scoring.h"

namespace parc::forecast::testing {

TEST_CASE("the same world is made twice, and what was known of it is no later than its day") {
  const Family& family = Families().front();
  const World one = MakeWorld(family, 1, 0), two = MakeWorld(family, 1, 0);
  CHECK(one.known == two.known);
  CHECK(one.equipped == two.equipped);
  CHECK(MakeWorld(family, 1, 1).equipped != one.equipped);
}

// A bounded look at what `forecast_score` measures in full, with margins for so few worlds. The
// number of worlds of each family is PARC_FORECAST_WORLDS.
TEST_CASE("forecasts of worlds of another kind beat the habits and know how sure they are") {
  const char* asked = std::getenv("PARC_FORECAST_WORLDS");
  const int worlds = asked != nullptr ? std::atoi(asked) : 1;
  std::vector<WorldScore> scores;
  for (const Family& family : Families())
    for (int i = 0; i < worlds; ++i)
      scores.push_back(ScoreWorld(MakeWorld(family, 20200320, i), 200));
  const Table table = Tabulate(scores);
  CHECK(table.wis_skill[0].value > 0.5);
  CHECK(table.wis_skill[1].value > 0.5);
  CHECK(table.wis_skill[2].value > 0.4);
  CHECK(table.coverage_80.value > 0.65);
  CHECK(table.coverage_80.value < 0.95);
  CHECK(table.coverage_90.value > 0.75);
}

}  // namespace parc::forecast::testing
