#pragma once

#include <cstdint>
#include <optional>
#include <string>

// What lists of devices, of who may become one, and of API tokens show. Times are UTC microseconds.
namespace parc::fleet {

struct DeviceRow {
  std::string id;      // UUID
  std::string laptop;  // asset tag
  std::string state;   // ACTIVE, REVOKED, REPLACED
  std::int64_t enrolled = 0;
  std::int64_t certificate_expires = 0;
  std::optional<std::int64_t> last_seen;  // this device's own contact, not its predecessor's
  std::string agent_version;              // with the last contact; at enrolment before the first
  std::int64_t report_seq = 0;
  std::optional<std::int64_t> revoked;  // or replaced
  std::string revoke_reason;
  std::string quarantine;  // what its reports disagree about; empty when nothing

  bool operator==(const DeviceRow&) const = default;
};

struct EnrolmentTokenRow {
  std::string id;
  std::string laptop;  // asset tag it is bound to; empty when to none
  std::string serial;  // the same
  int max_uses = 1;
  int uses = 0;
  bool allow_replace = false;
  std::int64_t created = 0;
  std::string creator;
  std::int64_t expires = 0;
  std::optional<std::int64_t> revoked;

  bool operator==(const EnrolmentTokenRow&) const = default;
};

// A request that a person decides, or decided.
struct EnrolmentRequestRow {
  std::string id;     // UUID
  std::string state;  // PENDING, APPROVED, REJECTED, EXPIRED
  std::string serial;
  std::string manufacturer;
  std::string model;
  std::string fingerprint;  // words that the laptop shows too
  std::int64_t created = 0;
  std::string laptop;     // asset tag: the record it is bound to, or that matches by serial
  std::string displaces;  // UUID of that laptop's live device while nothing is decided
  std::string question;   // why a person must decide, in one sentence

  bool operator==(const EnrolmentRequestRow&) const = default;
};

struct ApiTokenRow {
  std::string id;
  std::string owner;
  std::string role;  // as access::RoleName() names it
  std::int64_t created = 0;
  std::int64_t expires = 0;
  std::optional<std::int64_t> revoked;
  std::optional<std::int64_t> last_use;  // the day's first instant, UTC

  bool operator==(const ApiTokenRow&) const = default;
};

}  // namespace parc::fleet
