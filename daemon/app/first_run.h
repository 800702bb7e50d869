#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/api_tokens.h"
#include "daemon/access/random.h"
#include "daemon/store/sql.h"

// What a daemon makes for itself when it runs in a place for the first time.
namespace parc::app {

// Makes a trial CA in `directory` unless something is there. True when it made one.
absl::StatusOr<bool> EnsureTrialCa(const std::filesystem::path& directory, std::int64_t now,
                                   const access::RandomBytes& random);

// Makes an API token for `owner` in the daemon's absence, and writes its text to `file` (0600)
// before the transaction commits: a token whose text nobody has would lock everybody out.
absl::Status WriteToken(store::Connection& writer, access::ApiTokenChanges& tokens,
                        std::string_view owner, access::Role role,
                        const std::filesystem::path& file, std::int64_t now);

// The same for the first administrator, unless there is one whose token can be used. True when it
// made one.
absl::StatusOr<bool> EnsureLogin(store::Connection& writer, access::ApiTokenChanges& tokens,
                                 const std::filesystem::path& file, std::int64_t now);

// The key by which page tokens are sealed, made once and kept in `file` (0600): a listing goes on
// after a restart.
absl::StatusOr<std::string> EnsurePageKey(const std::filesystem::path& file,
                                          const access::RandomBytes& random);

// Whether `file` holds a login that nobody has used yet: people are told of it again at every start
// until then, since a start that failed may have told nobody.
absl::StatusOr<bool> LoginWaits(access::ApiTokenChanges& tokens, const std::filesystem::path& file,
                                std::int64_t now);

}  // namespace parc::app
