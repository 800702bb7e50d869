#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/posture/alerts.h"
#include "daemon/store/sql.h"

namespace parc::store {

// An alert with the words that it was told in.
struct AlertRecord {
  posture::Alert alert;
  std::string message_en;
  std::string message_fr;

  bool operator==(const AlertRecord&) const = default;
};

// Columns of the table alerts `a`, for ReadAlert.
std::string AlertColumns();
absl::StatusOr<AlertRecord> ReadAlert(const Row& row);

class AlertStore {
 public:
  explicit AlertStore(Connection& db);

  absl::StatusOr<std::vector<posture::Alert>> Open();
  // Answers its id.
  absl::StatusOr<std::int64_t> Raise(const AlertRecord& alert);
  absl::Status Resolve(std::int64_t id, std::int64_t now);

 private:
  Statement open_;
  Statement raise_;
  Statement newest_;
  Statement resolve_;
};

}  // namespace parc::store
