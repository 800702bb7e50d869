#include <algorithm>

#include "daemon/fleet/world.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopState;

namespace {

LaptopState FinalState(World::Status status) {
  switch (status) {
    case World::Status::kInStock:
      return LaptopState::kInStock;
    case World::Status::kAssigned:
      return LaptopState::kAssigned;
    case World::Status::kInRepair:
      return LaptopState::kInRepair;
    case World::Status::kRetired:
      return LaptopState::kRetired;
    case World::Status::kLost:
      return LaptopState::kLost;
  }
  return LaptopState::kInStock;
}

// Adds a step; a second one of the same day takes the place of the first, and none goes back.
void Add(LifeStep step, std::vector<LifeStep>& life) {
  if (!life.empty() && step.from < life.back().from) step.from = life.back().from;
  if (!life.empty() && life.back().from == step.from) life.pop_back();
  const bool same =
      !life.empty() && life.back().state == step.state && life.back().person == step.person;
  if (!same) life.push_back(std::move(step));
}

// Where the last step leaves the laptop on the world's day, and where its status has it.
void AddFinal(const World::Asset& asset, const World& world, std::vector<LifeStep>& life) {
  const LaptopState state = FinalState(asset.status);
  LifeStep last{.from = world.as_of, .state = state, .person = {}, .reason = asset.end_reason};
  const bool held = life.back().state == LaptopState::kAssigned;
  switch (asset.status) {
    case World::Status::kInStock:
      if (!held) return;
      break;
    case World::Status::kAssigned:
      last.person = asset.assigned_to;
      if (held && life.back().person == last.person) return;
      if (!held) last.from = life.back().from;
      break;
    case World::Status::kInRepair:  // from the day on which its holder gave it away, if known
      last.person = asset.assigned_to;
      if (!held && !asset.assignments.empty()) last.from = life.back().from;
      break;
    case World::Status::kRetired:
    case World::Status::kLost:
      last.from = asset.ended.value_or(held ? world.as_of : life.back().from);
      break;
  }
  Add(std::move(last), life);
}

}  // namespace

std::vector<LifeStep> LifeOf(const World::Asset& asset, const World& world) {
  CivilDate first = asset.received.value_or(world.records_since.value_or(world.as_of));
  if (asset.ended.has_value()) first = std::min(first, *asset.ended);
  if (!asset.assignments.empty()) first = std::min(first, asset.assignments.front().from);
  std::vector<LifeStep> life = {
      {.from = first, .state = LaptopState::kInStock, .person = {}, .reason = {}}};
  for (const World::Assignment& assignment : asset.assignments) {
    Add({.from = assignment.from,
         .state = LaptopState::kAssigned,
         .person = assignment.person,
         .reason = {}},
        life);
    if (assignment.to.has_value()) {
      Add({.from = *assignment.to, .state = LaptopState::kInStock, .person = {}, .reason = {}},
          life);
    }
  }
  AddFinal(asset, world, life);
  return life;
}

}  // namespace parc::fleet
