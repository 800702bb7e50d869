#pragma once

#include <string>
#include <string_view>

namespace parc::inventory {

// `text` without case and accents, for comparing names as people write them: "Orléans" and
// "ORLEANS" are the same. Covers Latin-1 Supplement and Latin Extended-A; other letters stay as
// they are. œ, æ and ß become two letters.
std::string Fold(std::string_view text);
// Fold(text) == key.
bool FoldsTo(std::string_view text, std::string_view key);

// A form of a version that sorts as the version does when compared by bytes: "9.10" comes before
// "24.04.1". Runs of digits are padded to ten; the rest is folded.
std::string VersionKey(std::string_view version);

}  // namespace parc::inventory
