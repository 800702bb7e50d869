#pragma once

#include <filesystem>

namespace parc::agent {

// Names in the state directory.
struct StatePaths {
  std::filesystem::path directory;

  std::filesystem::path identity() const { return directory / "identity"; }
  std::filesystem::path outbox() const { return directory / "outbox"; }
  std::filesystem::path acknowledged() const { return directory / "acknowledged"; }
  std::filesystem::path gateways() const { return directory / "gateways"; }
  std::filesystem::path applications() const { return directory / "applications"; }
  std::filesystem::path updates() const { return directory / "updates"; }
  std::filesystem::path contact() const { return directory / "contact"; }
  std::filesystem::path answer() const { return directory / "answer"; }
  // What `parc-agent status` tells; the only one that everybody on the laptop may read.
  std::filesystem::path shown() const { return directory / "status"; }
  std::filesystem::path lock() const { return directory / "lock"; }
};

}  // namespace parc::agent
