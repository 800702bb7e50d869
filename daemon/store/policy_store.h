#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/posture/policy_record.h"
#include "daemon/store/sql.h"

namespace parc::store {

// For lists: the columns of policies `p`, and where they come from.
std::string PolicyColumns();
std::string PolicySource();
absl::StatusOr<posture::PolicyRecord> ReadPolicy(const Row& row);

// Every policy that was ever in force. Append only.
class PolicyStore {
 public:
  explicit PolicyStore(Connection& db);

  // Nothing before the first.
  absl::StatusOr<std::optional<posture::PolicyRecord>> Newest();
  absl::StatusOr<std::optional<posture::PolicyRecord>> Find(std::int64_t version);
  absl::Status Insert(const posture::PolicyRecord& policy);

 private:
  // 0: the newest.
  absl::StatusOr<std::optional<posture::PolicyRecord>> One(std::int64_t version);

  Statement find_;
  Statement insert_;
};

}  // namespace parc::store
