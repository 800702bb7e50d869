#include "client/login.h"

#include <sys/stat.h>

#include <cstdlib>
#include <sstream>

#include "client/files.h"
#include "client/lib/errors.h"
#include "client/lib/secret_file.h"
#include "client/lib/try.h"
#include "fmt/format.h"
#include "toml++/toml.h"

namespace parc::client {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 64 << 10;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<std::string> ReadFile(const fs::path& file) {
  PARC_ASSIGN(const File stream, OpenFile(file));
  std::string text;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, stream.get())) {
    text.append(buffer, got);
    if (text.size() > kMaxBytes) break;
  }
  if (std::ferror(stream.get()) == 0) return text;
  return absl::DataLossError(fmt::format("{} cannot be read to its end", file.string()));
}

absl::Status NotLoggedIn() {
  return MakeError(absl::StatusCode::kUnauthenticated, "NOT_LOGGED_IN",
                   "not logged in to a Parc server");
}

absl::Status BadConfiguration(const fs::path& file, std::string_view what, std::uint32_t line,
                              std::uint32_t column) {
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_CONFIGURATION",
                   fmt::format("{}:{}:{}: {}", file.string(), line, column, what));
}

struct Kept {
  std::string server;
  std::string root_certificate;
};

absl::StatusOr<Kept> ParseKept(const fs::path& file, const std::string& text) {
  try {
    const toml::table table = toml::parse(text, file.string());
    Kept kept;
    for (const auto& [key, node] : table) {
      const auto at = key.source().begin;
      std::string* const target = key.str() == "server"             ? &kept.server
                                  : key.str() == "root_certificate" ? &kept.root_certificate
                                                                    : nullptr;
      if (target == nullptr || !node.is_string()) {
        return BadConfiguration(file, fmt::format("unexpected key \"{}\"", key.str()), at.line,
                                at.column);
      }
      *target = node.value_or(std::string());
    }
    return kept;
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return BadConfiguration(file, error.description(), at.line, at.column);
  }
}

}  // namespace

fs::path LoginDirectory() {
  const std::string configured = FromEnvironment("XDG_CONFIG_HOME");
  if (!configured.empty()) return fs::path(configured) / "parc";
  const std::string home = FromEnvironment("HOME");
  return fs::path(home.empty() ? "/" : home) / ".config" / "parc";
}

absl::StatusOr<std::string> ReadRootCertificate(const fs::path& file) {
  PARC_ASSIGN(std::string pem, ReadFile(file));
  if (pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos || pem.size() > kMaxBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, "BAD_ROOT_CERTIFICATE",
                     fmt::format("{} holds no certificate in PEM form", file.string()));
  }
  return pem;
}

absl::StatusOr<Login> LoadLogin() {
  const fs::path directory = LoginDirectory();
  const fs::path file = directory / "cli.toml";
  Kept kept;
  if (fs::exists(file)) {
    PARC_ASSIGN(const std::string text, ReadFile(file));
    PARC_ASSIGN(kept, ParseKept(file, text));
  }
  if (!kept.root_certificate.empty()) kept.root_certificate = directory / kept.root_certificate;
  if (const std::string server = FromEnvironment("PARC_SERVER"); !server.empty()) {
    kept.server = server;
  }
  if (const std::string root = FromEnvironment("PARC_CA"); !root.empty()) {
    kept.root_certificate = root;
  }
  std::string token_file = FromEnvironment("PARC_TOKEN_FILE");
  if (token_file.empty()) token_file = directory / "token";
  if (kept.server.empty() || kept.root_certificate.empty() || !fs::exists(token_file)) {
    return NotLoggedIn();
  }
  Login login{.server = kept.server, .root_pem = "", .token = "", .token_file = token_file};
  PARC_ASSIGN(login.root_pem, ReadRootCertificate(kept.root_certificate));
  PARC_ASSIGN(login.token, ReadSecretFile(token_file));
  return login;
}

absl::Status SaveLogin(const Login& login) {
  const fs::path directory = LoginDirectory();
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return absl::FailedPreconditionError(
        fmt::format("cannot make {}: {}", directory.string(), error.message()));
  }
  std::ostringstream text;
  text << "# Written by `parc login`.\n"
       << toml::table{{"server", login.server}, {"root_certificate", "root.pem"}} << "\n";
  PARC_TRY(WriteSecretFile(directory / "root.pem", login.root_pem));
  PARC_TRY(WriteSecretFile(directory / "token", login.token + "\n"));
  return WriteSecretFile(directory / "cli.toml", text.str());
}

absl::Status ForgetToken() {
  std::error_code error;
  if (!fs::remove(LoginDirectory() / "token", error) || error) return NotLoggedIn();
  return absl::OkStatus();
}

}  // namespace parc::client
