#include "client/render/flash_words.h"

#include <algorithm>
#include <cmath>

#include "client/render/forecast_words.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

// "orders/2020-0031/lines/1" → "2020-0031/1".
std::string ShortLine(std::string name) {
  constexpr std::string_view kOrders = "orders/", kLines = "/lines/";
  if (name.rfind(kOrders, 0) == 0) name.erase(0, kOrders.size());
  const std::size_t lines = name.find(kLines);
  if (lines != std::string::npos) name.replace(lines, kLines.size(), "/");
  return Printable(name);
}

}  // namespace

std::string FlashWords::Title() const {
  return Say({"Flash report, ", "Flash mensuel, "}) + MonthName(report_.month(), language_);
}

std::string FlashWords::Subtitle() const {
  std::string text =
      Say({"The fleet on ", "Le parc au "}) + LongDate(report_.as_of_date(), 0, language_);
  if (!report_.filter().empty()) text += " · " + Printable(report_.filter());
  return text;
}

std::string FlashWords::Since(std::int64_t now,
                              std::int64_t (v1::CoverageAt::*figure)() const) const {
  if (report_.trend_size() < 2) return "";
  const v1::CoverageAt& before = report_.trend(report_.trend_size() - 2);
  const std::int64_t change = now - (before.*figure)();
  const std::string day = LongDate(before.date(), report_.as_of_date().year(), language_);
  const std::string sign = change > 0 ? "+" : change < 0 ? "−" : "±";
  return fmt::format(" ({}{} {} {})", sign, Number(std::abs(change)), Say({"since", "depuis le"}),
                     day);
}

std::string FlashWords::Coverage() const {
  const v1::Coverage& total = report_.status().total();
  return fmt::format("{} {} {} {}, {}{}", Number(total.equipped()), Say({"of", "sur"}),
                     Number(total.needed()), Say({"equipped", "équipés"}),
                     Percent(total.equipped(), total.needed(), language_),
                     Since(total.equipped(), &v1::CoverageAt::equipped));
}

std::string FlashWords::ReadyCoverage() const {
  const v1::Coverage& total = report_.status().total();
  return fmt::format("{} {} {} {}, {}{}", Number(total.ready()), Say({"of", "sur"}),
                     Number(total.needed()), Say({"ready", "aptes"}),
                     Percent(total.ready(), total.needed(), language_),
                     Since(total.ready(), &v1::CoverageAt::ready));
}

std::string FlashWords::MoreRows(std::int64_t more) const {
  if (more == 0) return "";
  return fmt::format("… {} {}", Number(more), Say({"more", "de plus"}));
}

FlashTable FlashWords::Trend(std::size_t most) const {
  FlashTable table;
  table.headers = {Say({"End of", "Fin"}), Say({"Equipped", "Équipés"}),
                   Say({"Coverage", "Couverture"}), Say({"Ready", "Aptes"}),
                   Say({"Ready coverage", "Couverture apte"})};
  const auto size = static_cast<std::size_t>(report_.trend_size());
  for (std::size_t i = size - std::min(size, most); i < size; ++i) {
    const v1::CoverageAt& at = report_.trend(static_cast<int>(i));
    table.rows.push_back({ShortDate(at.date(), language_),
                          fmt::format("{} / {}", Number(at.equipped()), Number(at.needed())),
                          Percent(at.equipped(), at.needed(), language_), Number(at.ready()),
                          Percent(at.ready(), at.needed(), language_)});
  }
  return table;
}

FlashTable FlashWords::Outlook(std::size_t most) const {
  FlashTable table;
  table.headers = {Say({"End of", "Fin"}),
                   Say({"Equipped, 1 in 10 below", "Équipés, 1 sur 10 dessous"}),
                   Say({"median", "médiane"}), Say({"1 in 10 above", "1 sur 10 dessus"}),
                   Say({"Chance of 100 %", "Probabilité de 100 %"})};
  for (const v1::ForecastMonth& month : report_.forecast().months()) {
    if (table.rows.size() == most) break;
    const v1::Quantiles& q = month.equipped();
    table.rows.push_back({ShortDate(month.end_date(), language_), Number(std::llround(q.p10())),
                          Number(std::llround(q.p50())), Number(std::llround(q.p90())),
                          Probability(month.reach_100(), language_)});
  }
  return table;
}

FlashTable FlashWords::Late(std::size_t most) const {
  FlashTable table;
  table.headers = {Say({"Order line", "Ligne"}), Say({"Supplier", "Fournisseur"}),
                   Say({"Open", "Reste"}), Say({"Promised", "Promis"}),
                   Say({"Days late", "Jours de retard"})};
  for (const v1::LateLine& line : report_.late_lines()) {
    if (table.rows.size() == most) {
      table.more = report_.late_lines_size() - static_cast<std::int64_t>(most);
      break;
    }
    table.rows.push_back({ShortLine(line.name()), Shorten(Printable(line.supplier()), 34),
                          Number(line.open_quantity()), ShortDate(line.promised_date(), language_),
                          Number(line.days_late())});
  }
  return table;
}

FlashTable FlashWords::Stock() const {
  const v1::Stock& stock = report_.status().stock();
  FlashTable table;
  table.headers = {Say({"State", "État"}), Say({"Laptops", "Portables"})};
  const auto add = [&](Text name, std::int64_t count) {
    table.rows.push_back({Say(name), Number(count)});
  };
  add({"in stock", "en stock"}, stock.in_stock());
  add({"preparing", "en préparation"}, stock.preparing());
  add({"prepared", "préparés"}, stock.prepared());
  add({"assigned", "attribués"}, stock.assigned());
  add({"returned", "rendus"}, stock.returned());
  add({"in repair", "en réparation"}, stock.in_repair());
  add({"lost or stolen", "perdus ou volés"}, stock.lost() + stock.stolen());
  add({"retired", "réformés"}, stock.retired());
  add({"on order", "à recevoir"}, stock.on_order());
  return table;
}

FlashTable FlashWords::Readiness() const {
  const v1::Stock& stock = report_.status().stock();
  FlashTable table;
  table.headers = {Say({"Readiness", "Aptitude"}), Say({"Laptops", "Portables"})};
  const auto add = [&](Text name, std::int64_t count) {
    table.rows.push_back({Say(name), Number(count)});
  };
  add({"ready", "aptes"}, stock.ready());
  add({"degraded", "dégradés"}, stock.degraded());
  add({"not ready", "inaptes"}, stock.not_ready());
  add({"unknown", "inconnus"}, stock.unknown());
  add({"stale", "périmés"}, stock.stale());
  return table;
}

FlashTable FlashWords::Causes(std::size_t most) const {
  FlashTable table;
  table.headers = {Say({"What fails", "Ce qui échoue"}), Say({"Laptops", "Portables"})};
  for (const v1::ReadinessCause& cause : report_.readiness_causes()) {
    if (table.rows.size() == most) {
      table.more = report_.readiness_causes_size() - static_cast<std::int64_t>(most);
      break;
    }
    const std::string& title = French(language_) ? cause.title_fr() : cause.title_en();
    std::string name = Shorten(Printable(title), 44);
    if (cause.blocks()) name += Say({" (blocks)", " (bloquant)"});
    table.rows.push_back({std::move(name), Number(cause.laptops())});
  }
  return table;
}

std::vector<std::string> FlashWords::Alerts(std::size_t most) const {
  std::vector<std::string> alerts;
  for (const v1::Alert& alert : report_.status().alerts()) {
    alerts.push_back(Printable(French(language_) ? alert.message_fr() : alert.message_en()));
  }
  for (const v1::ForecastWarning& warning : report_.forecast().warnings()) {
    alerts.push_back(WarningSentence(warning, language_));
  }
  if (alerts.size() > most) {
    const auto more = static_cast<std::int64_t>(alerts.size() - most);
    alerts.resize(most);
    alerts.push_back(MoreRows(more));
  }
  return alerts;
}

std::string FlashWords::NoCauses() const {
  if (!report_.readiness_causes_known()) {
    return Say({"Causes are known for the current month only.",
                "Les causes ne sont connues que pour le mois en cours."});
  }
  return Say(
      {"No assigned laptop fails a check.", "Aucun portable attribué n'échoue à un contrôle."});
}

std::string FlashWords::Origin() const {
  const v1::Forecast& forecast = report_.forecast();
  return fmt::format("Parc · {} {} · {} {} · {} {} · {} {}", Say({"model", "modèle"}),
                     forecast.model_version(), Number(forecast.paths()), Say({"futures", "futurs"}),
                     Say({"seed", "graine"}), forecast.seed(), Say({"inputs", "entrées"}),
                     forecast.inputs_hash());
}

}  // namespace parc::client::render
