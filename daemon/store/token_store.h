#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/sql.h"

namespace parc::store {

struct EnrolmentTokenRecord {
  std::int64_t row = 0;
  std::string token;  // its id
  std::string secret_sha256;
  std::optional<std::int64_t> laptop;
  std::optional<std::string> serial_key;
  int max_uses = 1;
  int uses = 0;
  bool allow_replace = false;
  std::int64_t created = 0;
  std::string creator;
  std::int64_t expires = 0;
  std::optional<std::int64_t> revoked;

  bool bound() const { return laptop.has_value() || serial_key.has_value(); }
};

// Tokens that let a laptop enrol. Used on the writer's connection only.
class EnrolmentTokenStore {
 public:
  explicit EnrolmentTokenStore(Connection& db);

  // `row` and `uses` are not asked.
  absl::Status Insert(const EnrolmentTokenRecord& token);
  absl::StatusOr<std::optional<EnrolmentTokenRecord>> Find(std::string_view token);
  // Uses the token once, in one statement: nothing happens, and nothing comes back, unless its
  // secret is right, a use is left, it is neither expired nor revoked, and it is not bound to
  // another serial. Whatever goes wrong later in the transaction gives the use back.
  absl::StatusOr<std::optional<EnrolmentTokenRecord>> Consume(
      std::string_view token, std::string_view secret_sha256,
      const std::optional<std::string>& serial_key, std::int64_t now);
  // Keeps the first date when it is revoked already.
  absl::Status Revoke(std::int64_t row, std::int64_t now);
  // Tokens that expired before `before`, with the requests made by them.
  absl::Status ForgetExpired(std::int64_t before);

 private:
  Statement insert_;
  Statement find_;
  Statement consume_;
  Statement revoke_;
  Statement forget_requests_;
  Statement forget_;
};

struct ApiTokenRecord {
  std::string token;  // its id
  std::string secret_sha256;
  std::string owner;
  std::string role;
  std::int64_t created = 0;
  std::int64_t expires = 0;
  std::optional<std::int64_t> revoked;
  std::optional<std::int64_t> last_use;
};

// Tokens that people call the API with. Used on the writer's connection only, but for Each.
class ApiTokenStore {
 public:
  explicit ApiTokenStore(Connection& db);

  absl::Status Each(absl::FunctionRef<void(const ApiTokenRecord&)> each);
  absl::Status Insert(const ApiTokenRecord& token);
  absl::StatusOr<std::optional<ApiTokenRecord>> Find(std::string_view token);
  // Keeps the first date when it is revoked already.
  absl::Status Revoke(std::string_view token, std::int64_t now);
  absl::Status NoteUse(std::string_view token, std::int64_t day);
  // Tokens of `role` that can be used at `now`.
  absl::StatusOr<std::int64_t> CountUsable(std::string_view role, std::int64_t now);

 private:
  Statement each_;
  Statement insert_;
  Statement find_;
  Statement revoke_;
  Statement note_use_;
  Statement count_usable_;
};

}  // namespace parc::store
