#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client/render/language.h"
#include "client/render/style.h"

// One value of a record in its canonical form, and how each output writes it.
namespace parc::client::render {

enum class Kind { kText, kNumber, kDate, kTime, kBool, kList };

// Canonical: numbers with a dot, dates as 2020-03-18, times as 2020-03-18T07:42:11Z, true or false,
// elements of a list joined by ", ". Empty: absent.
struct Value {
  Kind kind = Kind::kText;
  std::string text;
  Style style = Style::kPlain;
};

enum class Dialect { kPlain, kFrenchExcel };

// For eyes: dates and decimals of the language, times in the zone of this machine.
std::string ForTable(const Value& value, Language language);

// For spreadsheets. Text that a spreadsheet would take for a formula gets a leading `'`, which the
// import takes off again.
std::string ForCsv(const Value& value, Dialect dialect);

// 3600 → "3,600" or "3 600".
std::string Count(std::int64_t number, Language language);
// 25276514304 → "23.5 GiB" or "23,5 Gio".
std::string Bytes(std::int64_t bytes, Language language);
// 720 of 900 → "80.0 %" or "80,0 %"; "–" of 0.
std::string Percent(std::int64_t part, std::int64_t whole, Language language);
// "2020-03-18" → "18/03/2020" in French.
std::string Date(std::string_view iso, Language language);
// Microseconds since 1970 → "2020-03-18 08:42" in the zone of this machine.
std::string Time(std::int64_t micros, Language language);
// "12 minutes", "3 days".
std::string Span(std::int64_t seconds, Language language);

}  // namespace parc::client::render
