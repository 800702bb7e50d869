#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/sql.h"

namespace parc::store {

inline constexpr std::string_view kDeviceActive = "ACTIVE";
inline constexpr std::string_view kDeviceRevoked = "REVOKED";
inline constexpr std::string_view kDeviceReplaced = "REPLACED";

struct DeviceRecord {
  std::int64_t row = 0;
  std::string device;  // UUID
  std::int64_t laptop = 0;
  std::string state;
  std::string revoke_reason;
  std::string current_serial;
  std::string next_serial;  // empty when none was issued
};

struct CertificateRecord {
  std::int64_t device = 0;  // row
  std::string serial;
  std::string spki_sha256;  // hexadecimal
  std::int64_t issued = 0;
  std::int64_t not_after = 0;
  std::int64_t renew_at = 0;
  std::vector<std::string> chain;  // DER; empty once a successor is in use
};

// Devices and their certificates. Used on the writer's connection only, but for Each.
class DeviceStore {
 public:
  explicit DeviceStore(Connection& db);

  absl::Status Each(absl::FunctionRef<void(const DeviceRecord&)> each);
  absl::StatusOr<std::optional<DeviceRecord>> Find(std::string_view device);
  absl::StatusOr<std::optional<DeviceRecord>> FindByRow(std::int64_t row);
  // The live device of a laptop; there is at most one.
  absl::StatusOr<std::optional<DeviceRecord>> LiveOf(std::int64_t laptop);

  // Stores an active device, whose first certificate is `certificate` (its `device` is not asked),
  // and that certificate. Returns the device's row.
  absl::StatusOr<std::int64_t> Insert(std::string_view device, std::int64_t laptop,
                                      std::string_view agent_version,
                                      const CertificateRecord& certificate);
  // Stores `certificate` as the one that its device uses next; one that was waiting is void.
  absl::Status PutNext(const CertificateRecord& certificate);
  // The next certificate becomes the current one.
  absl::Status Promote(std::int64_t row);
  // An active device ends as kDeviceRevoked or kDeviceReplaced.
  absl::Status End(std::int64_t row, std::string_view state, std::string_view reason,
                   std::int64_t now);

  // The certificate of a key (hexadecimal), whoever owns it.
  absl::StatusOr<std::optional<CertificateRecord>> FindCertificate(std::string_view spki_sha256);

 private:
  absl::Status InsertCertificate(std::int64_t device, const CertificateRecord& certificate);

  Connection& db_;
  Statement each_;
  Statement find_;
  Statement find_by_row_;
  Statement live_of_;
  Statement insert_;
  Statement put_next_;
  Statement promote_;
  Statement end_;
  Statement find_certificate_;
  Statement insert_certificate_;
  Statement forget_chains_;
};

}  // namespace parc::store
