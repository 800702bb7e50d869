#pragma once

#include <string>
#include <string_view>

namespace parc::access {

// SHA-256, 32 raw bytes.
std::string Sha256(std::string_view bytes);

// Lower-case hexadecimal.
std::string Hex(std::string_view bytes);

// Takes the same time wherever the two differ. Lengths are not secret.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace parc::access
