#include "daemon/app/first_run.h"

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

}  // namespace parc::app
