#include "daemon/app/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::app {
namespace {

constexpr std::size_t kMaxBytes = 256 * 1024;

using Values = std::map<std::string, ConfigValue>;

std::string PlaceOf(const std::string& name, const toml::source_position& position) {
  return fmt::format("{}:{}:{}", name, position.line, position.column);
}

const Setting* Find(std::string_view key) {
  const auto* found = std::find_if(kSettings.begin(), kSettings.end(),
                                   [&](const Setting& setting) { return setting.key == key; });
  return found == kSettings.end() ? nullptr : found;
}

bool IsTable(std::string_view key) {
  const std::string prefix = std::string(key) + ".";
  return std::any_of(kSettings.begin(), kSettings.end(), [&](const Setting& setting) {
    return setting.key.substr(0, prefix.size()) == prefix;
  });
}

std::string_view NameOf(SettingKind kind) {
  switch (kind) {
    case SettingKind::kText:
      return "a string in quotes";
    case SettingKind::kNumber:
      return "a whole number";
    case SettingKind::kList:
      return "a list of strings";
  }
  return "";
}

absl::Status Take(const Setting& setting, const toml::node& node, const std::string& place,
                  Values& values) {
  ConfigValue& taken = values[std::string(setting.key)];
  taken.source = place;
  if (setting.kind == SettingKind::kText && node.is_string()) {
    taken.value = node.as_string()->get();
    return absl::OkStatus();
  }
  if (setting.kind == SettingKind::kNumber && node.is_integer()) {
    taken.value = node.as_integer()->get();
    return absl::OkStatus();
  }
  if (setting.kind == SettingKind::kList && node.is_array()) {
    std::vector<std::string> list;
    for (const toml::node& item : *node.as_array()) {
      if (!item.is_string()) break;
      list.push_back(item.as_string()->get());
    }
    if (list.size() == node.as_array()->size()) {
      taken.value = std::move(list);
      return absl::OkStatus();
    }
  }
  return BadConfig(place, fmt::format("{} must be {}", setting.key, NameOf(setting.kind)));
}

absl::Status Walk(const toml::table& table, const std::string& prefix, const std::string& name,
                  Values& values) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    const std::string place = PlaceOf(name, key.source().begin);
    if (const Setting* setting = Find(path)) {
      PARC_TRY(Take(*setting, node, place, values));
    } else if (IsTable(path)) {
      if (!node.is_table()) {
        return BadConfig(place, fmt::format("{} must be a table: [{}]", path, path));
      }
      PARC_TRY(Walk(*node.as_table(), path + ".", name, values));
    } else {
      return BadConfig(place, fmt::format("there is no setting {}; `parcd config explain` lists "
                                          "those that exist",
                                          path));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BadConfig(std::string_view source, std::string_view message) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_CONFIG",
                fmt::format("{}: {}", source, message));
}

absl::StatusOr<Values> ParseConfig(const std::string& text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text);
    Values values;
    PARC_TRY(Walk(table, "", name, values));
    return values;
  } catch (const toml::parse_error& error) {
    return BadConfig(PlaceOf(name, error.source().begin), error.description());
  }
}

absl::StatusOr<Values> ReadConfigFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return BadConfig(file.string(), std::strerror(errno));
  std::string text(kMaxBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.gcount() == 0 && !in.eof())) {
    return BadConfig(file.string(), "cannot be read");
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxBytes) return BadConfig(file.string(), "larger than 256 KiB");
  return ParseConfig(text, file.string());
}

}  // namespace parc::app
