#pragma once

#include <functional>
#include <string_view>

namespace parc::agent {

// Calls `entry` for each `key = value` below a `[section]`, in order. Comments start a line with #
// or ;. Lines of another form are passed over.
void ReadIni(std::string_view text,
             const std::function<void(std::string_view section, std::string_view key,
                                      std::string_view value)>& entry);

}  // namespace parc::agent
