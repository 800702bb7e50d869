#pragma once

#include <string>
#include <string_view>

#include "client/render/language.h"
#include "google/type/date.pb.h"
#include "parc/v1/forecasts.pb.h"

// A forecast in sentences, for those who read no chart.
namespace parc::client::render {

// "2020-12-31"; empty when absent.
std::string Iso(const google::type::Date& date);
// Days since 1970-01-01.
int DayNumber(const google::type::Date& date);
google::type::Date DateOf(int day_number);
// "2020-12-31", in French "31/12/2020"; "–" when absent.
std::string ShortDate(const google::type::Date& date, Language language);
// "14 December", with the year when it is not `year`; in French "14 décembre", "1er mai".
std::string LongDate(const google::type::Date& date, int year, Language language);
// "March 2020", "mars 2020".
std::string MonthName(const google::type::Date& date, Language language);
// The same in four characters, for an axis: "Mar", "mars".
std::string MonthMark(const google::type::Date& date, Language language);

// 0.614 → "61 %". What is neither sure nor impossible is never written as 100 % or 0 %: "> 99 %",
// "< 1 %".
std::string Probability(double probability, Language language);
// "61 %, about 3 in 5"; "environ 3 chances sur 5".
std::string Chance(double probability, Language language);
// 1 → "100 %", 0.975 → "97.5 %".
std::string Ratio(double ratio, Language language);

// The first target: when, how sure, and the chance by its day; or why there is nothing to forecast.
// "100 % on 14 December (50 %), between 2 November and 9 March 2021 (80 %). Chance by 31 December
// 2020: 61 %, about 3 in 5."
std::string Headline(const v1::Forecast& forecast, Language language);

// What keeps people waiting, as a sentence; empty when nobody waits.
std::string BottleneckSentence(const v1::Forecast& forecast, Language language);

// What a warning says, in `language`; its reason when it says nothing.
std::string WarningSentence(const v1::ForecastWarning& warning, Language language);

}  // namespace parc::client::render
