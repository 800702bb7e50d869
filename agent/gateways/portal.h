#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/net/socket.h"

namespace parc::agent {

// An address in plain HTTP that answers 204 to everybody.
struct PortalTest {
  std::string host;
  int port = 80;
  std::string path = "/";

  bool operator==(const PortalTest&) const = default;
};

// "http://HOST[:PORT][/PATH]"; nothing for anything else.
std::optional<PortalTest> ParsePortalTest(std::string_view url);

// What the beginning of an answer says: false for 204; true for what a portal gives in its place, a
// page, another address or 511 (RFC 6585); nothing for what proves neither, such as an error of the
// server.
std::optional<bool> IsFromPortal(std::string_view answer);

// Asks once, directly: a proxy would answer in its own name. Nothing when nobody answers in time.
std::optional<bool> AskForPortal(const PortalTest& test, const Resolver& resolve,
                                 const Deadline& deadline);

}  // namespace parc::agent
