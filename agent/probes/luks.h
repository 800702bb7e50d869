#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parc::agent {

// How the weakest key slot of a LUKS volume makes its key, by the volume's first bytes: "luks1",
// "pbkdf2", "argon2i" or "argon2id". Nothing when they are no LUKS header, or one without key
// slots.
std::optional<std::string> ParseLuksHeader(std::string_view bytes);

// The weaker of the two.
std::string WeakerKdf(const std::string& a, const std::string& b);

}  // namespace parc::agent
