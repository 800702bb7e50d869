#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/access/devices.h"
#include "daemon/inventory/fact_sheet.h"
#include "daemon/posture/judge.h"

namespace parc::checkin {

// One report of an agent, as the edge translated it: types are right, text is UTF-8.
struct Report {
  std::string claimed_device;  // empty, or what the body says; must be the certificate's
  std::string boot_id;
  std::uint64_t sequence = 0;
  std::int64_t sent = 0;  // UTC microseconds by the agent's clock; 0 when it does not say
  std::string agent_version;
  std::string digest;          // SHA-256 of the complete facts
  std::string base_digest;     // empty: the facts are complete
  inventory::FactSheet facts;  // what follows from lists (DeriveFacts) need not be there yet
  std::set<inventory::Section> removed;
  std::string held_problems;  // Answer::problems_digest of the problems that the laptop holds

  bool operator==(const Report&) const = default;
};

// Range and form of everything that can be judged without the database. INVALID_ARGUMENT
// EMPTY_REPORT, BAD_TEXT, OUT_OF_RANGE, SEQ_OUT_OF_RANGE, with the field; PERMISSION_DENIED
// IDENTITY_MISMATCH.
absl::Status CheckReport(const Report& report, const access::DeviceIdentity& device);

struct Answer {
  bool stale = false;             // a newer report is stored; this one changed nothing
  bool send_complete = false;     // the base is unknown here: only the contact was recorded
  bool found_copy = false;        // by this report it was seen that two machines are one device
  std::int64_t next_contact = 0;  // microseconds from now
  std::int64_t server_time = 0;
  // Of its checks, the problems; none when the laptop holds them already.
  posture::Judgement judgement;
  // Tells lists of problems, with their words, apart. Empty: there is none.
  std::string problems_digest;

  bool operator==(const Answer&) const = default;
};

}  // namespace parc::checkin
