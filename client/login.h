#pragma once

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Where `parc login` keeps what it was told: $XDG_CONFIG_HOME/parc/{cli.toml,root.pem,token}.
namespace parc::client {

struct Login {
  std::string server;    // "host:port"
  std::string root_pem;  // the root certificate that the server's chain must end in
  std::string token;
  std::filesystem::path token_file;  // where the token was read
};

std::filesystem::path LoginDirectory();

// What login kept; PARC_SERVER, PARC_CA and PARC_TOKEN_FILE go before it.
// UNAUTHENTICATED NOT_LOGGED_IN; PERMISSION_DENIED SECRET_FILE_EXPOSED;
// INVALID_ARGUMENT BAD_CONFIGURATION with line and column.
absl::StatusOr<Login> LoadLogin();

// INVALID_ARGUMENT BAD_ROOT_CERTIFICATE, NOT_FOUND NO_FILE.
absl::StatusOr<std::string> ReadRootCertificate(const std::filesystem::path& file);

absl::Status SaveLogin(const Login& login);
// Removes the token. The server and its certificate stay.
absl::Status ForgetToken();

}  // namespace parc::client
