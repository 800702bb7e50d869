#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// When the agent makes contact. Pure: now and dice are arguments. Times are UTC seconds.
namespace parc::agent {

// Gives a number from 0 (included) to 1 (excluded).
using Dice = std::function<double()>;

inline constexpr std::int64_t kDefaultInterval = 900;
inline constexpr std::int64_t kLongestWait = 24 * 3600;

// What kind of failure the newest one was.
enum class Trouble {
  kOther,
  kUnreachable,  // the server, or the way there
  kRefused,      // the server does not take this laptop's certificate any more
};

// What one report leaves for the next, as `key=value` lines in the state directory.
struct Contact {
  std::int64_t next = 0;   // when to make the next contact; 0: not known
  int failures = 0;        // contacts in a row that failed
  std::int64_t last = 0;   // when the server last answered; 0: never
  std::string last_error;  // of the newest failure; empty after a success
  Trouble trouble = Trouble::kOther;

  bool operator==(const Contact&) const = default;
};

std::string FormatContact(const Contact& contact);
// What cannot be understood is as if it were not there.
Contact ParseContact(std::string_view text);

// After an answer: the server says how long, within reason.
Contact AfterAnswer(std::int64_t now, std::int64_t server_wait);
// After a failure: full jitter, `rand(0, min(1800, 120·2^n))` seconds, and not before what the
// server asked for. At least one second. What kind of trouble it was is for the caller to say.
Contact AfterFailure(const Contact& before, std::int64_t now, std::optional<std::int64_t> pushback,
                     std::string_view error, const Dice& dice);

// How long a resident that just started or looked at its watch should wait. `fresh` is true at the
// start: overdue contacts are then spread over a minute, since a building may get its power back at
// once. A contact that lies further ahead than it ever may comes from a clock that was set back.
std::int64_t WaitFor(const Contact& contact, std::int64_t now, bool fresh, const Dice& dice);

}  // namespace parc::agent
