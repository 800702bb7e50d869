#include "tests/agent/agent_support.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>

namespace parc::agent {
namespace fs = std::filesystem;

Tree::Tree() {
  std::string name = (fs::temp_directory_path() / "parc-agent-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Tree::~Tree() {
  std::error_code error;
  fs::remove_all(path_, error);
}

Tree& Tree::File(std::string_view path, std::string_view bytes, unsigned mode) {
  const fs::path file = path_ / path;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
  REQUIRE(chmod(file.c_str(), mode) == 0);
  return *this;
}

Tree& Tree::Directory(std::string_view path) {
  fs::create_directories(path_ / path);
  return *this;
}

Tree& Tree::Link(std::string_view path, std::string_view target) {
  fs::create_directories((path_ / path).parent_path());
  fs::create_symlink(target, path_ / path);
  return *this;
}

fs::path Fixture(std::string_view name) { return fs::path("tests/agent/fixtures") / name; }

World PlainWorld(const Root& root) { return {root, "x86_64", {}, {}, {}}; }

RandomBytes LoadedBytes(std::uint64_t seed) {
  return [engine = std::make_shared<std::mt19937_64>(seed),
          mutex = std::make_shared<std::mutex>()](std::size_t count) {
    const std::lock_guard lock(*mutex);
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>((*engine)() & 0xffU);
    return bytes;
  };
}

Dice LoadedDice(std::uint64_t seed) {
  return [engine = std::make_shared<std::mt19937_64>(seed)] {
    return std::uniform_real_distribution<double>(0, 1)(*engine);
  };
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string ReasonFor(const Notes& notes, std::string_view fact) {
  for (const auto& note : notes.Sorted()) {
    if (note.fact() == fact) return note.reason();
  }
  return {};
}

std::string ReasonFor(const v1::Facts& facts, std::string_view fact) {
  for (const auto& note : facts.unreadable()) {
    if (note.fact() == fact) return note.reason();
  }
  return {};
}

}  // namespace parc::agent
