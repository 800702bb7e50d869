#include <benchmark/benchmark.h>

#include <map>

#include "daemon/forecast/forecast.h"
#include "tests/forecast/worlds.h"

// R12: 2,000 paths, 365 days, 3,600 people, 200 open lines, one core.
namespace parc::forecast {
namespace {

Inputs LargeFleet() {
  testing::Family family = testing::Families().front();
  family.people = {3600, 3601};
  family.lines_per_year = {200, 201};
  family.recent = 0.75;
  family.capacity = {0.003, 0.006};
  Inputs inputs = testing::MakeWorld(family, 1, 0).known;
  inputs.horizon_days = 365;
  inputs.paths = 2000;
  int open = 0;
  std::erase_if(inputs.lines, [&](const OrderLine& line) {
    int left = line.quantity;
    for (const Delivery& delivery : line.deliveries) left -= delivery.quantity;
    for (const Cancellation& row : line.cancellations) left -= row.quantity;
    return left > 0 && ++open > 200;
  });
  return inputs;
}

void BM_Forecast(benchmark::State& state) {
  const Inputs inputs = LargeFleet();
  for (auto _ : state) benchmark::DoNotOptimize(Forecast(inputs));
}
BENCHMARK(BM_Forecast)->Unit(benchmark::kMillisecond);

void BM_WhatIf(benchmark::State& state) {
  const Inputs inputs = LargeFleet();
  Scenario scenario;
  scenario.tension = 1.5;
  for (auto _ : state) benchmark::DoNotOptimize(WhatIf(inputs, scenario));
}
BENCHMARK(BM_WhatIf)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace parc::forecast

BENCHMARK_MAIN();
