#include "daemon/fleet/world_cells.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "daemon/fleet/validate.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;

namespace {

std::optional<double> ParseNumber(std::string text) {
  if (std::count(text.begin(), text.end(), ',') == 1 && text.find('.') == std::string::npos)
    std::replace(text.begin(), text.end(), ',', '.');
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

// What stands behind the day of "2020-03-20T00:00:00Z" says no more than the day.
bool IsMidnight(std::string_view rest) {
  return std::all_of(rest.begin(), rest.end(), [](char c) {
    return std::string_view("T 0:.Z").find(c) != std::string::npos;
  });
}

}  // namespace

std::string_view PresentText(const Cells& cells, std::string_view field) {
  const std::string_view text = cells.Text(field);
  const std::string word = inventory::Fold(text);
  for (const std::string_view nothing : {"nan", "nat", "none", "null", "n/a", "<na>"})
    if (word == nothing) return {};
  return text;
}

absl::StatusOr<double> NumberIn(const Cells& cells, std::string_view field) {
  const std::optional<double> number = ParseNumber(std::string(cells.Text(field)));
  if (!number.has_value()) return cells.Bad(field, "is no number");
  return *number;
}

absl::StatusOr<std::optional<int>> WholeIn(const Cells& cells, std::string_view field) {
  if (PresentText(cells, field).empty()) return std::optional<int>();
  PARC_ASSIGN(const double number, NumberIn(cells, field));
  if (number != std::floor(number) || std::abs(number) > 1e9)
    return cells.Bad(field, "is no whole number");
  return std::optional<int>(static_cast<int>(number));
}

absl::StatusOr<int> UnitsIn(const Cells& cells, std::string_view field) {
  PARC_ASSIGN(const std::optional<int> units, WholeIn(cells, field));
  if (units.value_or(-1) < 0 || *units > kMostWorldUnits)
    return cells.Bad(field, fmt::format("must lie between 0 and {}", kMostWorldUnits));
  return *units;
}

absl::StatusOr<std::optional<CivilDate>> MaybeDateIn(const Cells& cells, std::string_view field) {
  constexpr std::size_t kDay = std::string_view("2020-03-20").size();
  const std::string_view text = PresentText(cells, field);
  if (text.empty()) return std::optional<CivilDate>();
  if (text.size() > kDay && IsMidnight(text.substr(kDay))) {
    const absl::StatusOr<CivilDate> day = inventory::ParseIso(text.substr(0, kDay));
    if (day.ok()) return std::optional<CivilDate>(*day);
  }
  return cells.Date(field);
}

absl::StatusOr<CivilDate> DateIn(const Cells& cells, std::string_view field) {
  PARC_ASSIGN(const std::optional<CivilDate> date, MaybeDateIn(cells, field));
  if (!date.has_value()) return cells.Bad(field, "is empty");
  return *date;
}

absl::StatusOr<std::optional<bool>> YesNoIn(const Cells& cells, std::string_view field) {
  const std::string_view text = PresentText(cells, field);
  if (text.empty()) return std::optional<bool>();
  if (text == "1.0" || text == "0.0") return std::optional<bool>(text == "1.0");
  return cells.YesNo(field);
}

absl::StatusOr<std::string> IdIn(const Cells& cells, std::string_view field) {
  const std::string_view text = cells.Text(field);
  if (text.empty()) return cells.Bad(field, "is empty");
  PARC_TRY(CheckText(text, field, 64));
  return std::string(text);
}

std::string WordIn(const Cells& cells, std::string_view field) {
  std::string word = inventory::Fold(cells.Text(field));
  std::replace_if(
      word.begin(), word.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  return word;
}

absl::StatusOr<double> RatioIn(const Cells& cells, std::string_view field) {
  std::string text(cells.Text(field));
  const bool per_cent = text.ends_with('%');
  if (per_cent) text.pop_back();
  while (text.ends_with(' ')) text.pop_back();
  const std::optional<double> number = ParseNumber(text);
  if (!number.has_value()) return cells.Bad(field, "is no number");
  if (*number < 0) return cells.Bad(field, "is negative");
  return per_cent || *number > 2 ? *number / 100 : *number;
}

std::optional<std::string> CountryCode(std::string_view text) {
  const std::string word = inventory::Fold(text);
  if (word == "fr" || word == "fra" || word.starts_with("france")) return "FR";
  if (word == "fr-am" || word.starts_with("alsace")) return "FR-AM";
  const bool letters =
      std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (word.size() != 2 || !letters) return std::nullopt;
  std::string code = word;
  for (char& c : code) c = static_cast<char>(c - 'a' + 'A');
  return code;
}

}  // namespace parc::fleet
