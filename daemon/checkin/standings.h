#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "daemon/checkin/problems_digest.h"
#include "daemon/checkin/report.h"
#include "daemon/posture/in_force.h"
#include "daemon/posture/judge.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/sql.h"

namespace parc::checkin {

// By how much the agent's clock is ahead, in seconds. What is stored stays while it is near enough.
std::optional<std::int64_t> Skew(std::optional<std::int64_t> stored, std::int64_t sent,
                                 std::int64_t now);

// For every laptop that is in order, what a report without news is met by: such a report then reads
// nothing from the database, where a join of five tables and its judgement were read before. About
// 200 bytes each: what is wrong with the laptop is not among them, since the laptop holds it. One
// that does not is met by the database. An entry goes as soon as a row that it was taken from is
// written, by whomever.
// Used on the commit thread only.
class Standings {
 public:
  // `writer` is the connection of every write, also of what `log` carries, which changes nothing
  // here. All outlive this object.
  Standings(store::Connection& writer, const store::ContactLog& log,
            const posture::PolicyInForce& policies);

  // Whether `report` says of the laptop what is stored already, in the order in which it was to
  // come, nothing is to be judged again, and the laptop holds its problems: only its contact is to
  // be noted. Then the laptop's number is `report`'s from now on, and the answer is in `answer`.
  bool TakeUnchanged(const access::DeviceIdentity& device, const Report& report, std::int64_t now,
                     Answer& answer);
  // After `report` was taken and is answered by `answer`. Keeps nothing of a laptop of which
  // something is to be looked at each time.
  void Keep(const access::DeviceIdentity& device, const Report& report,
            std::optional<std::int64_t> skew, const Answer& answer);
  void Forget(std::int64_t laptop) { known_.erase(laptop); }

 private:
  using BootId = std::array<std::uint8_t, 16>;
  using Digest = std::array<char, 32>;
  struct Known {
    std::int64_t device = 0;
    std::uint64_t sequence = 0;
    Digest digest = {};
    BootId boot = {};
    const std::string* agent_version = nullptr;  // in `versions_`
    std::optional<std::int64_t> skew;
    posture::Verdict verdict = posture::Verdict::kUnknown;
    std::int64_t since = 0;
    std::optional<std::int64_t> next_judgement;
    bool has_problems = false;
    std::array<char, ProblemsDigest::kSize> problems = {};  // their digest
  };

  void Changed(std::string_view table, std::int64_t row);
  static BootId BootOf(std::string_view text);

  const store::ContactLog& log_;
  const posture::PolicyInForce& policies_;
  std::int64_t version_ = 0;                       // of the policy that all entries are judged by
  std::unordered_map<std::int64_t, Known> known_;  // by laptop
  // Devices whose row was written since their laptop's entry was made.
  std::unordered_set<std::int64_t> changed_devices_;
  std::set<std::string> versions_;
  store::RowWatch watch_;
};

}  // namespace parc::checkin
