#pragma once

#include <string_view>

#include "agent/files/root.h"

namespace parc::agent {

// True when systemd starts `unit` (e.g. "nftables.service") by itself: there is a link in a
// `.wants` folder of a target.
bool IsEnabled(const Root& root, std::string_view unit);

// True when an instance of `template_name` (e.g. "wg-quick@") is.
bool IsInstanceEnabled(const Root& root, std::string_view template_name, std::string_view instance);

}  // namespace parc::agent
