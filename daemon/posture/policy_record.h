#pragma once

#include <cstdint>
#include <string>

namespace parc::posture {

// A policy as it was written, and how it came into force.
struct PolicyRecord {
  std::int64_t version = 0;
  std::string text;      // TOML
  bool shipped = false;  // it came with Parc
  std::string actor;
  std::string reason;
  std::int64_t applied = 0;  // UTC microseconds
  std::string actor_name;    // the owner of the token in `actor`; only when it was read

  bool operator==(const PolicyRecord&) const = default;
};

}  // namespace parc::posture
