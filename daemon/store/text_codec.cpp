#include "daemon/store/text_codec.h"

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

}  // namespace parc::store
