#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "agent/probes/notes.h"
#include "agent/probes/world.h"

namespace parc::agent {

struct InstalledPackages {
  Packages versions;
  bool known = false;    // a package manager was asked; absence means absence
  absl::Status failure;  // why its list could not be read
};

// Installed packages that the agent has a question about, by dpkg's status file or by what `rpm`
// listed.
InstalledPackages ReadPackages(const World& world);

// True for a package that some probe asks about.
bool IsAskedFor(std::string_view package, const World& world);

// Lines of `rpm -qa --queryformat '%{NAME}\t%{VERSION}-%{RELEASE}\n'`.
Packages ParseRpmList(std::string_view output);

}  // namespace parc::agent
