#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/swarm/dice.h"

// What a simulated agent reports. Facts are serialised once; a report is a copy with a few bytes
// put in their places, so that making one costs about a microsecond and most of that is its
// SHA-256.
namespace parc::swarm {

using Digest = std::array<std::uint8_t, 32>;
using ProblemsDigest = std::array<std::uint8_t, 16>;

// What changes on a simulated laptop from one report to the next. Everything else follows from its
// number.
struct Condition {
  std::uint32_t free_mib = 131'072;  // of the root file system; 32,768 to 472,767
  std::uint8_t kernel = 18;          // patch level, below 100
  std::uint8_t updates = 3;          // pending ones, below 128
  std::uint8_t boots = 0;
  std::uint8_t tunnel = 0;  // 1: the VPN is up

  bool operator==(const Condition&) const = default;
};

enum class Section { kOs, kHardware, kStorage, kNetwork, kSecurity, kUpdates, kClock, kVpn };
inline constexpr std::size_t kSections = 8;
inline constexpr unsigned kAllSections = 0xFF;
constexpr unsigned Bit(Section section) { return 1u << static_cast<unsigned>(section); }

// One day's small things, as they befall a laptop between two reports: mostly the disk fills or
// updates come; sometimes the VPN goes up or down; rarely a new kernel is booted. Returns the
// sections that changed (Bit), never none.
unsigned Live(Condition& condition, Dice& dice);
// Everything that can change, at once.
unsigned ChangeAll(Condition& condition, Dice& dice);

// "SW00000042": serial number of the laptop with this number, below 100,000,000.
std::string SerialOf(std::uint32_t number);
std::string AssetTagOf(std::uint32_t number);

class ReportWriter {
 public:
  ReportWriter();

  // SHA-256 of the complete facts, as agents compute it.
  Digest DigestOf(std::uint32_t number, const Condition& condition);

  struct Report {
    std::uint32_t number = 0;  // of the laptop
    Condition condition = {};
    std::uint64_t sequence = 0;    // 2^28 at least
    std::int64_t sent = 0;         // UTC seconds
    const Digest* base = nullptr;  // null: the facts are complete
    unsigned sections = 0;         // with a base: what is sent of them
    ProblemsDigest problems = {};  // that the laptop holds; zeros: none
  };
  // A serialised parc.v1.CheckInRequest, valid until the next call; its digest is in `digest`.
  std::string_view Write(const Report& report, Digest& digest);

 private:
  struct Place {
    std::size_t offset = 0, size = 0;
  };
  Place Find(std::string_view mark) const;
  void Fill(std::uint32_t number, const Condition& condition);
  void PutText(const Place& place, std::string_view text);
  void PutVarint(const Place& place, std::uint64_t value);

  std::string facts_;  // serialised, the values of the last report in their places
  std::array<Place, kSections> sections_;  // of `facts_`, tags included
  Place serial_, uuid_, mac_, kernel_, free_, updates_, tunnel_;
  std::string request_;
};

// The boot id that a laptop has after so many boots.
std::string BootIdOf(std::uint32_t number, std::uint8_t boots);

}  // namespace parc::swarm
