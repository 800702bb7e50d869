#include "tests/fault/simulation.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "fmt/format.h"
#include "tests/fault/simulation_people.h"
#include "tests/support/scratch_directory.h"

namespace parc::simulation {

namespace fs = std::filesystem;

bool Timeline::Step(std::int64_t end) {
  if (events_.empty() || events_.top().time > end) return false;
  Event event = events_.top();
  events_.pop();
  now_ = event.time;
  event.run();
  return true;
}

std::int64_t Network::Delay() {
  if (good_) return 10'000;
  if (dice_.OneIn(10)) return dice_.Below(300) * kSecond;
  return 1'000 + dice_.Below(200) * 1'000;
}

void Network::Send(const std::function<void()>& arrive) {
  if (!good_ && dice_.OneIn(8)) return;
  timeline_.In(Delay(), arrive);
  if (!good_ && dice_.OneIn(8)) timeline_.In(Delay(), arrive);
}

const std::string& KeyRing::Csr(int number) {
  while (static_cast<int>(csrs_.size()) <= number) csrs_.push_back(access::LaptopKey().csr);
  return csrs_[static_cast<std::size_t>(number)];
}

void World::PlanCommit() {
  if (commit_is_planned || !core->is_up()) return;
  commit_is_planned = true;
  // Most disks are quick; a slow one has more calls meet in one commit.
  const std::int64_t wait = dice.OneIn(6) ? dice.Below(20) * kSecond : dice.Below(20) * 1'000;
  timeline.In(wait, [this] {
    commit_is_planned = false;
    if (!core->is_up()) return;
    if (!calm && dice.OneIn(80)) {
      core->Die(static_cast<Death>(dice.Below(3)));
      ++outcome.deaths;
      timeline.In((1 + dice.Below(600)) * kSecond, [this] {
        if (core->is_up()) return;
        core->Start();
        ledger.Check(core->db());
      });
      return;
    }
    if (core->WriteBatch() && ++outcome.commits % plan.check_every == 0) ledger.Check(core->db());
  });
}

namespace {

// Sets the daemon's clock, and sets it right a while later.
void PlanClockSteps(World& world) {
  if (!world.dice.OneIn(3)) return;
  const std::vector<std::int64_t> steps = {40 * kDay, -365 * kDay, -world.timeline.now(), kHour,
                                           -kHour};
  const std::int64_t step = world.dice.Pick(steps);
  const std::int64_t minutes = world.plan.duration / kMinute;
  const std::int64_t begin = world.dice.Below(static_cast<int>(minutes)) * kMinute;
  const auto set = [&world](std::int64_t to) {
    world.clock_step = to;
    ++world.outcome.clock_steps;
  };
  world.timeline.In(begin, [set, step] { set(step); });
  world.timeline.In(begin + (1 + world.dice.Below(30)) * kMinute, [set] { set(0); });
}

void PlanRejudging(World& world) {
  world.timeline.In(5 * kMinute, [&world] {
    world.core->Rejudge();
    world.PlanCommit();
    PlanRejudging(world);
  });
}

// Everything works from now on; every laptop comes to rest.
void ComeToRest(World& world, const std::vector<std::unique_ptr<Agent>>& agents) {
  constexpr std::int64_t kPatience = 12 * kHour;
  world.calm = true;
  world.network.BeGood();
  world.clock_step = 0;
  if (!world.core->is_up()) world.core->Start();
  std::vector<bool> at_rest(agents.size(), false);
  const std::int64_t end = world.timeline.now() + kPatience;
  const auto rested = [&] {
    for (std::size_t i = 0; i < agents.size(); ++i) at_rest[i] = at_rest[i] || agents[i]->is_done();
    return std::find(at_rest.begin(), at_rest.end(), false) == at_rest.end();
  };
  while (world.ledger.broken().empty() && !rested()) {
    if (world.timeline.Step(end)) continue;
    for (std::size_t i = 0; i < agents.size(); ++i) {
      if (!at_rest[i]) world.ledger.Break("rest", agents[i]->Describe());
    }
  }
}

}  // namespace

struct Simulator::Shared {
  test::ScratchDirectory directory;
  KeyRing keys;
  access::RandomBytes dice;  // of the run under way
  std::unique_ptr<access::CertificateAuthority> ca;
};

Simulator::Simulator() : shared_(std::make_unique<Shared>()) {
  Shared& shared = *shared_;
  const fs::path ca = shared.directory / "ca";
  REQUIRE(
      access::CertificateAuthority::CreateForTrial(ca, access::kNoon, access::LoadedDice()).ok());
  auto loaded = access::CertificateAuthority::Load(
      ca, {.device_lifetime = kHour}, access::kNoon,
      [&shared](std::size_t count) { return shared.dice(count); });
  REQUIRE(loaded.ok());
  shared.ca = *std::move(loaded);
  // An empty database, to begin each run with a copy of.
  REQUIRE(store::Database::Open(shared.directory / "template").ok());
}

Simulator::~Simulator() = default;

Outcome Simulator::Run(const Plan& plan) {
  const fs::path state = shared_->directory / "state";
  fs::remove_all(state);
  fs::create_directory(state);
  fs::copy_file(shared_->directory / "template" / "parc.db", state / "parc.db");
  shared_->dice = access::LoadedDice(plan.seed);

  World world(plan, shared_->keys);
  Core core(
      state, *shared_->ca, shared_->dice, [&world] { return world.Clock(); }, plan.defect);
  world.core = &core;
  core.Start();
  std::vector<std::unique_ptr<Agent>> agents;
  for (int i = 1; i <= plan.laptops; ++i)
    agents.push_back(std::make_unique<Agent>(world, fmt::format("PC-{}", i)));
  People people(world, agents);
  people.Record();
  people.Start();
  for (const auto& agent : agents) agent->Start(world.dice.Below(600) * kSecond);
  PlanRejudging(world);
  PlanClockSteps(world);

  const std::int64_t end = world.timeline.now() + plan.duration;
  while (world.ledger.broken().empty() && world.timeline.Step(end)) {
  }
  ComeToRest(world, agents);
  if (core.is_up()) world.ledger.Check(core.db());
  world.outcome.broken = world.ledger.broken();
  return world.outcome;
}

}  // namespace parc::simulation
