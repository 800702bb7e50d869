#include "daemon/inventory/lifecycle.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::inventory {
namespace {

using S = LaptopState;
using E = LaptopEvent;

enum class Holder { kAny, kWith, kWithout };

struct Move {
  S from;
  E event;
  S to;
  Holder holder = Holder::kAny;  // the move is for laptops with, or without, a holder
};

constexpr std::array kMoves = {
    Move{S::kInStock, E::kPrepare, S::kPreparing},
    Move{S::kInStock, E::kRetire, S::kRetired},
    Move{S::kInStock, E::kLose, S::kLost},
    Move{S::kInStock, E::kSteal, S::kStolen},

    Move{S::kPreparing, E::kPrepared, S::kPrepared},
    Move{S::kPreparing, E::kFail, S::kInRepair},
    Move{S::kPreparing, E::kLose, S::kLost},
    Move{S::kPreparing, E::kSteal, S::kStolen},

    Move{S::kPrepared, E::kAssign, S::kAssigned},
    Move{S::kPrepared, E::kUnprepare, S::kInStock},
    Move{S::kPrepared, E::kLose, S::kLost},
    Move{S::kPrepared, E::kSteal, S::kStolen},

    Move{S::kAssigned, E::kReturn, S::kReturned},
    Move{S::kAssigned, E::kRepair, S::kInRepair},
    Move{S::kAssigned, E::kLose, S::kLost},
    Move{S::kAssigned, E::kSteal, S::kStolen},

    Move{S::kReturned, E::kRestock, S::kInStock},
    Move{S::kReturned, E::kRepair, S::kInRepair},
    Move{S::kReturned, E::kRetire, S::kRetired},
    Move{S::kReturned, E::kLose, S::kLost},
    Move{S::kReturned, E::kSteal, S::kStolen},

    Move{S::kInRepair, E::kRepaired, S::kAssigned, Holder::kWith},
    Move{S::kInRepair, E::kRepaired, S::kReturned, Holder::kWithout},
    Move{S::kInRepair, E::kRetire, S::kRetired},
    Move{S::kInRepair, E::kLose, S::kLost},
    Move{S::kInRepair, E::kSteal, S::kStolen},

    Move{S::kLost, E::kFound, S::kReturned},
    Move{S::kLost, E::kWriteOff, S::kRetired},
    Move{S::kStolen, E::kFound, S::kReturned},
    Move{S::kStolen, E::kWriteOff, S::kRetired},
};

constexpr std::array kStateNames = {
    std::pair{S::kInStock, "IN_STOCK"},  std::pair{S::kPreparing, "PREPARING"},
    std::pair{S::kPrepared, "PREPARED"}, std::pair{S::kAssigned, "ASSIGNED"},
    std::pair{S::kReturned, "RETURNED"}, std::pair{S::kInRepair, "IN_REPAIR"},
    std::pair{S::kLost, "LOST"},         std::pair{S::kStolen, "STOLEN"},
    std::pair{S::kRetired, "RETIRED"},
};

constexpr std::array kEventNames = {
    std::pair{E::kReceive, "RECEIVE"},     std::pair{E::kImport, "IMPORT"},
    std::pair{E::kPrepare, "PREPARE"},     std::pair{E::kPrepared, "PREPARED"},
    std::pair{E::kUnprepare, "UNPREPARE"}, std::pair{E::kFail, "FAIL"},
    std::pair{E::kAssign, "ASSIGN"},       std::pair{E::kReturn, "RETURN"},
    std::pair{E::kRestock, "RESTOCK"},     std::pair{E::kRepair, "REPAIR"},
    std::pair{E::kRepaired, "REPAIRED"},   std::pair{E::kLose, "LOSE"},
    std::pair{E::kSteal, "STEAL"},         std::pair{E::kFound, "FOUND"},
    std::pair{E::kRetire, "RETIRE"},       std::pair{E::kWriteOff, "WRITE_OFF"},
    std::pair{E::kUpdate, "UPDATE"},       std::pair{E::kCorrect, "CORRECT"},
};

template <typename Enum, typename Names>
std::string_view NameIn(const Names& names, Enum value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  return "?";
}

template <typename Enum, typename Names>
absl::StatusOr<Enum> ParseIn(const Names& names, std::string_view name, std::string_view what) {
  for (const auto& [value, candidate] : names) {
    if (name == candidate) return value;
  }
  return absl::InvalidArgumentError(fmt::format("\"{}\" is no {}", name.substr(0, 64), what));
}

template <typename Enum, typename Names>
std::vector<Enum> AllIn(const Names& names) {
  std::vector<Enum> all;
  for (const auto& entry : names) all.push_back(entry.first);
  return all;
}

}  // namespace

std::string_view ToString(LaptopState state) { return NameIn(kStateNames, state); }
std::string_view ToString(LaptopEvent event) { return NameIn(kEventNames, event); }

absl::StatusOr<LaptopState> ParseLaptopState(std::string_view name) {
  return ParseIn<LaptopState>(kStateNames, name, "state of a laptop");
}

absl::StatusOr<LaptopEvent> ParseLaptopEvent(std::string_view name) {
  return ParseIn<LaptopEvent>(kEventNames, name, "event of a laptop");
}

const std::vector<LaptopState>& AllLaptopStates() {
  static const std::vector<LaptopState> kAll = AllIn<LaptopState>(kStateNames);
  return kAll;
}

const std::vector<LaptopEvent>& AllLaptopEvents() {
  static const std::vector<LaptopEvent> kAll = AllIn<LaptopEvent>(kEventNames);
  return kAll;
}

std::vector<LaptopEvent> PossibleEvents(LaptopState state) {
  std::vector<LaptopEvent> events;
  for (const Move& move : kMoves) {
    const bool listed = std::find(events.begin(), events.end(), move.event) != events.end();
    if (move.from == state && !listed) events.push_back(move.event);
  }
  return events;
}

namespace {

bool Fits(const Move& move, bool has_holder) {
  return move.holder == Holder::kAny || (move.holder == Holder::kWith) == has_holder;
}

// `what` completes "a laptop that is IN_STOCK cannot …".
absl::Status Illegal(LaptopState state, std::string_view what) {
  std::vector<std::string_view> names;
  for (const LaptopEvent possible : PossibleEvents(state)) names.push_back(ToString(possible));
  const std::string possible = names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
  return WithDetail(Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_MOVE",
                           fmt::format("a laptop that is {} cannot {}; possible: {}",
                                       ToString(state), what, possible)),
                    "possible_events", possible);
}

}  // namespace

absl::StatusOr<LaptopState> Apply(LaptopState state, LaptopEvent event, bool has_holder) {
  for (const Move& move : kMoves) {
    if (move.from == state && move.event == event && Fits(move, has_holder)) return move.to;
  }
  return Illegal(state, fmt::format("take {}", ToString(event)));
}

absl::StatusOr<LaptopEvent> EventBetween(LaptopState from, LaptopState to, bool has_holder) {
  for (const Move& move : kMoves) {
    if (move.from == from && move.to == to && Fits(move, has_holder)) return move.event;
  }
  if (from == to) return Illegal(from, "change hands at once: it comes back first");
  return Illegal(from, fmt::format("become {} in one step", ToString(to)));
}

}  // namespace parc::inventory
