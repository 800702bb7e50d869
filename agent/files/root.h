#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/files/descriptor.h"

namespace parc::agent {

// The file system of a laptop as probes see it: `/`, or a fixture tree in a test. Links are
// followed inside the root only, an absolute one from the root on. Nothing is ever written below
// it.
//
// Every reading answers NOT_FOUND for what is not there, PERMISSION_DENIED for what this user may
// not read, RESOURCE_EXHAUSTED for what is larger than its cap, FAILED_PRECONDITION for what is no
// regular file (or no directory).
class Root {
 public:
  static constexpr std::size_t kSmall = 64 * 1024;

  explicit Root(std::filesystem::path path);

  // FAILED_PRECONDITION when the root itself is no directory.
  absl::Status Check() const;

  absl::StatusOr<std::string> Read(std::string_view path, std::size_t limit = kSmall) const;
  // The first bytes of a file or of a block device.
  absl::StatusOr<std::string> ReadStart(std::string_view path, std::size_t size) const;
  // Contents without white space at the ends.
  absl::StatusOr<std::string> ReadWord(std::string_view path) const;

  // Reads a file that somebody may have prepared to hurt: opened beneath `directory`, so that no
  // link leads out of it, never waiting (a FIFO), and capped.
  absl::StatusOr<std::string> ReadHostile(std::string_view directory, std::string_view name,
                                          std::size_t limit) const;

  // Calls `line` for each line, without its end, holding no more than one of them (cut at 4 KiB).
  absl::Status ReadLines(std::string_view path, std::size_t limit,
                         const std::function<void(std::string_view)>& line) const;

  // Names in a directory, sorted, at most 4096.
  absl::StatusOr<std::vector<std::string>> List(std::string_view path) const;
  // Of what the path leads to.
  absl::StatusOr<struct stat> Stat(std::string_view path) const;
  bool Exists(std::string_view path) const { return Stat(path).ok(); }
  // True when there is a name at `path`, also one of a link that leads nowhere.
  bool HasName(std::string_view path) const;
  // Where a link points, as it is written.
  absl::StatusOr<std::string> LinkTarget(std::string_view path) const;

  const std::filesystem::path& path() const { return path_; }

 private:
  absl::StatusOr<Descriptor> Open(std::string_view path, int flags) const;

  std::filesystem::path path_;
  Descriptor root_;
};

}  // namespace parc::agent
