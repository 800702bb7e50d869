#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

// Dice for serial numbers, tokens and ids. Private keys come from OpenSSL's own generator, which
// takes no dice from outside.
namespace parc::access {

// Gives that many unpredictable bytes. Called from any thread.
using RandomBytes = std::function<std::string(std::size_t count)>;

// The operating system's dice, by OpenSSL's generator. For the composition root to hand out. Ends
// the process when the system has no randomness to give.
RandomBytes SystemRandomBytes();

// A UUID of version 7 (RFC 9562): ids made later sort later. `now` is UTC microseconds.
std::string MakeUuid7(std::int64_t now, const RandomBytes& random);

// True for the canonical form: lower-case, with dashes.
bool IsUuid(const std::string& text);

}  // namespace parc::access
