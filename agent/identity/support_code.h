#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parc::agent {

// SHA-256 of the public key (SubjectPublicKeyInfo in DER) of the first certificate in `pem`; empty
// when there is none. The server knows each device by it.
std::string PublicKeyHash(std::string_view pem);

// What the person at the laptop reads out to the support: eight letters and digits that name this
// laptop on this day (UTC) and nothing else, "K7QW-2MXT". Whoever knows the hash of the key can
// compute it; it is no secret and opens nothing.
//
// The first 40 bits of SHA-256("parc-support-code\n" HASH-IN-HEX "\n" YYYY-MM-DD), five at a time.
std::string SupportCode(std::string_view public_key_hash, std::int64_t now);

}  // namespace parc::agent
