#pragma once

#include <optional>
#include <string>
#include <string_view>

// Names in certificates: `spiffe://<trust domain>/device/<uuid>`.
namespace parc::access {

std::string DeviceName(std::string_view trust_domain, std::string_view device_id);
// The device id in a name; nothing when it is no device of that trust domain.
std::optional<std::string> DeviceOfName(std::string_view name, std::string_view trust_domain);
std::string SelfCheckName(std::string_view trust_domain);

// As SPIFFE has it: lower-case letters, digits, `.`, `-` and `_`; at most 255 characters.
bool IsTrustDomain(std::string_view text);

}  // namespace parc::access
