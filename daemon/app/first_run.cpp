#include "daemon/app/first_run.h"

#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "daemon/access/ca.h"
#include "daemon/app/files.h"
#include "daemon/inventory/try.h"

namespace parc::app {

namespace fs = std::filesystem;

absl::StatusOr<bool> EnsureTrialCa(const fs::path& directory, std::int64_t now,
                                   const access::RandomBytes& random) {
  std::error_code error;
  if (fs::exists(directory, error)) return false;
  PARC_TRY(access::CertificateAuthority::CreateForTrial(directory, now, random));
  return true;
}

absl::Status WriteToken(store::Connection& writer, access::ApiTokenChanges& tokens,
                        std::string_view owner, access::Role role, const fs::path& file,
                        std::int64_t now) {
  access::Effect effect;
  PARC_TRY(store::Within(writer, "making a token", [&]() -> absl::Status {
    PARC_ASSIGN(const access::ApiTokenChanges::Created created,
                tokens.Create(owner, role, /*lifetime=*/0, now, effect));
    return WriteDurably(file, created.secret + "\n", 0600);
  }));
  if (effect) effect();
  return absl::OkStatus();
}

absl::StatusOr<bool> EnsureLogin(store::Connection& writer, access::ApiTokenChanges& tokens,
                                 const fs::path& file, std::int64_t now) {
  PARC_ASSIGN(const bool has_admin, tokens.HasAdmin(now));
  if (has_admin) return false;
  PARC_TRY(WriteToken(writer, tokens, "first login", access::Role::kAdmin, file, now));
  return true;
}

absl::StatusOr<std::string> EnsurePageKey(const fs::path& file, const access::RandomBytes& random) {
  constexpr std::size_t kBytes = 32;
  std::ifstream stream(file, std::ios::binary);
  std::string key((std::istreambuf_iterator<char>(stream)), {});
  if (key.size() == kBytes) return key;
  key = random(kBytes);
  PARC_TRY(WriteDurably(file, key, 0600));
  return key;
}

absl::StatusOr<bool> LoginWaits(access::ApiTokenChanges& tokens, const fs::path& file,
                                std::int64_t now) {
  std::string secret;
  std::getline(std::ifstream(file), secret);
  return tokens.WaitsForFirstUse(secret, now);
}

}  // namespace parc::app
