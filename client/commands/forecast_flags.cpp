#include "client/commands/forecast_flags.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <regex>

#include "client/dates.h"
#include "client/lib/errors.h"
#include "client/lib/try.h"
#include "client/proto_text.h"
#include "fmt/format.h"

namespace parc::client {
namespace {

absl::Status Bad(std::string_view reason, std::string_view text, std::string_view expected) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason,
                   fmt::format("\"{}\" is not {}", text.substr(0, 80), expected));
}

// With a dot or a comma; nothing for anything else, infinity included.
std::optional<double> Decimal(std::string text) {
  std::replace(text.begin(), text.end(), ',', '.');
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos) {
    return std::nullopt;
  }
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::int64_t> Whole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// QTY@DATE:SUPPLIER[:MODEL]
absl::Status AddOrder(const std::string& text, std::int64_t now, v1::Scenario& scenario) {
  static const std::regex kForm(R"((\d{1,7})@([^:]+):([^:]+)(?::(.+))?)");
  std::smatch match;
  if (!std::regex_match(text, match, kForm)) {
    return Bad("BAD_ADD", text, "QUANTITY@DATE:SUPPLIER[:MODEL], e.g. 50@2020-05-01:Dell");
  }
  v1::AddedOrder& added = *scenario.add_added_orders();
  added.set_quantity(*Whole(match[1].str()));
  PARC_ASSIGN(*added.mutable_order_date(), ParseDate(match[2].str(), now));
  added.set_supplier(match[3].str());
  added.set_model(match[4].str());
  return absl::OkStatus();
}

// FROM..TO=N
absl::Status AddCapacity(const std::string& text, std::int64_t now, v1::Scenario& scenario) {
  static const std::regex kForm(R"((.+)\.\.(.+)=(.+))");
  std::smatch match;
  const bool fits = std::regex_match(text, match, kForm);
  const std::optional<double> per_day = fits ? Decimal(match[3].str()) : std::nullopt;
  if (!per_day.has_value()) {
    return Bad("BAD_CAPACITY", text, "FROM..TO=N, e.g. 2020-04-01..2020-04-30=20");
  }
  v1::CapacityChange& change = *scenario.add_capacity_changes();
  PARC_ASSIGN(*change.mutable_from_date(), ParseDate(match[1].str(), now));
  PARC_ASSIGN(*change.mutable_to_date(), ParseDate(match[2].str(), now));
  change.set_per_day(*per_day);
  return absl::OkStatus();
}

// N@DATE
absl::Status FillHeadcount(const std::string& text, std::int64_t now, v1::HeadcountChange& change) {
  const std::size_t at = text.find('@');
  const std::optional<std::int64_t> people =
      at == std::string::npos ? std::nullopt : Whole(std::string_view(text).substr(0, at));
  if (!people.has_value()) return Bad("BAD_HEADCOUNT", text, "PEOPLE@DATE, e.g. 12@2020-09-01");
  change.set_people(*people);
  PARC_ASSIGN(*change.mutable_date(), ParseDate(text.substr(at + 1), now));
  return absl::OkStatus();
}

absl::StatusOr<std::string> LineNameOf(const std::string& text) {
  std::string name = LineName(text);
  if (name.empty()) return Bad("BAD_NAME", text, "ORDER/LINE, e.g. 2020-0031/1");
  return name;
}

}  // namespace

absl::StatusOr<double> ParseShare(std::string_view text) {
  std::string typed(text);
  std::erase(typed, ' ');
  const bool percent = !typed.empty() && typed.back() == '%';
  if (percent) typed.pop_back();
  const std::optional<double> number = Decimal(typed);
  const double share = number.value_or(0) / (percent || number.value_or(0) > 1 ? 100 : 1);
  if (!number.has_value() || !(share > 0 && share <= 1)) {
    return Bad("BAD_PERCENT", text, "a share like 100%, 95 or 0.95");
  }
  return share;
}

void QuestionFlags::Declare(Options& options) {
  options.Positionals("FILTER", filter_words,
                      {"Whose coverage, e.g. 'population = \"Siège\"'; everybody without it",
                       "La couverture de qui, p. ex. 'population = \"Siège\"' ; tous par défaut"});
  options.Value("--target", "SHARE", target,
                {"Share of the people in need, e.g. 95%; 100% without it",
                 "Part des personnes à équiper, p. ex. 95% ; 100% par défaut"});
  options.Value(
      "--by", "DATE", by,
      {"Day by which; the end of the year without it", "Échéance ; la fin de l'année par défaut"});
  options.Number("--horizon", "DAYS", horizon,
                 {"Days to simulate; 365 without it", "Jours à simuler ; 365 par défaut"});
  options.Number("--paths", "N", paths,
                 {"Futures to simulate; 2000 without it", "Futurs à simuler ; 2000 par défaut"});
  options.Value("--seed", "N", seed,
                {"Dice of the simulation; made from the data without it",
                 "Graine de la simulation ; tirée des données par défaut"});
  moment.Declare(options);
}

absl::Status QuestionFlags::Fill(Session& session, v1::ForecastQuestion& question) const {
  ListFlags words;
  words.filter_words = filter_words;
  question.set_filter(words.filter());
  session.RememberFilter(question.filter());
  PARC_TRY(moment.Fill(session, *question.mutable_moment()));
  if (!target.empty()) {
    PARC_ASSIGN(const double ratio, ParseShare(target));
    question.set_target_ratio(ratio);
  }
  if (!by.empty()) {
    PARC_ASSIGN(*question.mutable_target_date(), ParseDate(by, session.now()));
  }
  question.set_horizon_days(horizon);
  question.set_paths(paths);
  if (!seed.empty()) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(seed.data(), seed.data() + seed.size(), number);
    if (error != std::errc() || end != seed.data() + seed.size()) {
      return Bad("BAD_SEED", seed, "a whole number without a sign");
    }
    question.set_seed(number);
  }
  return absl::OkStatus();
}

void ScenarioFlags::Declare(Options& options) {
  options.Values("--add", "QTY@DATE:SUPPLIER[:MODEL]", add,
                 {"What if that were ordered", "Et si l'on commandait cela"});
  options.Values("--cancel", "ORDER/LINE", cancel,
                 {"What if that line never came", "Et si cette ligne n'arrivait jamais"});
  options.Values(
      "--expedite", "ORDER/LINE", expedite,
      {"What if that line came as promised", "Et si cette ligne arrivait à la date dite"});
  options.Values(
      "--capacity", "FROM..TO=N", capacity,
      {"What if N were prepared a day then", "Et si l'on en préparait N par jour alors"});
  options.Value("--attrition", "RATE", attrition,
                {"What if that share of the laptops were lost in a year, e.g. 6%",
                 "Et si cette part des portables était perdue en un an, p. ex. 6%"});
  options.Value("--tension", "K", tension,
                {"What if every delay were K times as long",
                 "Et si tous les délais étaient K fois plus longs"});
  options.Values("--hire", "N@DATE", hire,
                 {"What if N more needed a laptop", "Et si N personnes de plus étaient à équiper"});
  options.Values("--leave", "N@DATE", leave,
                 {"What if N fewer needed one", "Et si N personnes de moins étaient à équiper"});
}

bool ScenarioFlags::any() const {
  return !(add.empty() && cancel.empty() && expedite.empty() && capacity.empty() && hire.empty() &&
           leave.empty() && attrition.empty() && tension.empty());
}

absl::Status ScenarioFlags::Fill(const Session& session, v1::Scenario& scenario) const {
  const std::int64_t now = session.now();
  for (const std::string& text : add) PARC_TRY(AddOrder(text, now, scenario));
  for (const std::string& text : cancel) {
    PARC_ASSIGN(*scenario.add_cancelled_lines(), LineNameOf(text));
  }
  for (const std::string& text : expedite) {
    PARC_ASSIGN(*scenario.add_expedited_lines(), LineNameOf(text));
  }
  for (const std::string& text : capacity) PARC_TRY(AddCapacity(text, now, scenario));
  for (const std::string& text : hire) PARC_TRY(FillHeadcount(text, now, *scenario.add_hires()));
  for (const std::string& text : leave) {
    PARC_TRY(FillHeadcount(text, now, *scenario.add_leavers()));
  }
  if (!attrition.empty()) {
    const bool none = attrition == "0" || attrition == "0%";
    if (!none) {
      PARC_ASSIGN(const double rate, ParseShare(attrition));
      scenario.set_attrition_per_year(rate);
    } else {
      scenario.set_attrition_per_year(0);
    }
  }
  if (!tension.empty()) {
    const std::optional<double> factor = Decimal(tension);
    if (!factor.has_value() || *factor <= 0) {
      return Bad("BAD_TENSION", tension, "a factor above 0, e.g. 1.5");
    }
    scenario.set_tension(*factor);
  }
  return absl::OkStatus();
}

bool Assertion::Holds(double actual) const {
  if (comparison == ">=") return actual >= probability;
  if (comparison == ">") return actual > probability;
  if (comparison == "<=") return actual <= probability;
  return actual < probability;
}

absl::StatusOr<Assertion> ParseAssertion(std::string_view text, std::int64_t now_micros) {
  static const std::regex kForm(
      R"(\s*p\s*\(\s*([^;)]+?)\s*[,;]\s*([^,;)]+?)\s*\)\s*(>=|<=|>|<)\s*([0-9.,]+\s*%?)\s*)");
  Assertion assertion;
  assertion.text = text;
  std::smatch match;
  if (!std::regex_match(assertion.text, match, kForm)) {
    return Bad("BAD_ASSERTION", text, "an expectation like p(100%,2020-12-31)>=0.9");
  }
  PARC_ASSIGN(const double ratio, ParseShare(match[1].str()));
  assertion.target.set_ratio(ratio);
  PARC_ASSIGN(*assertion.target.mutable_date(), ParseDate(match[2].str(), now_micros));
  assertion.comparison = match[3].str();
  if (match[4].str() != "0") {
    PARC_ASSIGN(assertion.probability, ParseShare(match[4].str()));
  }
  return assertion;
}

}  // namespace parc::client
