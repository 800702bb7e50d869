#include "agent/probes/luks.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace parc::agent {
namespace {

constexpr std::string_view kMagic("LUKS\xba\xbe", 6);
constexpr std::size_t kJsonAt = 4096;
constexpr std::size_t kMaxHeader = 4 * 1024 * 1024;
// From weak to strong.
constexpr std::array<std::string_view, 4> kRising = {"luks1", "pbkdf2", "argon2i", "argon2id"};

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::size_t Rank(std::string_view kdf) {
  return static_cast<std::size_t>(std::find(kRising.begin(), kRising.end(), kdf) - kRising.begin());
}

// The value of the string `"type"` that follows: `"kdf":{"type":"argon2id","time":4,…`. The JSON of
// LUKS2 is written by one library, without spaces; others are let be.
std::string_view TypeAfter(std::string_view json) {
  json = json.substr(0, std::min(json.find('}'), json.size()));
  constexpr std::string_view kType = "\"type\":\"";
  const auto at = json.find(kType);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + kType.size());
  return json.substr(0, json.find('"'));
}

}  // namespace

std::string WeakerKdf(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return Rank(a) <= Rank(b) ? a : b;
}

std::optional<std::string> ParseLuksHeader(std::string_view bytes) {
  if (bytes.size() < 16 || bytes.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  const std::uint64_t version = BigEndian(bytes.substr(6, 2));
  if (version == 1) return "luks1";
  if (version != 2) return std::nullopt;
  const std::uint64_t size = BigEndian(bytes.substr(8, 8));
  if (size <= kJsonAt || size > kMaxHeader || bytes.size() <= kJsonAt) return std::nullopt;
  std::string_view json = bytes.substr(kJsonAt, size - kJsonAt);
  json = json.substr(0, std::min(json.find('\0'), json.size()));
  std::string weakest;
  constexpr std::string_view kKdf = "\"kdf\":{";
  for (auto at = json.find(kKdf); at != std::string_view::npos; at = json.find(kKdf)) {
    json.remove_prefix(at + kKdf.size());
    const std::string_view type = TypeAfter(json);
    if (Rank(type) == kRising.size()) continue;  // one that is not known here
    weakest = WeakerKdf(weakest, std::string(type));
  }
  if (weakest.empty()) return std::nullopt;
  return weakest;
}

}  // namespace parc::agent
