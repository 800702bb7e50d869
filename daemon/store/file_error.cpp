#include "daemon/store/file_error.h"

#include <cerrno>
#include <cstring>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::store {

bool IsFull(int error) { return error == ENOSPC || error == EDQUOT; }

absl::Status FileError(int error, std::string_view doing, const std::filesystem::path& path) {
  return Refuse(
      IsFull(error) ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnavailable,
      IsFull(error) ? "STORAGE_FULL" : "STORAGE_FAILED",
      fmt::format("{} {}: {}", doing, path.string(), std::strerror(error)));
}

}  // namespace parc::store
