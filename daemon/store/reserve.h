#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>

#include "absl/status/status.h"

namespace parc::store {

// A file that holds disk space for the day when nothing else is left: given back, it makes room for
// the few writes that must not fail. Thread safe.
class Reserve {
 public:
  // `file` on the disk of the database, `bytes` long; 0: nothing is held.
  Reserve(std::filesystem::path file, std::int64_t bytes);
  Reserve(Reserve&&) = delete;

  // Makes the file when it is missing or of another size, and some room remains beside it; the
  // space is allocated, not only promised. RESOURCE_EXHAUSTED STORAGE_FULL while the disk lacks
  // that; UNAVAILABLE STORAGE_FAILED.
  absl::Status Make();
  // Gives the space back. Returns the bytes that became free; 0 when none were held.
  std::int64_t Release();

 private:
  const std::filesystem::path file_;
  const std::int64_t bytes_;
  std::mutex mutex_;  // the file is made or removed
};

}  // namespace parc::store
