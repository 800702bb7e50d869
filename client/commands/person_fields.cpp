#include "client/commands/person_fields.h"

#include <map>

#include "client/proto_text.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::Person;
using v1::Site;

Value TextOf(std::string text) { return {Kind::kText, std::move(text)}; }

std::string YesNo(bool value) { return value ? "true" : "false"; }

std::string Laptops(const Person& person) {
  std::vector<std::string> tags;
  for (const std::string& name : person.laptops()) tags.push_back(IdOf(name));
  return fmt::format("{}", fmt::join(tags, ", "));
}

Value Equipped(const Person& person) {
  const bool waits = person.needs_laptop() && !person.equipped();
  return {Kind::kBool, YesNo(person.equipped()), waits ? Style::kWarn : Style::kPlain};
}

std::vector<PersonField> MakePersonFields() {
  return {
      {.name = "id",
       .header = {"Id", "Matricule"},
       .usual = true,
       .get = [](const Person& p) { return TextOf(p.id()); }},
      {.name = "name",
       .header = {"Name", "Nom"},
       .usual = true,
       .shrinks = true,
       .get = [](const Person& p) { return TextOf(p.display_name()); }},
      {.name = "mail",
       .header = {"Mail", "Courriel"},
       .usual = true,
       .rank = 5,
       .shrinks = true,
       .get = [](const Person& p) { return TextOf(p.mail()); }},
      {.name = "unit",
       .header = {"Unit", "Direction"},
       .usual = true,
       .rank = 3,
       .shrinks = true,
       .get = [](const Person& p) { return TextOf(p.organisation_unit()); }},
      {.name = "population",
       .header = {"Population", "Population"},
       .usual = true,
       .rank = 1,
       .shrinks = true,
       .get = [](const Person& p) { return TextOf(p.population()); }},
      {.name = "site",
       .header = {"Site", "Site"},
       .usual = true,
       .rank = 2,
       .shrinks = true,
       .get = [](const Person& p) { return TextOf(IdOf(p.site())); }},
      {.name = "tier",
       .header = {"Tier", "Priorité"},
       .kind = Kind::kNumber,
       .usual = true,
       .get =
           [](const Person& p) {
             return TextOf(p.tier() == 0 ? "" : fmt::format("{}", p.tier()));
           }},
      {.name = "needs_laptop",
       .header = {"Needs one", "Besoin"},
       .kind = Kind::kBool,
       .usual = true,
       .rank = 4,
       .get = [](const Person& p) { return TextOf(YesNo(p.needs_laptop())); }},
      {.name = "telework",
       .header = {"Telework", "Télétravail"},
       .usual = true,
       .rank = 6,
       .get =
           [](const Person& p) {
             return TextOf(Word(v1::Telework_Name(p.telework()), "TELEWORK_"));
           }},
      {.name = "equipped",
       .header = {"Equipped", "Équipé"},
       .kind = Kind::kBool,
       .usual = true,
       .get = Equipped},
      {.name = "laptops",
       .header = {"Laptops", "Portables"},
       .kind = Kind::kList,
       .usual = true,
       .get = [](const Person& p) { return TextOf(Laptops(p)); }},
      {.name = "start",
       .header = {"Start", "Arrivée"},
       .kind = Kind::kDate,
       .get = [](const Person& p) { return TextOf(IsoDate(p.start_date())); }},
      {.name = "end",
       .header = {"End", "Départ"},
       .kind = Kind::kDate,
       .get = [](const Person& p) { return TextOf(IsoDate(p.end_date())); }},
  };
}

}  // namespace

const std::vector<PersonField>& PersonFields() {
  static const std::vector<PersonField> fields = MakePersonFields();
  return fields;
}

const std::vector<PersonField>& PersonExportFields() {
  static const std::vector<PersonField> fields = [] {
    std::vector<PersonField> chosen;
    for (PersonField field : PersonFields()) {
      if (field.name == "equipped" || field.name == "laptops") continue;  // not of the record
      field.usual = true;
      chosen.push_back(std::move(field));
    }
    return chosen;
  }();
  return fields;
}

const std::vector<SiteField>& SiteFields() {
  static const std::vector<SiteField> fields = {
      {.name = "code",
       .header = {"Code", "Code"},
       .usual = true,
       .get = [](const Site& s) { return TextOf(s.code()); }},
      {.name = "name",
       .header = {"Name", "Nom"},
       .usual = true,
       .shrinks = true,
       .get = [](const Site& s) { return TextOf(s.display_name()); }},
      {.name = "department",
       .header = {"Department", "Département"},
       .usual = true,
       .shrinks = true,
       .get = [](const Site& s) { return TextOf(s.department()); }},
      {.name = "parent",
       .header = {"Belongs to", "Dépend de"},
       .usual = true,
       .get = [](const Site& s) { return TextOf(IdOf(s.parent())); }},
  };
  return fields;
}

std::vector<v1::Site> ParentsFirst(const std::vector<v1::Site>& sites) {
  std::map<std::string, std::size_t> by_code;
  for (std::size_t i = 0; i < sites.size(); ++i) by_code.emplace(sites[i].code(), i);
  std::vector<bool> placed(sites.size());
  std::vector<v1::Site> ordered;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    std::vector<std::size_t> chain;  // from a site up to a parent that is placed or not in the list
    for (std::size_t at = i; !placed[at];) {
      placed[at] = true;
      chain.push_back(at);
      const auto parent = by_code.find(IdOf(sites[at].parent()));
      if (parent != by_code.end()) at = parent->second;
    }
    for (auto site = chain.rbegin(); site != chain.rend(); ++site) ordered.push_back(sites[*site]);
  }
  return ordered;
}

std::string PersonSentence(const Person& person, Language language) {
  std::string sentence =
      fmt::format("{} ({})", render::Printable(person.display_name()), person.id());
  if (!person.population().empty()) sentence += ", " + render::Printable(person.population());
  if (person.tier() != 0) {
    sentence += fmt::format(", {} {}", Text{"tier", "priorité"}.In(language), person.tier());
  }
  return sentence;
}

}  // namespace parc::client
