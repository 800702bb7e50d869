#pragma once

#include "absl/status/status.h"
#include "daemon/app/command_line.h"
#include "daemon/app/config.h"

// What `parcd` does besides serving. Each prints what it did, and answers why it could not.
namespace parc::app {

absl::Status CheckDatabase(const Config& config);
absl::Status BackUp(const Config& config, const std::filesystem::path& file);
absl::Status Restore(const Config& config, const std::filesystem::path& file);
absl::Status CreateAdmin(const Config& config, const Invocation& invocation);
absl::Status RotateCa(const Config& config);
// Reads whatever the configuration names, such as the CA's files.
absl::Status CheckConfig(const Config& config);
void Explain(const LoadedConfig& loaded);

}  // namespace parc::app
