#include "daemon/access/api_tokens.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/access/digest.h"
#include "daemon/access/rate_limit.h"
#include "daemon/access/text.h"
#include "daemon/access/time_units.h"
#include "daemon/access/tokens.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/mutex.h"
#include "daemon/store/token_store.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

constexpr std::int64_t kLongestLifetime = 90 * kDay;
constexpr std::size_t kMaxOwner = 200;

// What is compared when there is no token of that id, so that this takes as long.
constexpr std::string_view kNoSecret =
    "0000000000000000000000000000000000000000000000000000000000000000";

std::int64_t DayOf(std::int64_t time) { return time / kDay * kDay; }

absl::Status BadToken() {
  return Refuse(absl::StatusCode::kUnauthenticated, "BAD_API_TOKEN",
                "missing or invalid API token");
}

struct KnownToken {
  std::string secret_sha256;
  std::string owner;
  Role role = Role::kAuditor;
  std::int64_t expires = 0;
  bool revoked = false;
  std::int64_t last_use_day = 0;
};

absl::StatusOr<ApiToken> FromRecord(const store::ApiTokenRecord& record) {
  const std::optional<Role> role = ParseRole(record.role);
  if (!role.has_value()) {
    return absl::InternalError(
        fmt::format("API token {} has the unknown role \"{}\"", record.token, record.role));
  }
  return ApiToken{.id = record.token,
                  .owner = record.owner,
                  .role = *role,
                  .created = record.created,
                  .expires = record.expires,
                  .revoked = record.revoked,
                  .last_use = record.last_use};
}

// The token in "Bearer <token>".
absl::StatusOr<TokenParts> FromHeader(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (absl::AsciiStrToLower(std::string(authorization.substr(0, kScheme.size()))) != kScheme) {
    return BadToken();
  }
  return ParseToken(TokenKind::kPerson, authorization.substr(kScheme.size()));
}

}  // namespace

struct ApiTokens::State {
  store::Mutex mutex;
  std::unordered_map<std::string, KnownToken> tokens PARC_GUARDED_BY(mutex);
  FailureLimit failures PARC_GUARDED_BY(mutex);

  void Put(const std::string& id, KnownToken token) {
    const store::Lock lock(mutex);
    tokens[id] = std::move(token);
  }

  void Revoke(const std::string& id) {
    const store::Lock lock(mutex);
    tokens[id].revoked = true;
  }
};

ApiTokens::ApiTokens(std::unique_ptr<State> state) : state_(std::move(state)) {}
ApiTokens::~ApiTokens() = default;

absl::StatusOr<std::unique_ptr<ApiTokens>> ApiTokens::Load(store::Connection& db) {
  auto state = std::make_unique<State>();
  absl::Status status;
  store::ApiTokenStore stored(db);
  PARC_TRY(stored.Each([&](const store::ApiTokenRecord& record) {
    const absl::StatusOr<ApiToken> token = FromRecord(record);
    status.Update(token.status());
    if (!token.ok()) return;
    state->Put(record.token, {.secret_sha256 = record.secret_sha256,
                              .owner = token->owner,
                              .role = token->role,
                              .expires = token->expires,
                              .revoked = token->revoked.has_value(),
                              .last_use_day = token->last_use.value_or(0)});
  }));
  PARC_TRY(status);
  return std::unique_ptr<ApiTokens>(new ApiTokens(std::move(state)));
}

absl::StatusOr<Caller> ApiTokens::Authenticate(std::string_view authorization,
                                               std::string_view source, std::int64_t now) {
  const absl::StatusOr<TokenParts> parts = FromHeader(authorization);
  const std::string secret = parts.ok() ? Hex(Sha256(parts->secret)) : std::string();

  const store::Lock lock(state_->mutex);
  const auto found = parts.ok() ? state_->tokens.find(parts->id) : state_->tokens.end();
  const bool known = found != state_->tokens.end();
  const bool right = SameSecret(known ? found->second.secret_sha256 : kNoSecret, secret);
  if (!known || !right || found->second.revoked || found->second.expires <= now) {
    // Only now: a colleague's typing errors behind the same address lock no good token out.
    if (!state_->failures.Allows(source, now)) {
      return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_FAILURES",
                    "Too many failed logins from this address; wait a minute.");
    }
    state_->failures.Count(source, now);
    return BadToken();
  }
  KnownToken& token = found->second;
  const std::int64_t day = DayOf(now);
  // Noted here already, not after the write: one call of a day has it written, not all that are
  // under way.
  const bool first_use_today = token.last_use_day < day;
  token.last_use_day = std::max(token.last_use_day, day);
  return Caller{.token_id = found->first,
                .owner = token.owner,
                .role = token.role,
                .first_use_today = first_use_today};
}

struct ApiTokenChanges::State {
  store::ApiTokenStore store;
  ApiTokens& memory;
  const RandomBytes random;
};

ApiTokenChanges::ApiTokenChanges(store::Connection& writer, ApiTokens& tokens, RandomBytes random)
    : state_(new State{
          .store = store::ApiTokenStore(writer), .memory = tokens, .random = std::move(random)}) {}

ApiTokenChanges::~ApiTokenChanges() = default;

absl::StatusOr<ApiTokenChanges::Created> ApiTokenChanges::Create(std::string_view owner, Role role,
                                                                 std::int64_t lifetime,
                                                                 std::int64_t now, Effect& effect) {
  PARC_TRY(RoleMayHoldTokens(role));
  PARC_TRY(CheckText(owner, "owner", kMaxOwner));
  const std::string name(absl::StripAsciiWhitespace(std::string(owner)));
  if (name.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TEXT",
                  "owner: say whose token it is; tokens are not shared", "owner");
  }
  if (lifetime < 0 || lifetime > kLongestLifetime) {
    return Refuse(absl::StatusCode::kInvalidArgument, "OUT_OF_RANGE",
                  "lifetime: must be at most 90 days", "lifetime");
  }
  const TokenParts parts = MakeToken(TokenKind::kPerson, state_->random);
  Created created{.token = {.id = parts.id,
                            .owner = name,
                            .role = role,
                            .created = now,
                            .expires = now + (lifetime == 0 ? kLongestLifetime : lifetime),
                            .revoked = std::nullopt,
                            .last_use = std::nullopt},
                  .secret = FormatToken(TokenKind::kPerson, parts)};
  KnownToken known{.secret_sha256 = Hex(Sha256(parts.secret)),
                   .owner = name,
                   .role = role,
                   .expires = created.token.expires};
  PARC_TRY(state_->store.Insert({.token = parts.id,
                                 .secret_sha256 = known.secret_sha256,
                                 .owner = name,
                                 .role = std::string(RoleName(role)),
                                 .created = now,
                                 .expires = created.token.expires,
                                 .revoked = std::nullopt,
                                 .last_use = std::nullopt}));
  effect = [memory = &state_->memory, id = parts.id, known = std::move(known)] {
    memory->state().Put(id, known);
  };
  return created;
}

absl::StatusOr<ApiToken> ApiTokenChanges::Revoke(std::string_view id, std::int64_t now,
                                                 Effect& effect) {
  PARC_ASSIGN(std::optional<store::ApiTokenRecord> record, state_->store.Find(id));
  if (!record.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "TOKEN_NOT_FOUND", "There is no such API token.",
                  "name");
  }
  PARC_ASSIGN(ApiToken token, FromRecord(*record));
  if (token.revoked.has_value()) return token;
  if (token.role == Role::kAdmin && token.expires > now) {
    PARC_ASSIGN(const std::int64_t admins, state_->store.CountUsable(RoleName(Role::kAdmin), now));
    if (admins <= 1) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "LAST_ADMIN",
                    "This is the last token of an admin: make another one first.");
    }
  }
  PARC_TRY(state_->store.Revoke(id, now));
  token.revoked = now;
  effect = [memory = &state_->memory, token_id = token.id] { memory->state().Revoke(token_id); };
  return token;
}

absl::Status ApiTokenChanges::NoteUse(std::string_view id, std::int64_t now) {
  return state_->store.NoteUse(id, DayOf(now));
}

absl::StatusOr<bool> ApiTokenChanges::WaitsForFirstUse(std::string_view secret, std::int64_t now) {
  const absl::StatusOr<TokenParts> parts = ParseToken(TokenKind::kPerson, secret);
  if (!parts.ok()) return false;
  PARC_ASSIGN(const std::optional<store::ApiTokenRecord> record, state_->store.Find(parts->id));
  return record.has_value() && SameSecret(record->secret_sha256, Hex(Sha256(parts->secret))) &&
         !record->revoked.has_value() && record->expires > now && !record->last_use.has_value();
}

absl::StatusOr<bool> ApiTokenChanges::HasAdmin(std::int64_t now) {
  PARC_ASSIGN(const std::int64_t admins, state_->store.CountUsable(RoleName(Role::kAdmin), now));
  return admins > 0;
}

}  // namespace parc::access
