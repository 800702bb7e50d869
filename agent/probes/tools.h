#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/probes/notes.h"
#include "agent/probes/packages.h"
#include "agent/probes/world.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// The tool that `package` installs: of the list that comes with the agent, or one that the
// configuration names. Empty for every other package: what else somebody installs is not told.
std::string ToolOfPackage(std::string_view package, const World& world);

// Presence and version of named tools.
std::optional<v1::Tools> ProbeTools(const World& world, const InstalledPackages& packages,
                                    Notes& notes);

}  // namespace parc::agent
