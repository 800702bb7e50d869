#include "agent/app/log.h"

#include <unistd.h>

#include <cstdlib>

namespace parc::agent {
namespace {

LogLevel g_level = LogLevel::kInfo;

}  // namespace

LogLevel ToLogLevel(std::string_view name) {
  if (name == "error") return LogLevel::kError;
  if (name == "warn") return LogLevel::kWarn;
  if (name == "debug") return LogLevel::kDebug;
  return LogLevel::kInfo;
}

void SetLogLevel(LogLevel level) { g_level = level; }

void Log(LogLevel level, std::string_view line) {
  if (level > g_level) return;
  static constexpr std::string_view kPriorities[] = {"<3>", "<4>", "<6>", "<7>"};
  // Only the journal takes the prefix away again.
  static const bool kJournal = std::getenv("JOURNAL_STREAM") != nullptr;
  std::string text(kJournal ? kPriorities[static_cast<int>(level)] : std::string_view());
  for (const char c : line) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    text.push_back(control ? '?' : c);
  }
  text.push_back('\n');
  // There is nowhere to complain to when standard error is gone.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace parc::agent
