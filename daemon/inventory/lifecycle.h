#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Where a laptop is in its life, and which events move it on.
namespace parc::inventory {

enum class LaptopState {
  kInStock,    // received, not prepared
  kPreparing,  // being imaged
  kPrepared,   // can be handed out today
  kAssigned,   // held by a person
  kReturned,   // back, to be checked and wiped
  kInRepair,   // away or on the bench; the holder keeps the claim
  kLost,
  kStolen,
  kRetired,  // end of life; kept for history
};

enum class LaptopEvent {
  kReceive,
  kImport,
  kPrepare,
  kPrepared,
  kUnprepare,
  kFail,
  kAssign,
  kReturn,
  kRestock,
  kRepair,
  kRepaired,
  kLose,
  kSteal,
  kFound,
  kRetire,
  kWriteOff,
  kUpdate,
  kCorrect,
};

// Canonical names, as filters, the database and the API know them: "IN_STOCK", "WRITE_OFF".
std::string_view ToString(LaptopState state);
std::string_view ToString(LaptopEvent event);
// INVALID_ARGUMENT for anything but a canonical name.
absl::StatusOr<LaptopState> ParseLaptopState(std::string_view name);
absl::StatusOr<LaptopEvent> ParseLaptopEvent(std::string_view name);
const std::vector<LaptopState>& AllLaptopStates();
const std::vector<LaptopEvent>& AllLaptopEvents();

// The state after `event`. A repaired laptop goes back to its holder when it has one.
// FAILED_PRECONDITION ILLEGAL_MOVE otherwise, with the possible events in the message and in the
// detail "possible_events".
absl::StatusOr<LaptopState> Apply(LaptopState state, LaptopEvent event, bool has_holder);

// The one event that leads from `from` to `to` in one step. FAILED_PRECONDITION ILLEGAL_MOVE as
// above when there is none.
absl::StatusOr<LaptopEvent> EventBetween(LaptopState from, LaptopState to, bool has_holder);

// Events that leave `state`, in the order of the table.
std::vector<LaptopEvent> PossibleEvents(LaptopState state);

}  // namespace parc::inventory
