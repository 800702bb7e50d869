#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "daemon/access/roles.h"

// Who may call what: the one table of methods, a row for each that is reachable from outside.
namespace parc::rpc {

enum class Admits {
  kDevice,     // the certificate of an enrolled laptop
  kSelfCheck,  // the daemon's own health probe
  kPerson,     // an API token whose role has the permission
  kAnyone,     // a stranger too
};

struct Method {
  std::string_view name;  // "/parc.v1.LaptopService/GetLaptop"
  Admits admits = Admits::kPerson;
  // What the role must allow: one of the two. Neither: every role that may hold a token.
  std::optional<access::Permission> permission;
  std::optional<access::Permission> or_else;
  // The longest that a call may take, whatever the client says.
  std::chrono::seconds deadline{10};
};

std::span<const Method> AgentMethods();
std::span<const Method> PeopleMethods();

// Nothing when the table has no such row.
const Method* FindMethod(std::span<const Method> table, std::string_view name);

}  // namespace parc::rpc
