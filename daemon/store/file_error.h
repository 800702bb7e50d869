#pragma once

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace parc::store {

// Whether errno `error` says that the disk, or a quota on it, is full.
bool IsFull(int error);

// What a system call on `path` that failed with errno `error` is to a caller: RESOURCE_EXHAUSTED
// STORAGE_FULL or UNAVAILABLE STORAGE_FAILED. `doing` begins its text, e.g. "opening".
absl::Status FileError(int error, std::string_view doing, const std::filesystem::path& path);

}  // namespace parc::store
