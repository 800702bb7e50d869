#include "daemon/store/text_codec.h"

#include <charconv>

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

constexpr char kUnit = '\x1F';
constexpr char kRecord = '\x1E';

}  // namespace

std::string JoinList(const std::vector<std::string>& list) {
  if (list.empty()) return {};
  std::string text = "\n";
  for (const std::string& element : list) text += element + "\n";
  return text;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> list;
  if (!text.empty()) text.remove_prefix(1);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    list.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return list;
}

std::string JoinMap(const std::map<std::string, std::string>& map) {
  std::string text;
  for (const auto& [key, value] : map) text += key + kUnit + value + kRecord;
  return text;
}

std::map<std::string, std::string> SplitMap(std::string_view text) {
  std::map<std::string, std::string> map;
  while (!text.empty()) {
    const std::size_t end = text.find(kRecord);
    const std::string_view pair = text.substr(0, end);
    const std::size_t middle = pair.find(kUnit);
    if (middle != std::string_view::npos)
      map.emplace(pair.substr(0, middle), pair.substr(middle + 1));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return map;
}

std::string JoinBytes(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& element : list) text += fmt::format("{}:", element.size()) + element;
  return text;
}

std::vector<std::string> SplitBytes(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    std::size_t size = 0;
    const char* const end = text.data() + text.size();
    const auto [colon, error] = std::from_chars(text.data(), end, size);
    if (error != std::errc() || colon == end || *colon != ':') break;
    text.remove_prefix(static_cast<std::size_t>(colon - text.data()) + 1);
    list.emplace_back(text.substr(0, size));
    text.remove_prefix(list.back().size());
  }
  return list;
}

std::optional<std::string> OptIso(const std::optional<inventory::CivilDate>& date) {
  if (!date.has_value()) return std::nullopt;
  return inventory::ToIso(*date);
}

absl::StatusOr<std::optional<inventory::CivilDate>> OptDate(const Row& row, int column) {
  if (row.IsNull(column)) return std::optional<inventory::CivilDate>();
  PARC_ASSIGN(inventory::CivilDate date, inventory::ParseIso(row.Text(column)));
  return std::optional<inventory::CivilDate>(date);
}

}  // namespace parc::store
