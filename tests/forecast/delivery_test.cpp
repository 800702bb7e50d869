#include <catch2/catch.hpp>
#include <cmath>

#include "daemon/forecast/delivery_model.h"
#include "daemon/forecast/dice.h"
#include "fmt/format.h"
#include "tests/forecast/small_office.h"

namespace parc::forecast {
namespace {

using testing::AddOpenLine;
using testing::On;
using testing::SmallOffice;

// The median of days left that the model gives a line.
double MedianLeft(const Inputs& inputs, const std::string& id) {
  const Facts facts = Regularise(inputs);
  const DeliveryModel model(facts);
  std::vector<DeliveryDraw> draws;
  for (std::uint64_t k = 0; k < 100; ++k) draws.push_back(model.Draw(1, k));
  std::vector<LineFacts> lines;
  for (const LineFacts& line : facts.lines)
    if (line.id == id) lines.push_back(line);
  REQUIRE(lines.size() == 1);
  std::vector<float> means;
  model.Means(lines, draws, 1, means);
  double sum = 0;
  for (const float mean : means) sum += static_cast<double>(mean) / 100;
  return std::exp(sum) - kShift;
}

}  // namespace

TEST_CASE("without a past a promise is believed at 75 %, and 15 % later") {
  Inputs inputs;
  inputs.as_of = testing::kToday;
  AddOpenLine(inputs, "a", 30, 0, 45);
  const double left = MedianLeft(inputs, "a");
  CHECK(left > 40);
  CHECK(left < 65);
  AddOpenLine(inputs, "b", 30, 0, 90);
  CHECK(MedianLeft(inputs, "b") / left == Approx(1.6).epsilon(0.15));
}

TEST_CASE("a supplier who was always two weeks late is expected late again") {
  const double left = MedianLeft(SmallOffice(), "open-1");
  CHECK(left > 22);  // promised in 20 days
  CHECK(left < 48);
}

TEST_CASE("what one supplier does says less about another") {
  Inputs inputs = SmallOffice();
  for (int i = 0; i < 10; ++i) {
    const int ordered = -700 + 60 * i;
    AddOpenLine(inputs, fmt::format("slow-{}", i), 10, ordered, ordered + 40);
    inputs.lines.back().supplier = "Borée";
    inputs.lines.back().deliveries = {{On(ordered + 110), 10}};
  }
  AddOpenLine(inputs, "slow", 30, -20, 20);
  inputs.lines.back().supplier = "Borée";
  AddOpenLine(inputs, "unseen", 30, -20, 20);
  inputs.lines.back().supplier = "Cassini";
  const double fast = MedianLeft(inputs, "open-1"), slow = MedianLeft(inputs, "slow");
  const double unseen = MedianLeft(inputs, "unseen");
  CHECK(slow > 1.3 * fast);
  CHECK(unseen > fast);
  CHECK(unseen < slow);
}

TEST_CASE("an overdue line takes the longer, the longer it has been overdue") {
  double before = 0;
  for (const int overdue : {5, 40, 150}) {
    Inputs inputs = SmallOffice();
    AddOpenLine(inputs, "late", 10, -overdue - 40, -overdue);
    const double left = MedianLeft(inputs, "late");
    CHECK(left > before);
    before = left;
  }
}

TEST_CASE("the order of rows does not matter to what is learned") {
  Inputs inputs = SmallOffice();
  const double left = MedianLeft(inputs, "open-1");
  std::reverse(inputs.lines.begin(), inputs.lines.end());
  CHECK(MedianLeft(inputs, "open-1") == left);
}

TEST_CASE(
    "lines that ended before the records began are not missed: only landmarks since then count") {
  // Before the records only the slow ones survive; taken at face value they would double the time.
  Inputs inputs = SmallOffice();
  const double honest = MedianLeft(inputs, "open-1");
  for (int i = 0; i < 6; ++i) {
    AddOpenLine(inputs, fmt::format("survivor-{}", i), 10, -1000 - 20 * i, -960 - 20 * i);
    inputs.lines.back().deliveries = {{On(-725), 10}};
  }
  CHECK(MedianLeft(inputs, "open-1") == Approx(honest).epsilon(0.15));
}

TEST_CASE("open lines count as waits of at least so long") {
  Inputs inputs = SmallOffice();
  const double without = MedianLeft(inputs, "open-1");
  for (int i = 0; i < 12; ++i) AddOpenLine(inputs, fmt::format("stuck-{}", i), 10, -200, -160);
  CHECK(MedianLeft(inputs, "open-1") > without);
}

TEST_CASE("a crisis that began a few weeks ago lengthens what is still to come") {
  Inputs inputs = SmallOffice();
  for (int i = 0; i < 16; ++i) {
    const int ordered = -420 + 15 * i;
    AddOpenLine(inputs, fmt::format("calm-{}", i), 10, ordered, ordered + 40);
    inputs.lines.back().deliveries = {{On(ordered + 42), 10}};
  }
  const double calm = MedianLeft(inputs, "open-2");
  for (int i = 0; i < 16; ++i) AddOpenLine(inputs, fmt::format("now-{}", i), 10, -130, -90);
  CHECK(MedianLeft(inputs, "open-2") > 1.2 * calm);
}

}  // namespace parc::forecast
