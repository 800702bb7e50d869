#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Bytes with their own SHA-256 in front, so that a damaged file is known as one.
namespace parc::agent {

std::string Sha256(std::string_view bytes);
std::string Hex(std::string_view bytes);
std::string Seal(std::string_view bytes);
// DATA_LOSS when the bytes are not what was sealed.
absl::StatusOr<std::string> Unseal(std::string_view sealed);

}  // namespace parc::agent
