#pragma once

#include <cstddef>
#include <string_view>

// What text is made of, and what it must not hold when people and terminals read it.
namespace parc::inventory {

// The length of the character at the front; 0 when it is no UTF-8 (RFC 3629: shortest form, no
// surrogates). `text` is not empty.
std::size_t CharacterLength(std::string_view text, char32_t& character);

// C0, DEL and C1: terminals obey them.
bool IsControl(char32_t c);
// Line and paragraph separators, direction marks, embeddings, overrides and isolates: what is read
// is not what is stored.
bool Misleads(char32_t c);

}  // namespace parc::inventory
