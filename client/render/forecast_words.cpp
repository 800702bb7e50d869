#include "client/render/forecast_words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {

using WireDate = google::type::Date;

namespace {

constexpr std::array<Text, 12> kMonths = {{{"January", "janvier"},
                                           {"February", "février"},
                                           {"March", "mars"},
                                           {"April", "avril"},
                                           {"May", "mai"},
                                           {"June", "juin"},
                                           {"July", "juillet"},
                                           {"August", "août"},
                                           {"September", "septembre"},
                                           {"October", "octobre"},
                                           {"November", "novembre"},
                                           {"December", "décembre"}}};
constexpr std::array<Text, 12> kMonthMarks = {{{"Jan", "janv"},
                                               {"Feb", "févr"},
                                               {"Mar", "mars"},
                                               {"Apr", "avr"},
                                               {"May", "mai"},
                                               {"Jun", "juin"},
                                               {"Jul", "juil"},
                                               {"Aug", "août"},
                                               {"Sep", "sept"},
                                               {"Oct", "oct"},
                                               {"Nov", "nov"},
                                               {"Dec", "déc"}}};

// More than this share of futures without an end is worth a word.
constexpr double kNeverWorthAWord = 0.10;

std::size_t MonthIndex(const WireDate& date) {
  return static_cast<std::size_t>(std::clamp(date.month(), 1, 12) - 1);
}

std::string Percentage(double percent, int decimals, Language language) {
  std::string text = fmt::format("{:.{}f} %", percent, decimals);
  if (French(language)) std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

// "12 months" of the horizon, as people count it.
std::string HorizonWords(int days, Language language) {
  const int months = std::max(1, static_cast<int>(std::lround(days / 30.44)));
  if (days < 60) return fmt::format("{} {}", days, French(language) ? "jours" : "days");
  return fmt::format("{} {}", months, French(language) ? "mois" : "months");
}

class Sentence {
 public:
  Sentence(const v1::Forecast& forecast, Language language)
      : forecast_(forecast),
        target_(forecast.targets(0)),
        language_(language),
        year_(forecast.as_of_date().year()),
        ratio_(Ratio(target_.target().ratio(), language)) {}

  std::string Make() const {
    if (target_.in_the_past()) return OfThePast();
    return (target_.reached_now() ? Reached() : When()) + " " + ChanceByDate();
  }

 private:
  std::string Say(Text text) const { return std::string(text.In(language_)); }
  std::string Day(const WireDate& date) const { return LongDate(date, year_, language_); }
  std::string Figures() const {
    return fmt::format("{} {} {}", Count(forecast_.equipped(), language_), Say({"of", "sur"}),
                       Count(forecast_.needed(), language_));
  }

  std::string OfThePast() const {
    const std::string day = LongDate(target_.target().date(), 0, language_);
    const bool reached = target_.probability() >= 0.5;
    if (French(language_)) {
      return fmt::format("L'échéance du {} est passée : les {} {} atteints.", day, ratio_,
                         reached ? "étaient" : "n'étaient pas");
    }
    return fmt::format("The target day, {}, is over: {} {} reached.", day, ratio_,
                       reached ? "was" : "was not");
  }

  std::string Reached() const {
    const std::string day = LongDate(forecast_.as_of_date(), 0, language_);
    if (French(language_)) {
      return fmt::format("Les {} sont atteints : {} personnes équipées au {}.", ratio_, Figures(),
                         day);
    }
    return fmt::format("{} is reached: {} people are equipped on {}.", ratio_, Figures(), day);
  }

  // "not within 12 months in 18 % of cases".
  std::string Never() const {
    const std::string horizon = HorizonWords(forecast_.horizon_days(), language_);
    const std::string share = Probability(target_.reached().never(), language_);
    return fmt::format("{} {} {} {} {}", Say({"not within", "pas avant"}), horizon,
                       Say({"in", "dans"}), share, Say({"of cases", "des cas"}));
  }

  std::string When() const {
    const v1::DateQuantiles& reached = target_.reached();
    const bool often_never = reached.never() > kNeverWorthAWord;
    if (!reached.has_p50()) {
      std::string text = ratio_ + Say({": ", " : "}) + Never();
      if (reached.has_p10()) {
        text += fmt::format(
            "{} {}",
            Say({"; in the best tenth of them by", " ; dans le meilleur dixième d'ici le"}),
            Day(reached.p10()));
      }
      return text + ".";
    }
    std::string text =
        fmt::format("{} {} {} (50 %), ", ratio_, Say({"on", "le"}), Day(reached.p50()));
    if (reached.has_p10() && reached.has_p90()) {
      text +=
          French(language_)
              ? fmt::format("entre le {} et le {} (80 %)", Day(reached.p10()), Day(reached.p90()))
              : fmt::format("between {} and {} (80 %)", Day(reached.p10()), Day(reached.p90()));
    } else {
      text += fmt::format("{} {} (90 %)", Say({"not before", "pas avant le"}),
                          Day(reached.has_p10() ? reached.p10() : reached.p50()));
    }
    if (often_never) text += Say({"; ", " ; "}) + Never();
    return text + ".";
  }

  std::string ChanceByDate() const {
    const std::string day = LongDate(target_.target().date(), 0, language_);
    const std::string chance = Chance(target_.probability(), language_);
    if (French(language_)) return fmt::format("Probabilité au {} : {}.", day, chance);
    return fmt::format("Chance by {}: {}.", day, chance);
  }

  const v1::Forecast& forecast_;
  const v1::TargetOutlook& target_;
  const Language language_;
  const int year_;
  const std::string ratio_;
};

}  // namespace

std::string Iso(const WireDate& date) {
  if (date.year() == 0) return "";
  return fmt::format("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil, civil_from_days.
int DayNumber(const WireDate& date) {
  const int year = date.year() - (date.month() <= 2 ? 1 : 0);
  const int era = year / 400;
  const int of_era = year - era * 400;
  const int of_year = (153 * (date.month() + (date.month() > 2 ? -3 : 9)) + 2) / 5 + date.day() - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

WireDate DateOf(int day_number) {
  const int shifted = day_number + 719468;
  const int era = shifted / 146097;
  const int of_era = shifted - era * 146097;
  const int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int month = (5 * of_year + 2) / 153;
  WireDate date;
  date.set_day(of_year - (153 * month + 2) / 5 + 1);
  date.set_month(month + (month < 10 ? 3 : -9));
  date.set_year(year_of_era + era * 400 + (date.month() <= 2 ? 1 : 0));
  return date;
}

std::string ShortDate(const WireDate& date, Language language) {
  return date.year() == 0 ? "–" : render::Date(Iso(date), language);
}

std::string LongDate(const WireDate& date, int year, Language language) {
  const bool first = French(language) && date.day() == 1;
  std::string text =
      fmt::format("{}{} {}", date.day(), first ? "er" : "", kMonths[MonthIndex(date)].In(language));
  if (date.year() != year) text += fmt::format(" {}", date.year());
  return text;
}

std::string MonthName(const WireDate& date, Language language) {
  return fmt::format("{} {}", kMonths[MonthIndex(date)].In(language), date.year());
}

std::string MonthMark(const WireDate& date, Language language) {
  return std::string(kMonthMarks[MonthIndex(date)].In(language));
}

std::string Probability(double probability, Language language) {
  const double percent = 100 * std::clamp(probability, 0.0, 1.0);
  if (percent > 0 && percent < 0.5) return "< 1 %";
  if (percent < 100 && percent >= 99.5) return "> 99 %";
  return Percentage(percent, 0, language);
}

std::string Chance(double probability, Language language) {
  const std::string percent = Probability(probability, language);
  const auto with = [&](Text text) { return fmt::format("{}, {}", percent, text.In(language)); };
  if (probability >= 0.975) return with({"nearly certain", "presque certain"});
  if (probability <= 0.025) return with({"very unlikely", "très improbable"});
  int best_part = 1, best_whole = 2;
  double best = 1;
  for (const int whole : {2, 3, 4, 5, 10, 20}) {
    const int part = std::clamp(static_cast<int>(std::lround(probability * whole)), 1, whole - 1);
    const double distance = std::abs(probability - static_cast<double>(part) / whole);
    if (distance < best) {
      best = distance;
      best_part = part;
      best_whole = whole;
    }
    if (best <= 0.02) break;  // the plainest fraction that is near enough
  }
  if (French(language)) {
    return fmt::format("{}, environ {} chance{} sur {}", percent, best_part,
                       best_part > 1 ? "s" : "", best_whole);
  }
  return fmt::format("{}, about {} in {}", percent, best_part, best_whole);
}

std::string Ratio(double ratio, Language language) {
  const double percent = 100 * ratio;
  const bool whole = std::abs(percent - std::round(percent)) < 1e-6;
  return Percentage(percent, whole ? 0 : 1, language);
}

std::string Headline(const v1::Forecast& forecast, Language language) {
  if (forecast.needed() == 0) {
    const std::string day = LongDate(forecast.as_of_date(), 0, language);
    return French(language)
               ? fmt::format("Personne n'a besoin d'un portable au {} : rien à prévoir.", day)
               : fmt::format("Nobody needs a laptop on {}: there is nothing to forecast.", day);
  }
  if (forecast.targets().empty()) return "";
  return Sentence(forecast, language).Make();
}

std::string BottleneckSentence(const v1::Forecast& forecast, Language language) {
  const std::string share = Probability(forecast.bottleneck_share(), language);
  switch (forecast.bottleneck()) {
    case v1::FORECAST_BOTTLENECK_SUPPLY:
      return French(language)
                 ? fmt::format("L'approvisionnement est le frein ({} de l'attente).", share)
                 : fmt::format("Supply is the brake ({} of the waiting).", share);
    case v1::FORECAST_BOTTLENECK_PREPARATION:
      return French(language)
                 ? fmt::format(
                       "La préparation, non l'approvisionnement, est le frein ({} de "
                       "l'attente).",
                       share)
                 : fmt::format("Preparation, not supply, is the brake ({} of the waiting).", share);
    default:
      return "";
  }
}

std::string WarningSentence(const v1::ForecastWarning& warning, Language language) {
  const std::string& sentence = French(language) ? warning.message_fr() : warning.message_en();
  return Printable(sentence.empty() ? warning.reason() : sentence);
}

}  // namespace parc::client::render
