#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// What the kernel's firewall does with what nothing lets in, by a dump of nf_tables.
namespace parc::agent {

// A base chain on the way in, and how it ends.
struct InputChain {
  int family = 0;  // NFPROTO_INET, NFPROTO_IPV4 or NFPROTO_IPV6
  std::string table;
  std::string name;
  bool drops = false;  // its policy, or its last rule, drops or rejects whatever comes so far

  bool operator==(const InputChain&) const = default;
};

// The input chains among the messages of a dump of chains. Nonsense ends the reading.
std::vector<InputChain> ParseChains(std::string_view dump);
// Sets `drops` of the chains whose last rule, among the messages of a dump of rules, ends
// everything.
void ParseRules(std::string_view dump, std::vector<InputChain>& chains);

// True when chains drop what comes in by IPv4 and by IPv6.
bool Filters(const std::vector<InputChain>& chains);

// Asks the kernel. PERMISSION_DENIED without CAP_NET_ADMIN.
absl::StatusOr<bool> KernelFilters();

}  // namespace parc::agent
