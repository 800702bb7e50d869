#pragma once

#include <string>
#include <string_view>

// Text as a terminal measures it: UTF-8 in, columns out.
namespace parc::client::render {

// `text` without what would steer a terminal: control characters become blanks, bytes that are no
// UTF-8 become U+FFFD. Names come from imports and agents; a table must not be one of their tools.
std::string Printable(std::string_view text);

// The bytes of the longest beginning of `text` that is UTF-8.
std::size_t Utf8Prefix(std::string_view text);

// Columns that printable `text` takes: accents none when they are combining, wide characters two.
int WidthOf(std::string_view text);

// The longest beginning of `text` that fits `width` columns, ending in "…" when something is left
// off.
std::string Shorten(std::string_view text, int width);

// `text` with blanks after it, or before it, up to `width` columns.
std::string PadRight(std::string_view text, int width);
std::string PadLeft(std::string_view text, int width);

// Words of `text` in lines of at most `width` columns; a longer word has a line of its own.
std::string Wrap(std::string_view text, int width, std::string_view indent);

// The first `characters` characters of `text`, not bytes.
std::string_view Characters(std::string_view text, int characters);

}  // namespace parc::client::render
