#include "daemon/app/logging.h"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/chrono.h"
#include "fmt/format.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace parc::app {
namespace {

using Field = std::pair<std::string_view, std::string_view>;

bool IsKey(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.') return false;
  }
  return true;
}

// "event key=value with blanks key=value" → the event, and its fields. What is written otherwise is
// all event.
std::pair<std::string_view, std::vector<Field>> Fields(std::string_view line) {
  std::vector<Field> fields;
  std::size_t event_end = line.size();
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t word_end = std::min(line.find(' ', at), line.size());
    const std::string_view word = line.substr(at, word_end - at);
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos && IsKey(word.substr(0, equals))) {
      if (fields.empty()) event_end = at == 0 ? 0 : at - 1;
      fields.emplace_back(word.substr(0, equals),
                          line.substr(at + equals + 1, word_end - at - equals - 1));
    } else if (!fields.empty()) {
      std::string_view& value = fields.back().second;  // goes on after a blank
      value = {value.data(), static_cast<std::size_t>(line.data() + word_end - value.data())};
    }
    at = word_end + 1;
  }
  return {line.substr(0, event_end), std::move(fields)};
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// C1 control characters, which terminals obey too, come as 0xC2 0x80…0x9F.
bool IsC1(std::string_view text, std::size_t at) {
  return at + 1 < text.size() && text[at] == '\xC2' &&
         static_cast<unsigned char>(text[at + 1]) >= 0x80 &&
         static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

void AppendText(std::string_view text, spdlog::memory_buf_t& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsC1(text, i)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else if (IsControl(text[i])) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else {
      out.push_back(text[i]);
    }
  }
}

void AppendJson(std::string_view text, spdlog::memory_buf_t& out) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsC1(text, i)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(text[++i]));
    } else if (IsControl(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
  }
  out.push_back('"');
}

std::string TimeOf(const spdlog::details::log_msg& message) {
  const auto since =
      std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch())
          .count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                     fmt::gmtime(static_cast<std::time_t>(since / 1'000'000)), since % 1'000'000);
}

std::string_view LevelOf(const spdlog::details::log_msg& message) {
  const auto name = spdlog::level::to_string_view(message.level);
  return message.level == spdlog::level::warn ? "warn" : std::string_view(name.data(), name.size());
}

class TextFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    fmt::format_to(std::back_inserter(out), "{} {:<5} ", TimeOf(message), LevelOf(message));
    AppendText({message.payload.data(), message.payload.size()}, out);
    out.push_back('\n');
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<TextFormatter>(); }
};

class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto [event, fields] = Fields({message.payload.data(), message.payload.size()});
    fmt::format_to(std::back_inserter(out), R"({{"time":"{}","level":"{}","event":)",
                   TimeOf(message), LevelOf(message));
    AppendJson(event, out);
    for (const auto& [key, value] : fields) {
      out.push_back(',');
      AppendJson(key, out);
      out.push_back(':');
      AppendJson(value, out);
    }
    out.push_back('}');
    out.push_back('\n');
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

}  // namespace

std::unique_ptr<spdlog::formatter> MakeLogFormatter(const std::string& format) {
  if (format == "json") return std::make_unique<JsonFormatter>();
  return std::make_unique<TextFormatter>();
}

std::shared_ptr<spdlog::logger> MakeLog(const std::string& level, const std::string& format) {
  auto log =
      std::make_shared<spdlog::logger>("parcd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_formatter(MakeLogFormatter(format));
  log->set_level(spdlog::level::from_str(level));
  log->flush_on(spdlog::level::trace);
  return log;
}

}  // namespace parc::app
