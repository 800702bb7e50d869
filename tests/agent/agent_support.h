#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "agent/gateways/liveness.h"
#include "agent/probes/notes.h"
#include "agent/probes/world.h"
#include "agent/schedule/schedule.h"

namespace parc::agent {

// 2026-03-01T12:00:00Z
inline constexpr std::int64_t kNoon = 1'772'366'400LL * 1'000'000;

// A directory that goes away with its owner; also a root to build by hand.
class Tree {
 public:
  Tree();
  ~Tree();
  Tree(Tree&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  Tree& File(std::string_view path, std::string_view bytes, unsigned mode = 0644);
  Tree& Directory(std::string_view path);
  Tree& Link(std::string_view path, std::string_view target);

 private:
  std::filesystem::path path_;
};

// A committed tree of tests/agent/fixtures, e.g. "debian12".
std::filesystem::path Fixture(std::string_view name);

// A world without clock and space.
World PlainWorld(const Root& root);

// Dice that fall the same way in every run.
RandomBytes LoadedBytes(std::uint64_t seed = 1);
Dice LoadedDice(std::uint64_t seed = 1);

std::string ReadFile(const std::filesystem::path& path);

// Why `fact` could not be read; empty when nothing says so.
std::string ReasonFor(const Notes& notes, std::string_view fact);
std::string ReasonFor(const v1::Facts& facts, std::string_view fact);

// A key as WireGuard writes one, of nobody.
inline constexpr std::string_view kWireGuardKey = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
// The session of an OpenVPN or IKE packet.
inline const std::string kSession("\x01\x02\x03\x04\x05\x06\x07\x08", 8);

}  // namespace parc::agent
