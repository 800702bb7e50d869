#pragma once

#include <array>
#include <string_view>

namespace parc::client {

// The files of a world, in the order in which the server reads them.
inline constexpr std::array<std::string_view, 9> kWorldFiles = {
    "world.csv",      "orders.csv", "order_lines.csv", "promise_revisions.csv",
    "deliveries.csv", "people.csv", "assets.csv",      "assignments.csv",
    "targets.csv"};

}  // namespace parc::client
