#include "daemon/app/maintenance.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <system_error>

#include "daemon/access/api_tokens.h"
#include "daemon/access/ca.h"
#include "daemon/access/random.h"
#include "daemon/app/clock.h"
#include "daemon/app/config_file.h"
#include "daemon/app/control.h"
#include "daemon/app/files.h"
#include "daemon/app/first_run.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "fmt/format.h"

namespace parc::app {

namespace fs = std::filesystem;

namespace {

// Asks the daemon if one runs; otherwise does the work here, on the database as it is.
absl::Status AskOrDo(const Config& config, const std::string& verb, const std::string& argument,
                     const std::function<absl::StatusOr<std::string>(store::Connection&)>& work) {
  const auto answer = AskDaemon(config.state_dir, verb, argument);
  if (answer.ok()) {
    fmt::print("{}\n", *answer);
    return absl::OkStatus();
  }
  if (ReasonOf(answer.status()) != "NOT_RUNNING") return answer.status();
  PARC_ASSIGN(const auto database, store::Database::OpenAsIs(config.state_dir));
  PARC_ASSIGN(const std::string done, work(database->writer()));
  fmt::print("{}\n", done);
  return absl::OkStatus();
}

// Files that root leaves in the daemon's directory are files that the daemon cannot open.
absl::Status CheckOwner(const fs::path& state_dir) {
  struct stat info {};
  if (geteuid() != 0 || stat(state_dir.c_str(), &info) != 0 || info.st_uid == 0) {
    return absl::OkStatus();
  }
  const passwd* owner = getpwuid(info.st_uid);
  const std::string name = owner != nullptr ? owner->pw_name : fmt::format("#{}", info.st_uid);
  return Refuse(absl::StatusCode::kFailedPrecondition, "WRONG_USER",
                fmt::format("{} belongs to {}; run this as that user: sudo -u {} parcd …",
                            state_dir.string(), name, name));
}

// What is wrong with the backup `file`, said of it and not of the database in place.
absl::Status OfBackup(const absl::Status& status, const fs::path& file, const fs::path& state_dir) {
  const std::string reason = ReasonOf(status);
  const std::string after =
      fmt::format("the database in place was not touched; other backups are in {}",
                  (state_dir / "backups").string());
  if (reason == "NOT_A_DATABASE") {
    return Refuse(status.code(), reason,
                  fmt::format("{} is no backup of Parc; {}", file.string(), after));
  }
  if (reason != "STORAGE_CORRUPT") return status;
  std::string what(status.message());
  for (const std::string_view start : {"the database is damaged: ", "the database is damaged "}) {
    if (what.rfind(start, 0) == 0) what.erase(0, start.size());
  }
  what = what.substr(0, what.find("; restore a backup"));
  return Refuse(status.code(), reason,
                fmt::format("{} is damaged: {}; {}", file.string(), what, after));
}

}  // namespace

absl::Status CheckDatabase(const Config& config) {
  return AskOrDo(config, "check", "", [](store::Connection& db) -> absl::StatusOr<std::string> {
    PARC_TRY(store::CheckIntegrity(db));
    return "The database is sound.";
  });
}

absl::Status BackUp(const Config& config, const fs::path& file) {
  std::error_code error;
  const fs::path target = fs::absolute(file, error);
  return AskOrDo(config, "backup", target.string(),
                 [&](store::Connection& db) -> absl::StatusOr<std::string> {
                   PARC_ASSIGN(const std::int64_t bytes, store::Backup(db, target));
                   return fmt::format("{} bytes in {}, checked.", bytes, target.string());
                 });
}

absl::Status Restore(const Config& config, const fs::path& file) {
  PARC_TRY(CheckOwner(config.state_dir));
  std::error_code error;
  // SQLite takes an empty file for an empty database.
  const bool holds_nothing = fs::exists(file, error) &&
                             (!fs::is_regular_file(file, error) || fs::file_size(file, error) == 0);
  const absl::StatusOr<fs::path> kept =
      holds_nothing ? Refuse(absl::StatusCode::kFailedPrecondition, "NOT_A_DATABASE", "empty")
                    : store::Restore(file, config.state_dir, Now());
  if (!kept.ok()) return OfBackup(kept.status(), file, config.state_dir);
  fmt::print("The database of {} is in place.\n", file.string());
  if (!kept->empty()) fmt::print("The one that was there is kept as {}\n", kept->string());
  return absl::OkStatus();
}

absl::Status CreateAdmin(const Config& config, const Invocation& invocation) {
  const std::optional<access::Role> role = access::ParseRole(invocation.role);
  if (!role) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_ROLE",
                  fmt::format("there is no role \"{}\"", invocation.role));
  }
  if (std::error_code error; fs::exists(invocation.file, error)) {
    return Refuse(
        absl::StatusCode::kAlreadyExists, "FILE_EXISTS",
        fmt::format("{} exists already; a token overwrites nothing", invocation.file.string()));
  }
  PARC_TRY(CheckOwner(config.state_dir));
  PARC_TRY(MakePrivateDirectory(config.state_dir));
  PARC_ASSIGN(const auto database, store::Database::Open(config.state_dir));
  store::Connection& writer = database->writer();
  PARC_ASSIGN(const auto tokens, access::ApiTokens::Load(writer));
  access::ApiTokenChanges changes(writer, *tokens, access::SystemRandomBytes());
  PARC_TRY(WriteToken(writer, changes, invocation.owner, *role, invocation.file, Now()));
  fmt::print("The token of {} ({}) is in {}\n", invocation.owner, invocation.role,
             invocation.file.string());
  return absl::OkStatus();
}

absl::Status RotateCa(const Config& config) {
  PARC_TRY(CheckOwner(config.state_dir));
  PARC_TRY(access::CertificateAuthority::RotateIssuing(config.ca_directory, Now(),
                                                       access::SystemRandomBytes()));
  fmt::print(
      "There is a new issuing CA in {}. Start the daemon again to use it; what the old one signed "
      "is taken until it ends.\n",
      config.ca_directory.string());
  return absl::OkStatus();
}

absl::Status CheckConfig(const Config& config) {
  std::error_code error;
  if (!config.ca_is_given && !fs::exists(config.ca_directory, error)) return absl::OkStatus();
  return access::CertificateAuthority::Load(config.ca_directory,
                                            {.trust_domain = config.trust_domain}, Now(),
                                            access::SystemRandomBytes())
      .status();
}

void Explain(const LoadedConfig& loaded) {
  std::string table;
  for (const Explained& line : loaded.explained) {
    const std::size_t dot = line.key.find('.');
    const std::string in = dot == std::string::npos ? "" : line.key.substr(0, dot);
    if (in != table) {
      fmt::print("\n[{}]\n", in);
      table = in;
    }
    const std::string name = dot == std::string::npos ? line.key : line.key.substr(dot + 1);
    fmt::print("# {}\n{} = {}  # from: {}\n", line.help, name, line.value, line.source);
  }
}

}  // namespace parc::app
