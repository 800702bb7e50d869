#pragma once

#include <cstdint>
#include <string>

namespace parc::client::render {

// A bar of `width` columns, filled by part ÷ whole in eighths of a column; never looks full before
// it is.
std::string Bar(std::int64_t part, std::int64_t whole, int width);

}  // namespace parc::client::render
