#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/random.h"
#include "daemon/access/roles.h"

namespace parc::store {
class Connection;
}

namespace parc::access {

// Who calls the API, as the bearer token proves.
struct Caller {
  std::string token_id;
  std::string owner;
  Role role = Role::kAuditor;
  // The token is used for the first time today: the day is to be noted (ApiTokenChanges::NoteUse).
  bool first_use_today = false;

  bool operator==(const Caller&) const = default;
};

// The API tokens of people in memory. Changed only by effects that run after a commit. Thread safe.
class ApiTokens {
 public:
  static absl::StatusOr<std::unique_ptr<ApiTokens>> Load(store::Connection& db);
  ~ApiTokens();
  ApiTokens(ApiTokens&&) = delete;

  // `authorization`: the header's value, "Bearer parcP1.…". `source`: the caller's address, for the
  // limit of 10 failures a minute. UNAUTHENTICATED BAD_API_TOKEN "missing or invalid API token" for
  // every cause; RESOURCE_EXHAUSTED TOO_MANY_FAILURES for failures beyond the limit. A token that
  // is right is always taken.
  absl::StatusOr<Caller> Authenticate(std::string_view authorization, std::string_view source,
                                      std::int64_t now);

  struct State;  // for the files of access/
  State& state() { return *state_; }

 private:
  explicit ApiTokens(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct ApiToken {
  std::string id;
  std::string owner;
  Role role = Role::kAuditor;
  std::int64_t created = 0;
  std::int64_t expires = 0;
  std::optional<std::int64_t> revoked;
  std::optional<std::int64_t> last_use;  // the day's first instant, UTC

  bool operator==(const ApiToken&) const = default;
};

// Changes to API tokens; runs on the commit thread inside the transaction of its request (or, for
// `parcd admin create`, with the daemon stopped).
class ApiTokenChanges {
 public:
  ApiTokenChanges(store::Connection& writer, ApiTokens& tokens, RandomBytes random);
  ~ApiTokenChanges();
  ApiTokenChanges(ApiTokenChanges&&) = delete;

  struct Created {
    ApiToken token;
    std::string secret;  // "parcP1.…"; in this answer and nowhere else
  };
  // The secret must not reach the database: DeviceChanges::CreateEnrolmentToken tells how a call is
  // made under fleet::Changes. `lifetime` in microseconds, 0: 90 days; at most 90 days.
  // INVALID_ARGUMENT OUT_OF_RANGE, BAD_TEXT; PERMISSION_DENIED ROLE_DENIED for the hotline.
  absl::StatusOr<Created> Create(std::string_view owner, Role role, std::int64_t lifetime,
                                 std::int64_t now, Effect& effect);
  // Twice is the same as once. NOT_FOUND TOKEN_NOT_FOUND; FAILED_PRECONDITION LAST_ADMIN.
  absl::StatusOr<ApiToken> Revoke(std::string_view id, std::int64_t now, Effect& effect);
  absl::Status NoteUse(std::string_view id, std::int64_t now);
  // Whether `secret` ("parcP1.…") is a token that can be used and never was. False for any other
  // text.
  absl::StatusOr<bool> WaitsForFirstUse(std::string_view secret, std::int64_t now);
  // Whether any admin token can still be used.
  absl::StatusOr<bool> HasAdmin(std::int64_t now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parc::access
