#include "agent/files/ini.h"

#include "agent/files/text.h"

namespace parc::agent {

void ReadIni(std::string_view text,
             const std::function<void(std::string_view section, std::string_view key,
                                      std::string_view value)>& entry) {
  std::string_view section;
  for (const std::string_view raw : SplitLines(text)) {
    const std::string_view line = Trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    entry(section, Trim(line.substr(0, equals)), Trim(line.substr(equals + 1)));
  }
}

}  // namespace parc::agent
