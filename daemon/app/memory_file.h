#pragma once

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace parc::app {

// A file that lies in memory and has a name for this process alone. Nobody else can write to it.
class MemoryFile {
 public:
  MemoryFile() = default;
  ~MemoryFile();
  MemoryFile(MemoryFile&&) = delete;

  // Makes the file hold `text`, in one step: who opens path() reads the text before or this one.
  absl::Status Write(std::string_view text);
  // The same from the first Write on.
  std::filesystem::path path() const;

 private:
  int fd_ = -1;
};

}  // namespace parc::app
