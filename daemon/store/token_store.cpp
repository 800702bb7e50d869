#include "daemon/store/token_store.h"

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

constexpr char kTokenColumns[] =
    "id, token, secret_sha256, laptop, serial_key, max_uses, uses, allow_replace, created, "
    "creator, expires, revoked";

template <typename... Args>
absl::StatusOr<std::optional<EnrolmentTokenRecord>> OneToken(Statement& statement,
                                                             const Args&... args) {
  std::optional<EnrolmentTokenRecord> found;
  PARC_TRY(statement.Query(
      [&](const Row& row) {
        found = {.row = row.Int(0),
                 .token = row.Text(1),
                 .secret_sha256 = row.Text(2),
                 .laptop = row.OptInt(3),
                 .serial_key = row.OptText(4),
                 .max_uses = static_cast<int>(row.Int(5)),
                 .uses = static_cast<int>(row.Int(6)),
                 .allow_replace = row.Bool(7),
                 .created = row.Int(8),
                 .creator = row.Text(9),
                 .expires = row.Int(10),
                 .revoked = row.OptInt(11)};
        return absl::OkStatus();
      },
      args...));
  return found;
}

constexpr char kSelectApiToken[] =
    "SELECT token, secret_sha256, owner, role, created, expires, revoked, last_use FROM api_tokens";

ApiTokenRecord ReadApiToken(const Row& row) {
  return {.token = row.Text(0),
          .secret_sha256 = row.Text(1),
          .owner = row.Text(2),
          .role = row.Text(3),
          .created = row.Int(4),
          .expires = row.Int(5),
          .revoked = row.OptInt(6),
          .last_use = row.OptInt(7)};
}

}  // namespace

EnrolmentTokenStore::EnrolmentTokenStore(Connection& db)
    : insert_(db,
              "INSERT INTO enrolment_tokens(token, secret_sha256, laptop, serial_key, max_uses, "
              "uses, allow_replace, created, creator, expires) "
              "VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9)"),
      find_(db, fmt::format("SELECT {} FROM enrolment_tokens WHERE token = ?1", kTokenColumns)),
      consume_(db, fmt::format("UPDATE enrolment_tokens SET uses = uses + 1 "
                               "WHERE token = ?1 AND secret_sha256 = ?2 AND uses < max_uses "
                               "AND expires > ?4 AND revoked IS NULL "
                               "AND (serial_key IS NULL OR serial_key = ?3) RETURNING {}",
                               kTokenColumns)),
      revoke_(db, "UPDATE enrolment_tokens SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL"),
      forget_requests_(db,
                       "DELETE FROM enrolment_requests WHERE token IN "
                       "(SELECT id FROM enrolment_tokens WHERE expires < ?1)"),
      forget_(db, "DELETE FROM enrolment_tokens WHERE expires < ?1") {}

absl::Status EnrolmentTokenStore::Insert(const EnrolmentTokenRecord& token) {
  return insert_.Run(token.token, token.secret_sha256, token.laptop, token.serial_key,
                     token.max_uses, token.allow_replace, token.created, token.creator,
                     token.expires);
}

absl::StatusOr<std::optional<EnrolmentTokenRecord>> EnrolmentTokenStore::Find(
    std::string_view token) {
  return OneToken(find_, token);
}

absl::StatusOr<std::optional<EnrolmentTokenRecord>> EnrolmentTokenStore::Consume(
    std::string_view token, std::string_view secret_sha256,
    const std::optional<std::string>& serial_key, std::int64_t now) {
  return OneToken(consume_, token, secret_sha256, serial_key, now);
}

absl::Status EnrolmentTokenStore::Revoke(std::int64_t row, std::int64_t now) {
  return revoke_.Run(row, now);
}

absl::Status EnrolmentTokenStore::ForgetExpired(std::int64_t before) {
  PARC_TRY(forget_requests_.Run(before));
  return forget_.Run(before);
}

ApiTokenStore::ApiTokenStore(Connection& db)
    : each_(db, kSelectApiToken),
      insert_(db,
              "INSERT INTO api_tokens(token, secret_sha256, owner, role, created, expires) "
              "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      find_(db, fmt::format("{} WHERE token = ?1", kSelectApiToken)),
      revoke_(db, "UPDATE api_tokens SET revoked = ?2 WHERE token = ?1 AND revoked IS NULL"),
      note_use_(db, "UPDATE api_tokens SET last_use = ?2 WHERE token = ?1"),
      count_usable_(db,
                    "SELECT COUNT(*) FROM api_tokens WHERE role = ?1 AND expires > ?2 AND revoked "
                    "IS NULL") {}

absl::Status ApiTokenStore::Each(absl::FunctionRef<void(const ApiTokenRecord&)> each) {
  return each_.Query([&](const Row& row) {
    each(ReadApiToken(row));
    return absl::OkStatus();
  });
}

absl::Status ApiTokenStore::Insert(const ApiTokenRecord& token) {
  return insert_.Run(token.token, token.secret_sha256, token.owner, token.role, token.created,
                     token.expires);
}

absl::StatusOr<std::optional<ApiTokenRecord>> ApiTokenStore::Find(std::string_view token) {
  std::optional<ApiTokenRecord> found;
  PARC_TRY(find_.Query(
      [&](const Row& row) {
        found = ReadApiToken(row);
        return absl::OkStatus();
      },
      token));
  return found;
}

absl::Status ApiTokenStore::Revoke(std::string_view token, std::int64_t now) {
  return revoke_.Run(token, now);
}

absl::Status ApiTokenStore::NoteUse(std::string_view token, std::int64_t day) {
  return note_use_.Run(token, day);
}

absl::StatusOr<std::int64_t> ApiTokenStore::CountUsable(std::string_view role, std::int64_t now) {
  std::int64_t count = 0;
  PARC_TRY(count_usable_.Query(
      [&](const Row& row) {
        count = row.Int(0);
        return absl::OkStatus();
      },
      role, now));
  return count;
}

}  // namespace parc::store
