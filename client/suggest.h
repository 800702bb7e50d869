#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parc::client {

// The one of `known` that `word` was probably meant to be; empty when none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace parc::client
