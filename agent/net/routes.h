#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parc::agent {

// The interface by which the kernel would send a packet to `address`, by all its rules and tables.
// Nothing when it would send none, or when it cannot be asked. No packet is sent.
std::optional<std::string> RouteInterface(const std::string& address);

// The question in rtnetlink's bytes; empty when `address` is none.
std::string RouteQuestion(const std::string& address);
// The index of the interface in the kernel's answer; nothing for an error or for nonsense.
std::optional<int> ParseRouteAnswer(std::string_view bytes);

}  // namespace parc::agent
