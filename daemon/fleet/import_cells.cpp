#include "daemon/fleet/import_cells.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopState;
using inventory::Money;

namespace {

const std::vector<ImportColumn> kSiteColumns = {
    {"code", {"Code", "Site code"}, true},
    {"name", {"Nom", "Name", "Libellé"}, true},
    {"department", {"Département", "Department"}},
    {"parent", {"Site parent", "Parent", "Parent site"}},
};

const std::vector<ImportColumn> kPersonColumns = {
    {"id", {"Matricule", "Id", "Person", "Identifiant", "Employee number"}, true},
    {"name", {"Nom", "Name", "Last name", "Nom complet", "Display name"}, true},
    {"first_name", {"Prénom", "First name"}},
    {"mail", {"Courriel", "Mail", "E-mail", "Email", "Adresse mail"}},
    {"unit", {"Direction", "Unit", "Organisation unit", "Service"}},
    {"population", {"Population"}},
    {"site", {"Site"}},
    {"tier", {"Priorité", "Tier", "Priority"}},
    {"needs_laptop", {"Besoin portable", "Needs laptop", "Besoin d'un portable"}},
    {"telework", {"Télétravail", "Telework"}},
    {"start", {"Date d'arrivée", "Start date", "Start", "Arrivée"}},
    {"end", {"Date de départ", "End date", "End", "Départ"}},
    {"effective", {"Date d'effet", "Effective date"}},
};

const std::vector<ImportColumn> kLaptopColumns = {
    {"asset_tag", {"Étiquette", "Asset tag", "N° d'inventaire", "Numéro d'inventaire"}},
    {"serial", {"N° de série", "Numéro de série", "Serial", "Serial number"}},
    {"manufacturer", {"Fabricant", "Manufacturer", "Marque"}},
    {"model", {"Modèle", "Model"}},
    {"state", {"État", "State", "Statut", "Status"}},
    {"holder", {"Attribué à", "Holder", "Assigned to", "Matricule"}},
    {"site", {"Site", "Location"}},
    {"effective", {"Date d'effet", "Effective date", "State since"}},
    {"purchase_date", {"Date d'achat", "Purchase date"}},
    {"price", {"Prix", "Price", "Coût", "Cost"}},
    {"currency", {"Devise", "Currency"}},
    {"warranty_end", {"Fin de garantie", "Warranty end", "Warranty expires"}},
    {"end_of_life", {"Fin de vie", "End of life", "Fin de vie prévue"}},
    {"order_line", {"Commande", "Order", "Order line", "Ligne de commande"}},
    {"tags", {"Mots-clés", "Tags", "Étiquettes"}},
    {"notes", {"Notes", "Remarques"}},
};

const std::vector<ImportColumn> kOrderColumns = {
    {"reference", {"Commande", "Order", "Reference", "Référence"}, true},
    {"supplier", {"Fournisseur", "Supplier"}, true},
    {"order_date", {"Date de commande", "Order date"}, true},
    {"line", {"Ligne", "Line"}},
    {"manufacturer", {"Fabricant", "Manufacturer", "Marque"}},
    {"model", {"Modèle", "Model"}, true},
    {"quantity", {"Quantité", "Quantity", "Qté"}, true},
    {"price", {"Prix unitaire", "Unit price", "Prix"}},
    {"currency", {"Devise", "Currency"}},
    {"promised_date", {"Date promise", "Promised date", "Livraison prévue"}},
    {"announced_date", {"Annoncée le", "Announced on", "Announced date"}},
    {"source", {"Source"}},
    {"received", {"Reçus", "Received", "Quantité reçue"}},
    {"received_date", {"Reçu le", "Received on", "Date de réception"}},
    {"over_delivery", {"Surplus", "Over-delivery"}},
    {"shipped", {"Expédiés", "Shipped", "Quantité expédiée"}},
    {"shipped_date", {"Expédié le", "Shipped on", "Date d'expédition"}},
    {"carrier", {"Transporteur", "Carrier"}},
    {"tracking", {"N° de suivi", "Tracking", "Numéro de suivi"}},
    {"cancelled", {"Annulés", "Cancelled", "Quantité annulée"}},
    {"cancelled_date", {"Annulé le", "Cancelled on", "Date d'annulation"}},
    {"cancel_reason", {"Motif d'annulation", "Cancel reason"}},
    {"status", {"Statut", "Status", "État"}},
};

const std::vector<ImportColumn> kReceiptColumns = {
    {"order", {"Commande", "Order", "Reference", "Référence"}, true},
    {"line", {"Ligne", "Line"}},
    {"received_date", {"Reçu le", "Received on", "Date de réception", "Livré le"}, true},
    {"serial", {"N° de série", "Numéro de série", "Serial", "Serial number"}},
    {"asset_tag", {"N° d'inventaire", "Numéro d'inventaire", "Étiquette", "Asset tag"}},
    {"site", {"Site", "Location"}},
    {"manufacturer", {"Fabricant", "Manufacturer", "Marque"}},
    {"model", {"Modèle", "Model"}},
    {"over_delivery", {"Surplus", "Over-delivery"}},
};

std::string HeaderKey(std::string_view header) {
  std::string key;
  for (const char c : inventory::Fold(header)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) key.push_back(c);
  }
  return key;
}

// The three numbers of "a/b/c" with any one of the separators, or nothing.
std::optional<std::array<int, 3>> ThreeNumbers(std::string_view text) {
  std::array<int, 3> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [next, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc() || next == at || numbers[i] < 0) return std::nullopt;
    at = next;
    if (i < 2) {
      if (at == end || std::string_view("/-.").find(*at) == std::string_view::npos)
        return std::nullopt;
      ++at;
    }
  }
  if (at != end) return std::nullopt;
  return numbers;
}

// "1 234,56 €" → "1234.56".
std::string PlainNumber(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= '0' && c <= '9') || c == '-' || c == '+') {
      plain.push_back(c);
    } else if (c == ',' || c == '.') {
      plain.push_back('.');
    } else if (text.substr(i, 3) == "\xE2\x82\xAC") {  // euro sign
      i += 2;
    } else if (text.substr(i, 3) == "\xE2\x80\xAF") {  // narrow no-break space
      i += 2;
    } else if (text.substr(i, 2) == "\xC2\xA0") {  // no-break space
      i += 1;
    } else if (c != ' ') {
      plain.push_back('?');
    }
  }
  return plain;
}

// Millionths of "1234.56"; nothing when it is no such number.
std::optional<std::int64_t> Micros(const std::string& plain) {
  const std::size_t dot = plain.find('.');
  const std::string whole = plain.substr(0, dot);
  std::string decimals = dot == std::string::npos ? "" : plain.substr(dot + 1);
  const auto digits = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (whole.empty() || whole.size() > 12 || !digits(whole) || !digits(decimals) ||
      decimals.size() > 6) {
    return std::nullopt;
  }
  decimals.resize(6, '0');
  return std::strtoll((whole + decimals).c_str(), nullptr, 10);
}

}  // namespace

const std::vector<ImportColumn>& ColumnsOf(ImportKind kind) {
  switch (kind) {
    case ImportKind::kSites:
      return kSiteColumns;
    case ImportKind::kPeople:
      return kPersonColumns;
    case ImportKind::kLaptops:
      return kLaptopColumns;
    case ImportKind::kOrders:
      return kOrderColumns;
    case ImportKind::kReceipts:
      return kReceiptColumns;
    case ImportKind::kWorld:
      break;  // has columns of its own, in world_read.cpp
  }
  return kPersonColumns;
}

absl::StatusOr<ColumnPlan> PlanColumns(const ImportFile& file) {
  return PlanColumns(file, ColumnsOf(file.kind));
}

absl::StatusOr<ColumnPlan> PlanColumns(const ImportFile& file,
                                       const std::vector<ImportColumn>& columns) {
  ColumnPlan plan;
  const auto bad = [](std::string_view what) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_HEADER", fmt::format("line 1: {}", what),
                  "file");
  };
  for (std::size_t i = 0; i < file.headers.size(); ++i) {
    const std::string key = HeaderKey(file.headers[i]);
    const ImportColumn* column = nullptr;
    for (const ImportColumn& candidate : columns) {
      const bool named =
          std::any_of(candidate.headers.begin(), candidate.headers.end(),
                      [&](std::string_view header) { return HeaderKey(header) == key; });
      if (named || HeaderKey(candidate.field) == key) {
        column = &candidate;
        break;
      }
    }
    if (column == nullptr) {
      if (!file.headers[i].empty() && !plan.extra.emplace(file.headers[i], i).second)
        return bad(fmt::format("column \"{}\" occurs twice", file.headers[i]));
    } else if (!plan.field_to_column.emplace(column->field, i).second) {
      return bad(fmt::format("column \"{}\" occurs twice", file.headers[i]));
    }
  }
  for (const ImportColumn& column : columns) {
    if (column.required && !plan.field_to_column.contains(column.field)) {
      return bad(fmt::format("no column is called {}; found: {}",
                             column.headers.empty()
                                 ? std::string(column.field)
                                 : fmt::format("{}", fmt::join(column.headers, " or ")),
                             fmt::join(file.headers, ", ")));
    }
  }
  return plan;
}

std::string_view Cells::Text(std::string_view field) const {
  const auto found = plan_.field_to_column.find(field);
  if (found == plan_.field_to_column.end()) return {};
  return row_.cells[found->second];
}

void Cells::TakeExtra(std::map<std::string, std::string>& extra) const {
  for (const auto& [header, column] : plan_.extra) {
    if (row_.cells[column].empty()) {
      extra.erase(header);
    } else {
      extra.insert_or_assign(header, row_.cells[column]);
    }
  }
}

absl::Status Cells::Bad(std::string_view field, std::string_view what) const {
  const auto found = plan_.field_to_column.find(field);
  const std::string_view header =
      found == plan_.field_to_column.end() ? field : std::string_view(file_.headers[found->second]);
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_CELL",
                fmt::format("{}: \"{}\" {}", header, Text(field).substr(0, 64), what));
}

absl::StatusOr<std::optional<CivilDate>> Cells::Date(std::string_view field) const {
  const std::string_view text = Text(field);
  if (text.empty()) return std::optional<CivilDate>();
  const std::optional<std::array<int, 3>> numbers = ThreeNumbers(text);
  if (!numbers.has_value()) return Bad(field, "is no date (dd/mm/yyyy or yyyy-mm-dd)");
  auto [first, month, last] = *numbers;
  const bool iso = first >= 1000;
  if (!iso && last < 100) last += 2000;
  const CivilDate date = iso ? CivilDate{first, month, last} : CivilDate{last, month, first};
  if (!inventory::IsValid(date)) return Bad(field, "is no date of the calendar");
  return std::optional<CivilDate>(date);
}

absl::StatusOr<std::optional<int>> Cells::Whole(std::string_view field) const {
  const std::string_view text = Text(field);
  if (text.empty()) return std::optional<int>();
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return Bad(field, "is no whole number");
  return std::optional<int>(value);
}

absl::StatusOr<std::optional<bool>> Cells::YesNo(std::string_view field) const {
  const std::string word = inventory::Fold(Text(field));
  if (word.empty()) return std::optional<bool>();
  for (const std::string_view yes : {"oui", "o", "yes", "y", "true", "vrai", "1", "x"}) {
    if (word == yes) return std::optional<bool>(true);
  }
  for (const std::string_view no : {"non", "n", "no", "false", "faux", "0"}) {
    if (word == no) return std::optional<bool>(false);
  }
  return Bad(field, "is neither yes nor no (Oui/Non)");
}

absl::StatusOr<std::optional<Money>> Cells::Amount(std::string_view field,
                                                   std::string_view currency_field) const {
  const std::string_view text = Text(field);
  if (text.empty()) return std::optional<Money>();
  const std::optional<std::int64_t> micros = Micros(PlainNumber(text));
  if (!micros.has_value()) return Bad(field, "is no amount (1 234,56)");
  const std::string_view currency = Text(currency_field);
  return std::optional<Money>(Money{*micros, currency.empty() ? "EUR" : std::string(currency)});
}

std::optional<LaptopState> StateFromWord(std::string_view word) {
  static const std::map<std::string, LaptopState, std::less<>> kWords = {
      {"en stock", LaptopState::kInStock},
      {"stock", LaptopState::kInStock},
      {"in stock", LaptopState::kInStock},
      {"in_stock", LaptopState::kInStock},
      {"en preparation", LaptopState::kPreparing},
      {"preparing", LaptopState::kPreparing},
      {"pret", LaptopState::kPrepared},
      {"prepare", LaptopState::kPrepared},
      {"prepared", LaptopState::kPrepared},
      {"attribue", LaptopState::kAssigned},
      {"affecte", LaptopState::kAssigned},
      {"assigned", LaptopState::kAssigned},
      {"retourne", LaptopState::kReturned},
      {"rendu", LaptopState::kReturned},
      {"returned", LaptopState::kReturned},
      {"en reparation", LaptopState::kInRepair},
      {"in repair", LaptopState::kInRepair},
      {"in_repair", LaptopState::kInRepair},
      {"perdu", LaptopState::kLost},
      {"lost", LaptopState::kLost},
      {"vole", LaptopState::kStolen},
      {"stolen", LaptopState::kStolen},
      {"reforme", LaptopState::kRetired},
      {"retired", LaptopState::kRetired},
  };
  const auto found = kWords.find(inventory::Fold(word));
  if (found == kWords.end()) return std::nullopt;
  return found->second;
}

}  // namespace parc::fleet
