#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/render/language.h"
#include "client/render/value.h"
#include "parc/v1/reports.pb.h"

// What both forms of the flash report say, without their marks.
namespace parc::client::render {

// Rows of one table; the first are its headers. `more`: rows that the page has no room for.
struct FlashTable {
  std::vector<std::string> headers;
  std::vector<std::vector<std::string>> rows;
  std::int64_t more = 0;
};

class FlashWords {
 public:
  FlashWords(const v1::FlashReport& report, Language language)
      : report_(report), language_(language) {}

  std::string Say(Text text) const { return std::string(text.In(language_)); }
  std::string Number(std::int64_t number) const { return Count(number, language_); }

  std::string Title() const;     // "Flash report, April 2020"
  std::string Subtitle() const;  // the day, and whose coverage
  // "720 of 900 equipped, 80.0 % (+100 since 29 February)".
  std::string Coverage() const;
  std::string ReadyCoverage() const;
  std::string MoreRows(std::int64_t more) const;

  FlashTable Trend(std::size_t most) const;
  FlashTable Outlook(std::size_t most) const;  // months of the forecast
  FlashTable Late(std::size_t most) const;
  FlashTable Stock() const;
  FlashTable Readiness() const;
  FlashTable Causes(std::size_t most) const;
  // Alerts and warnings of the forecast, as sentences.
  std::vector<std::string> Alerts(std::size_t most) const;
  // Instead of causes, when the report cannot know them.
  std::string NoCauses() const;
  // What makes the forecast reproducible.
  std::string Origin() const;

 private:
  // The part of the trend before the day: what `figure` was at the end of the month before.
  std::string Since(std::int64_t now, std::int64_t (v1::CoverageAt::*figure)() const) const;

  const v1::FlashReport& report_;
  const Language language_;
};

}  // namespace parc::client::render
