#include <catch2/catch.hpp>
#include <cstdlib>

#include "client/render/bar.h"
#include "client/render/csv.h"
#include "client/render/json.h"
#include "client/render/ladder.h"
#include "client/render/record.h"
#include "client/render/status_screen.h"
#include "client/render/table.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "parc/v1/laptops.pb.h"
#include "tests/client/golden.h"

namespace parc::client::render {
namespace {

TEST_CASE("text is measured as a terminal shows it") {
  struct Row {
    const char* text;
    int width;
  };
  const Row rows[] = {
      {"", 0},
      {"Latitude", 8},
      {"Orléans", 7},
      {"Orle\xCC\x81"
       "ans",
       7},  // a combining accent
      {"東京", 4},
      {"é…–✓", 4},
      {"\xF0\x9F\x92\xBB", 2},  // a laptop, as an emoji
      {"\xFF", 1},              // no UTF-8
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(WidthOf(row.text) == row.width);
  }
}

TEST_CASE("text is UTF-8 up to its first foreign byte") {
  CHECK(Utf8Prefix("") == 0);
  CHECK(Utf8Prefix("été") == 5);
  CHECK(Utf8Prefix("ab\xE9t\xE9") == 2);  // "abété" in Windows-1252
  CHECK(Utf8Prefix("\xFF\xFE") == 0);     // how UTF-16 begins
  CHECK(Utf8Prefix("a\xE2\x82") == 1);    // cut off
}

TEST_CASE("shortened text fits and never cuts a character") {
  CHECK(Shorten("Saint-Étienne-du-Rouvray", 10) == "Saint-Éti…");
  CHECK(Shorten("東京都庁", 5) == "東京…");
  CHECK(Shorten("short", 10) == "short");
  CHECK(Shorten("a long name", 3) == "a…");
  CHECK(Shorten("abc", 0).empty());
  for (int width = 1; width < 12; ++width) {
    CHECK(WidthOf(Shorten("Hélène 東京 d'Orléans", width)) <= width);
  }
}

TEST_CASE("no text of the fleet steers the terminal") {
  CHECK(Printable("a\x1b[31mred\x07") == "a [31mred ");
  CHECK(Printable("two\nlines\tand a tab") == "two lines and a tab");
  CHECK(Printable("\xC2\x9B"
                  "31m") == " 31m");                              // CSI in eight bits
  CHECK(Printable("evil\xE2\x80\xAEtxt.exe") == "evil txt.exe");  // right-to-left override
  CHECK(Printable("b\xFF\xC3") == "b\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(Printable("Hélène") == "Hélène");
}

const std::vector<Column> kLaptopColumns = {
    {"Asset tag", false, false, 0}, {"Serial", false, false, 3},   {"Model", false, true, 0},
    {"State", false, false, 0},     {"Held by", false, true, 0},   {"Site", false, true, 1},
    {"Readiness", false, false, 0}, {"Last seen", false, false, 2}};

const std::vector<std::vector<Cell>> kLaptops = {
    {{"PF0ABCDE"},
     {"PF0ABCDE"},
     {"Latitude 5400"},
     {"ASSIGNED"},
     {"Hélène Lefèvre-Beauséjour"},
     {"Orléans (siège)"},
     {"READY", Style::kGood},
     {"2020-03-18 08:42"}},
    {{"PF0ABCDF"},
     {"PF0ABCDF"},
     {"ThinkPad X1 Carbon de 7e génération, clavier français"},
     {"IN_STOCK"},
     {""},
     {"Réserve d'Orléans"},
     {""},
     {""}},
    {{"PF0ABCDG"},
     {"7XQ2W13"},
     {"Let's note 東京モデル"},
     {"IN_REPAIR"},
     {"Zoé Ménard"},
     {"Châteauroux"},
     {"NOT_READY", Style::kBad},
     {"2020-03-17 19:05"}}};

TEST_CASE("a table fits the terminal that it is for") {
  for (const int width : {60, 80, 120, 200}) {
    const std::string text = Table(kLaptopColumns, kLaptops, {.width = width});
    CHECK(text == Golden("laptops_" + std::to_string(width) + ".txt", text));
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', start)) {
      CHECK(WidthOf(std::string_view(text).substr(start, end - start)) <= width);
      start = end + 1;
    }
  }
}

TEST_CASE("a table for a file is as wide as it needs to be") {
  const std::string text = Table(kLaptopColumns, kLaptops, {.width = 0});
  CHECK(text.find("…") == std::string::npos);
  CHECK(text.find("ThinkPad X1 Carbon de 7e génération, clavier français") != std::string::npos);
}

TEST_CASE("colours do not change what a table measures") {
  const std::string plain = Table(kLaptopColumns, kLaptops, {.width = 80});
  std::string coloured = Table(kLaptopColumns, kLaptops, {.width = 80, .colour = true});
  CHECK(coloured != plain);
  for (std::size_t escape = coloured.find('\x1b'); escape != std::string::npos;
       escape = coloured.find('\x1b')) {
    coloured.erase(escape, coloured.find('m', escape) - escape + 1);
  }
  CHECK(coloured == plain);
}

TEST_CASE("a cell is never a formula of the reader's spreadsheet") {
  for (const char* text : {"=1+1", "+33 2 38", "-cmd", "@SUM(A1)", "\t=1"}) {
    INFO(text);
    CHECK(ForCsv({Kind::kText, text}, Dialect::kPlain) == std::string("'") + text);
  }
  CHECK(ForCsv({Kind::kNumber, "-5"}, Dialect::kPlain) == "-5");
  CHECK(ForCsv({Kind::kText, "a=b"}, Dialect::kPlain) == "a=b");
}

TEST_CASE("CSV is quoted where it must be, and French where it is asked to be") {
  const std::vector<Value> row = {{Kind::kText, "Lefèvre; Hélène"}, {Kind::kNumber, "1234.50"},
                                  {Kind::kDate, "2020-03-18"},      {Kind::kBool, "true"},
                                  {Kind::kText, "said \"no\""},     {Kind::kText, ""}};
  CHECK(CsvRow(row, Dialect::kPlain) ==
        "Lefèvre; Hélène,1234.50,2020-03-18,true,\"said \"\"no\"\"\",\n");
  CHECK(CsvRow(row, Dialect::kFrenchExcel) ==
        "\"Lefèvre; Hélène\";1234,50;18/03/2020;Oui;\"said \"\"no\"\"\";\r\n");
  CHECK(CsvStart(Dialect::kFrenchExcel) == "\xEF\xBB\xBF");
  CHECK(CsvStart(Dialect::kPlain).empty());
}

TEST_CASE("numbers, shares and dates are written in the user's language") {
  CHECK(Count(3600, Language::kEnglish) == "3,600");
  CHECK(Count(3600, Language::kFrench) ==
        "3\xE2\x80\xAF"
        "600");
  CHECK(Count(-1234567, Language::kEnglish) == "-1,234,567");
  CHECK(Count(999, Language::kEnglish) == "999");
  CHECK(Bytes(25276514304, Language::kEnglish) == "23.5 GiB");
  CHECK(Bytes(1536, Language::kFrench) == "1,5 Kio");
  CHECK(Bytes(512, Language::kFrench) == "512 o");
  CHECK(Percent(720, 900, Language::kEnglish) == "80.0 %");
  CHECK(Percent(620, 900, Language::kEnglish) == "68.9 %");
  CHECK(Percent(720, 900, Language::kFrench) == "80,0\xC2\xA0%");
  CHECK(Percent(8999, 9000, Language::kEnglish) == "99.9 %");  // not 100 before it is
  CHECK(Percent(0, 0, Language::kEnglish) == "–");
  CHECK(Date("2020-03-18", Language::kFrench) == "18/03/2020");
  CHECK(Date("2020-03-18", Language::kEnglish) == "2020-03-18");
  CHECK(Span(45, Language::kEnglish) == "45 seconds");
  CHECK(Span(86400, Language::kFrench) == "1 jour");
  CHECK(Span(7 * 3600, Language::kFrench) == "7 heures");
}

TEST_CASE("times are shown in the zone of this machine") {
  ::setenv("TZ", "Europe/Paris", 1);
  ::tzset();
  const Value time{Kind::kTime, "2020-03-18T07:42:11Z"};
  CHECK(ForTable(time, Language::kEnglish) == "2020-03-18 08:42");
  CHECK(ForTable(time, Language::kFrench) == "18/03/2020 08:42");
  CHECK(ForTable({Kind::kTime, "soon"}, Language::kEnglish) == "soon");
}

TEST_CASE("a bar is full only when all is reached") {
  CHECK(Bar(0, 10, 4) == "░░░░");
  CHECK(Bar(5, 10, 4) == "██░░");
  CHECK(Bar(10, 10, 4) == "████");
  CHECK(Bar(999, 1000, 4) == "███▉");
  CHECK(WidthOf(Bar(1, 3, 10)) == 10);
  CHECK(WidthOf(Bar(1, 0, 10)) == 10);
}

TEST_CASE("JSON has the same bytes each time, with maps in order and empty fields written") {
  v1::Laptop laptop;
  laptop.set_asset_tag("PF0ABCDE");
  for (const char* name : {"os.version", "os.name", "hardware.memory_bytes", "tpm2"}) {
    (*laptop.mutable_facts())[name] = "x";
  }
  const std::string first = Json(laptop, false);
  for (int i = 0; i < 20; ++i) {
    v1::Laptop again;
    again.ParseFromString(laptop.SerializeAsString());
    CHECK(Json(again, false) == first);
  }
  CHECK(first.find(
            R"("facts":{"hardware.memory_bytes":"x","os.name":"x","os.version":"x","tpm2":"x"})") !=
        std::string::npos);
  CHECK(first.find(R"("holderName":"")") != std::string::npos);
}

v1::GetStatusResponse CaseStatus() {
  v1::GetStatusResponse status;
  const auto add = [&](const char* population, int needed, int equipped, int ready) {
    v1::Coverage& row = *status.add_coverage();
    row.set_population(population);
    row.set_needed(needed);
    row.set_equipped(equipped);
    row.set_ready(ready);
    row.set_waiting(needed - equipped);
  };
  add("headquarters", 900, 720, 310);
  add("elected-members", 36, 36, 0);
  v1::Coverage& total = *status.mutable_total();
  total.set_needed(936);
  total.set_equipped(756);
  total.set_ready(310);
  total.set_waiting(180);
  v1::Stock& stock = *status.mutable_stock();
  stock.set_assigned(756);
  stock.set_in_repair(3);
  stock.set_on_order(200);
  stock.set_ready(310);
  stock.set_not_ready(12);
  stock.set_unknown(434);
  v1::Alert& alert = *status.add_alerts();
  alert.set_reason("ORDERS_LATE");
  alert.set_message_en("2 order lines are open after their promised date");
  alert.set_message_fr("2 lignes de commande sont ouvertes après leur date promise");
  status.mutable_as_of_date()->set_year(2020);
  status.mutable_as_of_date()->set_month(3);
  status.mutable_as_of_date()->set_day(20);
  return status;
}

TEST_CASE("the status screen says the case's figures") {
  const std::string plain = StatusScreen(CaseStatus(), {});
  CHECK(plain.find("720 of 900") != std::string::npos);
  CHECK(plain.find("80.0 %") != std::string::npos);
  CHECK(plain == Golden("status_plain.txt", plain));
  for (const int width : {80, 200}) {
    for (const Language language : {Language::kEnglish, Language::kFrench}) {
      const std::string name = "status_" + std::to_string(width) +
                               (language == Language::kFrench ? "_fr" : "_en") + ".txt";
      const std::string text =
          StatusScreen(CaseStatus(), {.language = language, .width = width, .bars = true});
      CHECK(text == Golden(name, text));
    }
  }
}

v1::Readiness BrokenReadiness() {
  v1::Readiness readiness;
  readiness.set_verdict(v1::VERDICT_NOT_READY);
  const auto add = [&](const char* check, v1::CheckSeverity severity, v1::CheckOutcome outcome,
                       const char* title_en, const char* title_fr) -> v1::CheckResult& {
    v1::CheckResult& result = *readiness.add_checks();
    result.set_check(check);
    result.set_severity(severity);
    result.set_outcome(outcome);
    result.set_title_en(title_en);
    result.set_title_fr(title_fr);
    result.mutable_since_time()->set_seconds(1584517320);  // 2020-03-18 08:42 in Paris
    return result;
  };
  add("net-online", v1::CHECK_SEVERITY_BLOCKER, v1::CHECK_OUTCOME_PASS,
      "The laptop has a way to the Internet", "Le poste a un accès à Internet");
  v1::CheckResult& updates =
      add("updates-security", v1::CHECK_SEVERITY_DEGRADES, v1::CHECK_OUTCOME_FAIL,
          "Security updates are installed", "Les mises à jour de sécurité sont installées");
  updates.set_evidence("updates.security_pending = 7");
  updates.set_in_grace(true);
  updates.set_remedy_en("Install the updates, then restart.");
  updates.set_remedy_fr("Installer les mises à jour puis redémarrer.");
  v1::CheckResult& gateway =
      add("vpn-gateway-reach", v1::CHECK_SEVERITY_BLOCKER, v1::CHECK_OUTCOME_FAIL,
          "A VPN gateway answers", "Une passerelle VPN répond");
  gateway.set_evidence("vpn.gateway.answer = SILENT");
  gateway.set_remedy_en("Gateway unreachable: try another network, then call.");
  gateway.set_remedy_fr("Passerelle injoignable : essayer un autre réseau puis appeler.");
  v1::CheckResult& encryption =
      add("disk-encryption", v1::CHECK_SEVERITY_BLOCKER, v1::CHECK_OUTCOME_UNKNOWN,
          "The disk is encrypted", "Le disque est chiffré");
  encryption.set_evidence("needs the root collector");
  encryption.set_remedy_en("Re-install with disk encryption.");
  add("secure-boot", v1::CHECK_SEVERITY_INFO, v1::CHECK_OUTCOME_NOT_APPLICABLE, "Secure Boot is on",
      "Secure Boot est actif");
  return readiness;
}

TEST_CASE("the ladder gives the remedy of every check that fails, bold at the first that blocks") {
  ::setenv("TZ", "Europe/Paris", 1);
  ::tzset();
  for (const Language language : {Language::kEnglish, Language::kFrench}) {
    for (const int width : {80, 200}) {
      const std::string text = Ladder(BrokenReadiness(), {.language = language, .width = width});
      CHECK(text == Golden("why_" + std::to_string(width) +
                               (language == Language::kFrench ? "_fr" : "_en") + ".txt",
                           text));
      CHECK(text.find("Re-install") == std::string::npos);
    }
  }
}

TEST_CASE(
    "what is broken now is the rung to climb, also while it is tolerated, and says until when") {
  ::setenv("TZ", "Europe/Paris", 1);
  ::tzset();
  v1::Readiness readiness = BrokenReadiness();
  v1::CheckResult& gateway = *readiness.mutable_checks(2);
  gateway.set_in_grace(true);
  gateway.mutable_counts_time()->set_seconds(gateway.since_time().seconds() + 1800);
  const auto drawn = [&](Language language) {
    return Ladder(readiness, {.language = language, .width = 200, .colour = true});
  };
  // Bold is what the technician reads first: not the disk that cannot be told, further up.
  const std::string english = drawn(Language::kEnglish);
  CHECK(english.find("\x1b[1m    → Gateway unreachable") != std::string::npos);
  CHECK(english.find("fails, still tolerated, counts from 2020-03-18 09:12 (vpn-gateway-reach), "
                     "blocks: vpn.gateway.answer = SILENT") != std::string::npos);
  CHECK(drawn(Language::kFrench)
            .find("échec, encore toléré, compte à partir du 18/03/2020 09:12 "
                  "(vpn-gateway-reach), bloque") != std::string::npos);
}

TEST_CASE("an empty fleet, and one as it was recorded earlier, say so") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const std::string empty = StatusScreen({}, {.nobody = true});
  CHECK(empty.find("There is nobody yet: parc import people FILE\n") != std::string::npos);
  CHECK(StatusScreen({}, {}).find("Nobody needs a laptop.") != std::string::npos);
  CHECK(StatusScreen(CaseStatus(), {.language = Language::kFrench, .known_at = 1584777600'000000})
            .rfind("Le parc au 20/03/2020, tel qu'enregistré au 21/03/2020 08:00\n", 0) == 0);
}

TEST_CASE("a record leaves out what is not known and folds what is long") {
  const std::vector<RecordGroup> groups = {
      {"", {{"Asset tag", {"PF0ABCDE"}}, {"Serial", {""}}, {"Model", {"Latitude 5400"}}}},
      {"Facts of the newest report",
       {{"network.macs", {"02:42:ac:11:00:02, 02:42:ac:11:00:03, 02:42:ac:11:00:04"}}}},
      {"Nothing here", {{"Empty", {""}}}}};
  const std::string text = Record(groups, 60, false);
  CHECK(text == Golden("record_60.txt", text));
}

}  // namespace
}  // namespace parc::client::render
