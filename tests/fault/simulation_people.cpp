#include "tests/fault/simulation_people.h"

#include <catch2/catch.hpp>

#include "daemon/access/tokens.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::simulation {

using inventory::LaptopEvent;

namespace {

constexpr int kTries = 5;

// An answer that leaves open whether the change was made.
bool IsOpen(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

}  // namespace

People::People(World& world, std::vector<std::unique_ptr<Agent>>& agents)
    : world_(world), agents_(agents) {}

std::shared_ptr<People::Call> People::NewCall() {
  auto call = std::make_shared<Call>();
  call->request = fmt::format("request {}", ++requests_);
  call->clock_steps = world_.outcome.clock_steps;
  return call;
}

void People::Make(const std::shared_ptr<Call>& call) {
  if (++call->tries > kTries) return;
  // Answers are kept for 24 hours of the daemon's clock: who sees it jump makes no old call again.
  world_.network.Send([this, call, steps = call->clock_steps] {
    if (steps != world_.outcome.clock_steps) return;
    world_.core->Change(call->request, call->urgent, call->apply,
                        [this, call](absl::StatusOr<std::string> answer) {
                          if (call->told) call->told(answer);
                          world_.network.Send([call, answer] {
                            if (call->answered || (!answer.ok() && IsOpen(answer.status()))) return;
                            call->answered = true;
                            if (answer.ok() && call->after) call->after();
                          });
                        });
    world_.PlanCommit();
  });
  world_.timeline.In(30 * kSecond, [this, call] {
    if (!call->answered && call->clock_steps == world_.outcome.clock_steps) Make(call);
  });
}

void People::Record() {
  for (const auto& agent : agents_) {
    inventory::Laptop laptop;
    laptop.asset_tag = agent->tag();
    laptop.serial = "SN-" + agent->tag();
    const std::string request = fmt::format("request {}", ++requests_);
    absl::Status made = absl::UnknownError("no answer");
    world_.core->Change(
        request, false,
        [laptop](fleet::Change& change) -> absl::StatusOr<std::string> {
          PARC_TRY(change.CreateLaptop(laptop).status());
          return std::string("made");
        },
        [&made](const absl::StatusOr<std::string>& answer) { made = answer.status(); });
    while (world_.core->WriteBatch()) {
    }
    INFO(made);
    REQUIRE(made.ok());
  }
}

void People::Start() {
  world_.timeline.In(kMinute, [this] {
    Work();
    Start();
  });
}

void People::Work() {
  if (!world_.core->is_up()) return;
  for (const auto& agent : agents_) {
    if (agent->needs_token() && world_.dice.OneIn(2)) HandOutToken(*agent);
  }
  DecideRequests();
  const auto any = [this]() -> Agent& {
    return *agents_[static_cast<std::size_t>(world_.dice.Below(static_cast<int>(agents_.size())))];
  };
  if (world_.calm) {
    for (const std::string& tag :
         Texts("SELECT asset_tag FROM laptops WHERE state IN ('LOST', 'STOLEN')")) {
      Move(tag, LaptopEvent::kFound);
    }
    return;
  }
  // Who sees that the date is wrong moves nothing: a laptop has no moves before its newest one.
  if (world_.clock_step <= 0 && world_.dice.OneIn(4)) MoveLaptop(any().tag());
  if (world_.dice.OneIn(60)) RevokeDevice(any().tag());
  if (world_.dice.OneIn(120)) any().Reinstall();
}

void People::HandOutToken(Agent& agent) {
  if (!shared_token_.empty() && world_.dice.OneIn(2)) return agent.GiveToken(shared_token_);
  access::EnrolmentTokenWish wish;
  const bool shared = !world_.calm && world_.dice.OneIn(4);
  if (shared) {
    wish.max_uses = 2;
  } else {
    wish.laptop = agent.tag();
    wish.allow_replace = world_.calm || world_.dice.OneIn(2);
  }
  auto secret = std::make_shared<std::string>();
  const auto call = NewCall();
  call->apply = [this, wish, secret](fleet::Change&) -> absl::StatusOr<std::string> {
    PARC_ASSIGN(const auto created, world_.core->devices().CreateEnrolmentToken(
                                        wish, "tokens/simulated", world_.Clock()));
    *secret = created.secret;
    return created.id;
  };
  call->told = [this, wish](const absl::StatusOr<std::string>& id) {
    if (id.ok()) world_.ledger.TokenMade(*id, wish.max_uses);
  };
  call->after = [this, secret, shared, to = &agent] {
    if (secret->empty()) return;  // an answer to a repeated call tells no secret
    if (to->needs_token()) to->GiveToken(*secret);
    if (shared) shared_token_ = *secret;
  };
  Make(call);
}

void People::DecideRequests() {
  for (const std::string& id :
       Texts("SELECT request FROM enrolment_requests WHERE state = 'PENDING'")) {
    if (!world_.dice.OneIn(3)) continue;
    const bool approve = world_.calm || !world_.dice.OneIn(8);
    const auto call = NewCall();
    call->urgent = true;
    call->apply = [this, id, approve](fleet::Change&) -> absl::StatusOr<std::string> {
      access::DeviceChanges& devices = world_.core->devices();
      const std::int64_t now = world_.Clock();
      PARC_TRY(approve ? devices.ApproveRequest(id, "", false, "tokens/simulated", now)
                       : devices.RejectRequest(id, "tokens/simulated", now));
      return std::string("decided");
    };
    Make(call);
  }
}

void People::MoveLaptop(const std::string& tag) {
  const auto states = Texts(fmt::format("SELECT state FROM laptops WHERE asset_tag = '{}'", tag));
  const auto state = inventory::ParseLaptopState(states.at(0));
  std::vector<LaptopEvent> moves;
  for (const LaptopEvent event : inventory::PossibleEvents(*state)) {
    const bool leaves = event == LaptopEvent::kLose || event == LaptopEvent::kSteal;
    if (event == LaptopEvent::kAssign || event == LaptopEvent::kReturn ||
        event == LaptopEvent::kRetire || event == LaptopEvent::kWriteOff ||
        (leaves && !world_.dice.OneIn(15))) {
      continue;
    }
    moves.push_back(event);
  }
  if (!moves.empty()) Move(tag, world_.dice.Pick(moves));
}

void People::Move(const std::string& tag, LaptopEvent event) {
  const auto call = NewCall();
  call->apply = [tag, event](fleet::Change& change) -> absl::StatusOr<std::string> {
    PARC_TRY(change.MoveLaptop(tag, event, "").status());
    return std::string("moved");
  };
  call->told = [this, tag, event,
                request = call->request](const absl::StatusOr<std::string>& answer) {
    if (!answer.ok()) return;
    ++world_.outcome.changes;
    world_.ledger.Done(request);
    if (event != LaptopEvent::kLose && event != LaptopEvent::kSteal) return;
    for (const std::string& id :
         Texts(fmt::format("SELECT device FROM devices WHERE state = 'REVOKED' AND laptop = "
                           "(SELECT id FROM laptops WHERE asset_tag = '{}')",
                           tag))) {
      world_.ledger.Revoked(id);
    }
  };
  Make(call);
}

void People::RevokeDevice(const std::string& tag) {
  for (const std::string& id :
       Texts(fmt::format("SELECT device FROM devices WHERE state = 'ACTIVE' AND laptop = "
                         "(SELECT id FROM laptops WHERE asset_tag = '{}')",
                         tag))) {
    const auto call = NewCall();
    call->urgent = true;
    call->apply = [this, id](fleet::Change& change) -> absl::StatusOr<std::string> {
      access::Effect effect;
      PARC_TRY(world_.core->devices().RevokeDevice(id, "simulated", change.context().now, effect));
      if (effect) change.AfterCommit(std::move(effect));
      return std::string("revoked");
    };
    call->told = [this, id](const absl::StatusOr<std::string>& answer) {
      if (!answer.ok()) return;
      ++world_.outcome.revocations;
      world_.ledger.Revoked(id);
    };
    Make(call);
  }
}

std::vector<std::string> People::Texts(const std::string& sql) {
  std::vector<std::string> texts;
  store::Statement statement(world_.core->db(), sql);
  REQUIRE(statement
              .Query([&](const store::Row& row) {
                texts.push_back(row.Text(0));
                return absl::OkStatus();
              })
              .ok());
  return texts;
}

}  // namespace parc::simulation
