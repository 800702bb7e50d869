#pragma once

#include "daemon/checkin/report.h"
#include "daemon/store/report_store.h"

namespace parc::checkin {

// How far a device's report_seq may jump at once: a counter that went wild would lock the device
// out for ever.
inline constexpr std::uint64_t kMaxSequenceStep = std::uint64_t{1} << 32;

// What a report is, to what is stored.
enum class Arrival {
  kOutOfStep,    // its sequence number jumps too far
  kStale,        // a newer one is stored
  kDuplicate,    // this one is stored
  kUnknownBase,  // says what changed since facts that are not stored
  kUnchanged,    // its facts are stored
  kChanged,      // its facts, or its part of them, are to be stored
};

// Pure. `known`: the newest contact of this device; null when it had none. `report` passed
// CheckReport.
Arrival Classify(const store::Contact* known, const Report& report);

// Whether `report` proves that two machines report as one device: it is of a boot that ended before
// the present one began, by the numbers that the agent gives its reports. A laptop that was
// restored from a backup, or whose reports arrive out of order, proves nothing. Pure.
bool ComesFromACopy(const store::Standing& standing, const Report& report);

}  // namespace parc::checkin
