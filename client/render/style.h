#pragma once

#include <string>
#include <string_view>

namespace parc::client::render {

enum class Style { kPlain, kBold, kDim, kGood, kWarn, kBad };

// `text` in the colours of a terminal; as it is without `colour` and for kPlain.
std::string Styled(std::string_view text, Style style, bool colour);

}  // namespace parc::client::render
