#include "client/commands/laptop_fields.h"

#include "client/proto_text.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::Laptop;

Value TextOf(std::string text) { return {Kind::kText, std::move(text)}; }

std::string StateName(const Laptop& laptop) {
  return Word(v1::LaptopState_Name(laptop.state()), "LAPTOP_STATE_");
}

std::string VerdictName(const Laptop& laptop) {
  return Word(v1::Verdict_Name(laptop.verdict()), "VERDICT_");
}

std::string Tags(const Laptop& laptop) { return fmt::format("{}", fmt::join(laptop.tags(), ", ")); }

// The record's columns in the order of the table; what is not `usual` is for --columns.
std::vector<LaptopField> MakeLaptopFields() {
  std::vector<LaptopField> fields;
  const auto add = [&](std::string name, Text header, Kind kind, auto get) -> LaptopField& {
    fields.push_back({.name = std::move(name), .header = header, .kind = kind, .get = get});
    return fields.back();
  };
  const auto usual = [](LaptopField& field, int rank, bool shrinks) {
    field.usual = true;
    field.rank = rank;
    field.shrinks = shrinks;
  };
  usual(add("asset_tag", {"Asset tag", "Étiquette"}, Kind::kText,
            [](const Laptop& l) { return TextOf(l.asset_tag()); }),
        0, false);
  usual(add("serial", {"Serial", "N° de série"}, Kind::kText,
            [](const Laptop& l) { return TextOf(l.serial()); }),
        3, false);
  usual(add("manufacturer", {"Manufacturer", "Fabricant"}, Kind::kText,
            [](const Laptop& l) { return TextOf(l.manufacturer()); }),
        6, true);
  usual(add("model", {"Model", "Modèle"}, Kind::kText,
            [](const Laptop& l) { return TextOf(l.model()); }),
        0, true);
  usual(add("state", {"State", "État"}, Kind::kText,
            [](const Laptop& l) {
              return Value{Kind::kText, StateName(l), StyleOf(l.state())};
            }),
        0, false);
  usual(add("state_since", {"Since", "Depuis"}, Kind::kDate,
            [](const Laptop& l) { return TextOf(IsoDate(l.state_since_date())); }),
        5, false);
  usual(add("holder", {"Holder", "Matricule"}, Kind::kText,
            [](const Laptop& l) { return TextOf(IdOf(l.holder())); }),
        4, false);
  usual(add("holder.name", {"Held by", "Détenteur"}, Kind::kText,
            [](const Laptop& l) { return TextOf(l.holder_name()); }),
        0, true);
  usual(add("site", {"Site", "Site"}, Kind::kText,
            [](const Laptop& l) { return TextOf(IdOf(l.site())); }),
        1, true);
  usual(add("readiness", {"Readiness", "Aptitude"}, Kind::kText,
            [](const Laptop& l) {
              return Value{Kind::kText, VerdictName(l), StyleOf(l.verdict())};
            }),
        0, false);
  usual(add("last_seen", {"Last seen", "Vu le"}, Kind::kTime,
            [](const Laptop& l) { return TextOf(IsoTime(l.last_seen_time())); }),
        2, false);
  add("order_line", {"Order line", "Ligne de commande"}, Kind::kText,
      [](const Laptop& l) { return TextOf(LineId(l.order_line())); });
  add("purchase_date", {"Purchased", "Acheté le"}, Kind::kDate,
      [](const Laptop& l) { return TextOf(IsoDate(l.purchase_date())); });
  add("price", {"Price", "Prix"}, Kind::kNumber,
      [](const Laptop& l) { return TextOf(Amount(l.price())); });
  add("currency", {"Currency", "Devise"}, Kind::kText,
      [](const Laptop& l) { return TextOf(l.price().currency_code()); });
  add("warranty_end", {"Warranty end", "Fin de garantie"}, Kind::kDate,
      [](const Laptop& l) { return TextOf(IsoDate(l.warranty_end_date())); });
  add("end_of_life", {"End of life", "Fin de vie"}, Kind::kDate,
      [](const Laptop& l) { return TextOf(IsoDate(l.end_of_life_date())); });
  add("tags", {"Tags", "Mots-clés"}, Kind::kList, [](const Laptop& l) {
    return TextOf(Tags(l));
  }).shrinks = true;
  add("notes", {"Notes", "Remarques"}, Kind::kText, [](const Laptop& l) {
    return TextOf(l.notes());
  }).shrinks = true;
  return fields;
}

// What an import reads, by the names that it knows.
std::vector<LaptopField> MakeExportFields() {
  std::vector<LaptopField> fields;
  for (const char* name : {"asset_tag", "serial", "manufacturer", "model", "state", "holder",
                           "site", "state_since", "purchase_date", "price", "currency",
                           "warranty_end", "end_of_life", "order_line", "tags", "notes"}) {
    for (const LaptopField& field : LaptopFields()) {
      if (field.name == name) fields.push_back(field);
    }
    fields.back().usual = true;
    if (fields.back().name == "state_since") fields.back().name = "effective";
  }
  return fields;
}

struct StateText {
  v1::LaptopState state;
  Text text;
};

constexpr StateText kStates[] = {
    {v1::LAPTOP_STATE_IN_STOCK, {"in stock", "en stock"}},
    {v1::LAPTOP_STATE_PREPARING, {"being prepared", "en préparation"}},
    {v1::LAPTOP_STATE_PREPARED, {"prepared", "préparé"}},
    {v1::LAPTOP_STATE_ASSIGNED, {"assigned", "attribué"}},
    {v1::LAPTOP_STATE_RETURNED, {"returned", "rendu"}},
    {v1::LAPTOP_STATE_IN_REPAIR, {"in repair", "en réparation"}},
    {v1::LAPTOP_STATE_LOST, {"lost", "perdu"}},
    {v1::LAPTOP_STATE_STOLEN, {"stolen", "volé"}},
    {v1::LAPTOP_STATE_RETIRED, {"retired", "réformé"}},
};

struct VerdictText {
  v1::Verdict verdict;
  Text text;
  Style style;
};

constexpr VerdictText kVerdicts[] = {
    {v1::VERDICT_READY, {"ready", "apte"}, Style::kGood},
    {v1::VERDICT_DEGRADED, {"degraded", "dégradé"}, Style::kWarn},
    {v1::VERDICT_NOT_READY, {"not ready", "inapte"}, Style::kBad},
    {v1::VERDICT_UNKNOWN, {"unknown", "inconnu"}, Style::kDim},
    {v1::VERDICT_STALE, {"stale", "périmé"}, Style::kDim},
};

}  // namespace

const std::vector<LaptopField>& LaptopFields() {
  static const std::vector<LaptopField> fields = MakeLaptopFields();
  return fields;
}

const std::vector<LaptopField>& LaptopExportFields() {
  static const std::vector<LaptopField> fields = MakeExportFields();
  return fields;
}

Style StyleOf(v1::Verdict verdict) {
  for (const VerdictText& row : kVerdicts) {
    if (row.verdict == verdict) return row.style;
  }
  return Style::kDim;
}

Style StyleOf(v1::LaptopState state) {
  const bool gone = state == v1::LAPTOP_STATE_LOST || state == v1::LAPTOP_STATE_STOLEN;
  return gone ? Style::kBad : Style::kPlain;
}

std::string_view StateWords(v1::LaptopState state, Language language) {
  for (const StateText& row : kStates) {
    if (row.state == state) return row.text.In(language);
  }
  return "?";
}

std::string_view VerdictWords(v1::Verdict verdict, Language language) {
  for (const VerdictText& row : kVerdicts) {
    if (row.verdict == verdict) return row.text.In(language);
  }
  return Text{"not judged", "pas jugé"}.In(language);
}

std::string LaptopSentence(const Laptop& laptop, Language language) {
  const bool french = language == Language::kFrench;
  std::string sentence = laptop.asset_tag() + (french ? " : " : ": ");
  sentence += StateWords(laptop.state(), language);
  if (!laptop.holder().empty()) {
    const bool held = laptop.state() == v1::LAPTOP_STATE_ASSIGNED;
    sentence += held ? (french ? " à " : " to ") : (french ? ", détenteur " : ", held by ");
    sentence +=
        fmt::format("{} ({})", render::Printable(laptop.holder_name()), IdOf(laptop.holder()));
  }
  const std::string since = IsoDate(laptop.state_since_date());
  if (!since.empty()) {
    sentence +=
        fmt::format(", {} {}", french ? "depuis le" : "since", render::Date(since, language));
  }
  return sentence;
}

}  // namespace parc::client
