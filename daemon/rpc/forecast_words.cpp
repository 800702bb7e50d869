#include "daemon/rpc/forecast_words.h"

#include <cmath>

#include "fmt/format.h"

namespace parc::rpc {
namespace {

using forecast::Warning;
using forecast::WarningCode;

// About the forecast as a whole.
WarningWords OfForecast(const Warning& warning) {
  const long long whole = std::llround(warning.value);
  switch (warning.code) {
    case WarningCode::kThinHistory:
      return {"Few past deliveries to learn from: the forecast leans on general experience.",
              "Peu de livraisons passées : la prévision s'appuie sur l'expérience générale."};
    case WarningCode::kRegimeChange:
      return {fmt::format("Delays have changed: recent ones are {:.1f} times the long run.",
                          warning.value),
              fmt::format("Les délais ont changé : les récents valent {:.1f} fois l'habituel.",
                          warning.value)};
    case WarningCode::kNoCapacitySet:
      return {"No preparation capacity is set: hand-outs a day are taken from the records.",
              "Aucune capacité de préparation n'est fixée : les remises par jour viennent de "
              "l'historique."};
    case WarningCode::kRecordsTooShort:
      return {fmt::format("Records cover {} days only: attrition and arrivals are guessed.", whole),
              fmt::format("L'historique ne couvre que {} jours : attrition et arrivées sont "
                          "supposées.",
                          whole)};
    case WarningCode::kOpenOrdersLessThanGap:
      return {
          fmt::format("Even if all orders arrive, {} laptops are missing for the target.", whole),
          fmt::format("Même si tout arrive, il manque {} portables pour la cible.", whole)};
    case WarningCode::kBacktestUndercovers:
      return {fmt::format("Earlier forecasts were too sure: {:.0f} % of what happened lay inside "
                          "their 80 % intervals.",
                          100 * warning.value),
              fmt::format("Les prévisions passées étaient trop sûres : {:.0f} % du réel dans leurs "
                          "intervalles à 80 %.",
                          100 * warning.value)};
    case WarningCode::kNobodyInNeed:
      return {"Nobody needs a laptop.", "Personne n'a besoin d'un portable."};
    case WarningCode::kNoOpenOrder:
      return {"Nothing is on order.", "Rien n'est en commande."};
    case WarningCode::kAllCancelled:
      return {"Every order on record was cancelled: there is no delivery to learn from.",
              "Toutes les commandes ont été annulées : aucune livraison dont apprendre."};
    default:
      return {};
  }
}

// About one line, supplier or target.
WarningWords OfSubject(const Warning& warning) {
  const std::string& subject = warning.subject;
  switch (warning.code) {
    case WarningCode::kSupplierUnseen:
      return {fmt::format("{} never delivered: judged by the other suppliers.", subject),
              fmt::format("{} n'a jamais livré : jugé d'après les autres fournisseurs.", subject)};
    case WarningCode::kSupplierPooled:
      return {
          fmt::format("{} delivered few times: judged mostly by the other suppliers.", subject),
          fmt::format("{} a peu livré : jugé surtout d'après les autres fournisseurs.", subject)};
    case WarningCode::kStalePromise:
      return {fmt::format("{} is overdue by 30 days or more, without a new promise.", subject),
              fmt::format("{} a 30 jours de retard ou plus, sans nouvelle promesse.", subject)};
    case WarningCode::kTargetInThePast:
      return {"The target's day is over: the answer is what happened.",
              "L'échéance est passée : la réponse est ce qui est arrivé."};
    case WarningCode::kTargetReached:
      return {"The target is reached already.", "La cible est déjà atteinte."};
    case WarningCode::kTargetFarAhead:
      return {"The target lies more than five years ahead: the answer is for five years.",
              "L'échéance est à plus de cinq ans : la réponse vaut pour cinq ans."};
    case WarningCode::kPromiseBeforeOrder:
      return {fmt::format("{} was promised for a day before it was ordered.", subject),
              fmt::format("{} était promis pour un jour antérieur à la commande.", subject)};
    case WarningCode::kOverDelivered: {
      const long long units = std::llround(warning.value);
      return {fmt::format("{} brought {} more than was ordered.", subject, units),
              fmt::format("{} a apporté {} de plus que commandé.", subject, units)};
    }
    default:
      return {};
  }
}

}  // namespace

WarningWords WordsOf(const Warning& warning) {
  const WarningWords words = OfForecast(warning);
  return words.en.empty() ? OfSubject(warning) : words;
}

}  // namespace parc::rpc
