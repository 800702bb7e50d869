#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/files/root.h"

namespace parc::agent {

// When the newest handshake of an interface was, UTC seconds; 0 when there was none.
//
// Of an answer to `get=1` of a WireGuard in user space. Nothing when it is no answer.
std::optional<std::int64_t> ParseUserspaceDevice(std::string_view text);
// Of the messages of the kernel's dump (WG_CMD_GET_DEVICE). Nothing when no peer is in it.
std::optional<std::int64_t> ParseKernelDevice(std::string_view dump);

// Asks WireGuard in user space (its socket below `root`) or the kernel about these interfaces.
// Nothing when none of them is WireGuard's.
std::optional<std::int64_t> NewestHandshake(const Root& root,
                                            const std::vector<std::string>& interfaces);

}  // namespace parc::agent
