#pragma once

#include <optional>
#include <string>
#include <string_view>

// Which machine is this? Identifiers as firmware prints them, brought to one form; placeholders
// that makers leave in count as absent, never as equal.
namespace parc::inventory {

// Upper-case, trimmed, blanks collapsed. Nothing for empty and refused serials.
std::optional<std::string> NormaliseSerial(std::string_view serial);

// Lower-case 8-4-4-4-12. Nothing for what is no UUID and for refused ones.
std::optional<std::string> NormaliseUuid(std::string_view uuid);

// The same machine can show the first three groups of its UUID byte-swapped (SMBIOS 2.6 against
// earlier): the other form of a normalised UUID.
std::string ByteSwapped(std::string_view uuid);
// Whether two normalised UUIDs are of one machine, in either form.
bool SameUuid(std::string_view a, std::string_view b);

// Lower-case, colons. Nothing for what is no MAC, and for multicast, locally administered and
// all-zero ones: they identify nothing.
std::optional<std::string> NormaliseMac(std::string_view mac);

// What a report says of the machine's identity, against its record. Empty when they agree or cannot
// be compared; else one sentence for the person who must look. Never a reason to overwrite
// anything.
std::string Disagreement(std::string_view recorded_serial, std::string_view reported_serial,
                         std::string_view recorded_uuid, std::string_view reported_uuid);

}  // namespace parc::inventory
