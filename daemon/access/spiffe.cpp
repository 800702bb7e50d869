#include "daemon/access/spiffe.h"

#include "daemon/access/random.h"
#include "fmt/format.h"

namespace parc::access {

std::string DeviceName(std::string_view trust_domain, std::string_view device_id) {
  return fmt::format("spiffe://{}/device/{}", trust_domain, device_id);
}

std::optional<std::string> DeviceOfName(std::string_view name, std::string_view trust_domain) {
  const std::string prefix = DeviceName(trust_domain, "");
  if (!name.starts_with(prefix)) return std::nullopt;
  std::string id(name.substr(prefix.size()));
  if (!IsUuid(id)) return std::nullopt;
  return id;
}

std::string SelfCheckName(std::string_view trust_domain) {
  return fmt::format("spiffe://{}/self-check", trust_domain);
}

bool IsTrustDomain(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  return !text.empty() && text.size() <= 255 &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace parc::access
