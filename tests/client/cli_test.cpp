#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "client/render/width.h"
#include "tests/client/desk.h"

namespace parc::client {
namespace {

using test::WriteFile;

TEST_CASE("login proves the token, and keeps it where nobody else reads it") {
  Desk desk;
  const Outcome login = desk.LogIn();
  CHECK(login.exit == 0);
  CHECK(login.out.empty());
  CHECK(Has(login.err, "Zoé Ménard, technician"));
  struct stat about {};
  REQUIRE(::stat(desk.File("parc/token").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK(desk.Run({"whoami"}).out == "Zoé Ménard, technician (" + desk.fake.address() + ")\n");
  CHECK(desk.Run({"logout"}).exit == 0);
  const Outcome after = desk.Run({"whoami"});
  CHECK(after.exit == Code(Exit::kAccess));
  CHECK(Has(after.err, "parc login"));
}

TEST_CASE("a token that others may read is refused with the way to mend it") {
  Desk desk;
  desk.Protect(0644);
  const Outcome login = desk.LogIn();
  CHECK(login.exit == Code(Exit::kAccess));
  CHECK(Has(login.err, "mode 0644"));
  CHECK(Has(login.err, "chmod 600"));
  CHECK(desk.fake.calls() == 0);
  desk.Protect(0600);
  REQUIRE(desk.LogIn().exit == 0);
  ::chmod(desk.File("parc/token").c_str(), 0640);
  CHECK(desk.Run({"status"}).exit == Code(Exit::kAccess));
}

TEST_CASE("a server that is not the one of the certificate gets no token") {
  Desk desk;
  WriteFile(desk.File("root.pem"), FakeParc().root_pem());
  const Outcome login = desk.LogIn();
  CHECK(login.exit == Code(Exit::kUnavailable));
  CHECK(Has(login.err, "certificate"));
  CHECK(desk.fake.calls() == 0);
}

TEST_CASE("a wrong token is an access problem, no server is another") {
  Desk desk;
  WriteFile(desk.File("login.token"), "parcP1.other");
  desk.Protect(0600);
  const Outcome refused = desk.LogIn();
  CHECK(refused.exit == Code(Exit::kAccess));
  CHECK(
      Has(refused.err, desk.File("login.token").string() + "; ask for a new one: parc token new"));
  LoggedIn absent;
  absent.setting.environment["PARC_SERVER"] = "localhost:1";
  const Outcome nobody = absent.Run({"status"});
  CHECK(nobody.exit == Code(Exit::kUnavailable));
  CHECK(Has(nobody.err, "cannot reach the Parc server at localhost:1"));
  CHECK(Has(nobody.err, "8445"));
  CHECK(nobody.out.empty());
}

TEST_CASE("wrong usage ends with 2 and says what was meant") {
  LoggedIn desk;
  struct Row {
    Words words;
    const char* said;
  };
  const Row rows[] = {
      {{"statsu"}, "did you mean: parc status"},
      {{"laptop", "shwo"}, "did you mean: parc laptop show"},
      {{"laptop"}, "needs one of: show"},
      {{"laptops", "--colums", "a"}, "did you mean --columns"},
      {{"laptops", "--columns", "serail"}, "did you mean serial?"},
      {{"laptops", "-o", "xml"}, "--output is table, json or csv, not \"xml\""},
      {{"import", "persons", "x.csv"},
       "KIND is people, laptops, sites, orders, receipts or world, not"},
      {{"laptops", "--csv-dialect", "fr-excel", "-o", "json"}, "not for -o json"},
      {{"export", "people", "--csv-dialect", "fr-excel", "-o", "json"}, "not for -o json"},
      {{"assign", "PF000001"}, "PERSON is missing"},
      {{"assign", "PF000001", "p-1", "extra"}, "unexpected argument"},
      {{"assign", "PF000001", "p-1", "--on", "tomorrowish"}, "is not a day"},
      {{"laptops", "--as-of", "2020-02-30"}, "is not a day"},
      {{"status", "--lang", "de"}, "--lang takes en or fr"},
      {{"login", "--server", "parc", "--ca", "x", "--token-file", "y"}, "has no port"},
      {{}, "Usage: parc VERB"},
  };
  for (const Row& row : rows) {
    INFO(row.said);
    const Outcome outcome = desk.Run(row.words);
    CHECK(outcome.exit == Code(Exit::kUsage));
    CHECK(Has(outcome.err, row.said));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("help is data, and every verb has some in both languages") {
  LoggedIn desk;
  const Outcome overview = desk.Run({"--help"});
  CHECK(overview.exit == 0);
  CHECK(Has(overview.out, "assign"));
  for (const char* verb : {"laptops", "import", "why", "enrol new", "order create"}) {
    Words words = {"help"};
    std::string path = verb;
    const std::size_t blank = path.find(' ');
    words.push_back(path.substr(0, blank));
    if (blank != std::string::npos) words.push_back(path.substr(blank + 1));
    INFO(verb);
    CHECK(Has(desk.Run(words).out, "Usage: parc " + path));
    words.insert(words.end(), {"--lang", "fr"});
    CHECK(Has(desk.Run(words).out, "Usage : parc " + path));
  }
  CHECK(Has(desk.Run({"--version"}).out, "parc 0."));
}

TEST_CASE("a caret shows where a filter is wrong, counted in characters") {
  LoggedIn desk;
  const Outcome outcome = desk.Run({"laptops", "site = \"Orléans\" AND state = PREPRED"});
  CHECK(outcome.exit == Code(Exit::kUsage));
  const std::size_t filter = outcome.err.find("    site = \"Orléans\" AND state = PREPRED\n");
  REQUIRE(filter != std::string::npos);
  const std::string below = outcome.err.substr(outcome.err.find('\n', filter) + 1);
  CHECK(below.substr(0, below.find('\n')) == "    " + std::string(29, ' ') + "^");
}

TEST_CASE("what is not there, and what conflicts, have codes of their own") {
  LoggedIn desk;
  CHECK(desk.Run({"laptop", "show", "NOPE"}).exit == Code(Exit::kNotFound));
  REQUIRE(desk.Run({"assign", "PF000001", "p-00142"}).exit == 0);
  const Outcome again = desk.Run({"assign", "PF000001", "p-00143"});
  CHECK(again.exit == Code(Exit::kConflict));
  CHECK(Has(again.err, "possible now: RESTOCK"));
  const Outcome nobody = desk.Run({"history", "nobody"});
  CHECK(nobody.exit == Code(Exit::kNotFound));
  CHECK(Has(nobody.err, "neither a laptop nor a person is called \"nobody\""));
}

TEST_CASE("a list is followed page by page to its end") {
  LoggedIn desk;
  for (int i = 0; i < 250; ++i) {
    v1::Laptop laptop;
    laptop.set_asset_tag("Q" + std::to_string(1000 + i));
    laptop.set_holder_name("Hélène " + std::to_string(i));
    desk.fake.AddLaptop(laptop);
  }
  for (const char* format : {"table", "csv", "json"}) {
    INFO(format);
    const int before = desk.fake.pages();
    const Outcome list = desk.Run({"laptops", "-o", format});
    CHECK(list.exit == 0);
    CHECK(desk.fake.pages() - before == 3);
    CHECK(Has(list.out, "PF000001"));
    CHECK(Has(list.out, "Q1249"));
    CHECK(std::count(list.out.begin(), list.out.end(), '\n') >= 253);
  }
  CHECK(desk.Run({"laptops", "-o", "json"}).out == desk.Run({"laptops", "-o", "json"}).out);
}

TEST_CASE("a table fits its terminal, and a file gets all of it") {
  LoggedIn desk;
  v1::Laptop laptop = desk.fake.Laptop("PF000001");
  laptop.set_holder_name("Marie-Hélène Lefèvre de la Beauséjour-Saint-Étienne");
  laptop.set_model("Let's note 東京モデル, clavier français");
  desk.fake.AddLaptop(laptop);
  const Outcome narrow = desk.RunWith({"laptops"}, 80);
  CHECK(narrow.exit == 0);
  std::string plain = narrow.out;
  for (std::size_t at = plain.find('\x1b'); at != std::string::npos; at = plain.find('\x1b')) {
    plain.erase(at, plain.find('m', at) - at + 1);
  }
  for (std::size_t start = 0, end = 0; (end = plain.find("\r\n", start)) != std::string::npos;
       start = end + 2) {
    CHECK(render::WidthOf(std::string_view(plain).substr(start, end - start)) <= 80);
  }
  CHECK(Has(plain, "…"));
  CHECK(Has(narrow.out, "\x1b["));
  CHECK_FALSE(Has(desk.Run({"laptops"}).out, "…"));
  CHECK_FALSE(Has(desk.Run({"laptops"}).out, "\x1b["));
  CHECK_FALSE(Has(desk.RunWith({"laptops", "--no-color"}, 80).out, "\x1b["));
  desk.setting.environment["NO_COLOR"] = "1";
  CHECK_FALSE(Has(desk.RunWith({"laptops"}, 80).out, "\x1b["));
}

TEST_CASE("columns are chosen by name, facts of the reports among them") {
  LoggedIn desk;
  CHECK(desk.Run({"laptops", "-o", "csv", "--columns", "asset_tag,os.version"}).out ==
        "asset_tag,os.version\nPF000001,24.04\nPF000002,24.04\nPF000003,24.04\n");
  const Outcome bare =
      desk.Run({"laptops", "--columns", "asset_tag", "--no-headers", "--lang", "fr"});
  CHECK(bare.out == "PF000001\nPF000002\nPF000003\n");
  const Outcome more = desk.Run({"laptops", "--columns", "+os.version"});
  CHECK(Has(more.out, "Latitude 5400"));
  CHECK(Has(more.out, "24.04"));
}

TEST_CASE("no match is said on standard error, and is empty data elsewhere") {
  LoggedIn desk;
  const Outcome table = desk.Run({"laptops", "nothing"});
  CHECK(table.exit == 0);
  CHECK(table.out.empty());
  CHECK(Has(table.err, "no laptop matches"));
  CHECK_FALSE(Has(table.err, "small letters"));
  CHECK(Has(desk.Run({"laptops", "nothing or latitude"}).err, "write AND, OR, NOT"));
  CHECK_FALSE(Has(desk.Run({"laptops", "nothing \"this or that\""}).err, "small letters"));
  CHECK(desk.Run({"laptops", "nothing", "-o", "json"}).out == "[]\n");
  CHECK(desk.Run({"laptops", "nothing", "-o", "csv", "--columns", "serial"}).out == "serial\n");
}

TEST_CASE("what a person typed as a name is no formula in a spreadsheet") {
  LoggedIn desk;
  const Outcome csv = desk.Run({"people", "-o", "csv", "--columns", "id,name,mail"});
  CHECK(Has(csv.out, "p-00142,\"'=HYPERLINK(\"\"http://evil\"\")\",'+33 2 38 00 00 00\n"));
  const Outcome excel = desk.Run({"export", "people", "--csv-dialect", "fr-excel"});
  CHECK(excel.out.rfind("\xEF\xBB\xBFid;name;mail;", 0) == 0);
  CHECK(Has(excel.out, ";1;Oui;"));
}

TEST_CASE("a change whose answer was lost is sent again under the same id, and made once") {
  LoggedIn desk;
  desk.fake.FailNext(1);
  const Outcome assign = desk.Run({"assign", "PF000001", "p-00142", "--on", "2020-03-16"});
  CHECK(assign.exit == 0);
  CHECK(assign.out.empty());
  CHECK(assign.err == "PF000001: assigned to Hélène Lefèvre (p-00142), since 2020-03-16\n");
  const std::vector<std::string> ids = desk.fake.request_ids();
  REQUIRE(ids.size() == 2);
  CHECK(ids[0] == ids[1]);
  CHECK(ids[0].size() == 36);
  CHECK(desk.Run({"assign", "PF000002", "p-00143"}).exit == 0);
  CHECK(desk.fake.request_ids().back() != ids[0]);
}

TEST_CASE("a question is asked again a few times, then its failure is told") {
  LoggedIn desk;
  desk.fake.FailNext(2);
  CHECK(desk.Run({"status"}).exit == 0);
  desk.fake.FailNext(3);
  CHECK(desk.Run({"status"}).exit == Code(Exit::kUnavailable));
}

TEST_CASE("a dry run changes nothing and says so") {
  LoggedIn desk;
  const Outcome dry = desk.Run({"assign", "PF000001", "p-00142", "--dry-run", "--lang", "fr"});
  CHECK(dry.exit == 0);
  CHECK(Has(dry.err, "rien n'a été modifié"));
  CHECK(desk.fake.Laptop("PF000001").state() == v1::LAPTOP_STATE_PREPARED);
}

TEST_CASE("what cannot be undone is asked about, and never without a terminal") {
  LoggedIn desk;
  const Outcome alone = desk.Run({"retire", "PF000001"});
  CHECK(alone.exit == Code(Exit::kUsage));
  CHECK(Has(alone.err, "--yes"));
  CHECK(desk.RunWith({"retire", "PF000001"}, 80, "n\n").exit == Code(Exit::kConflict));
  CHECK(desk.fake.Laptop("PF000001").state() == v1::LAPTOP_STATE_PREPARED);
  CHECK(desk.RunWith({"retire", "PF000001"}, 80, "y\n").exit == 0);
  CHECK(desk.fake.Laptop("PF000001").state() == v1::LAPTOP_STATE_RETIRED);
  const Outcome some = desk.Run({"retire", "PF000001", "PF000002", "--yes"});
  CHECK(some.exit == Code(Exit::kPartial));
  CHECK(desk.fake.Laptop("PF000002").state() == v1::LAPTOP_STATE_RETIRED);
}

TEST_CASE("status shows the case's two days, in both languages") {
  LoggedIn desk;
  const Outcome before = desk.Run({"status", "--as-of", "2020-03-12"});
  CHECK(Has(before.out, "620 of 900"));
  const Outcome after = desk.Run({"status", "--as-of", "20/03/2020"});
  CHECK(Has(after.out, "720 of 900"));
  CHECK(Has(after.out, "80.0 %"));
  const Outcome french = desk.Run({"status", "--lang", "fr"});
  CHECK(Has(french.out, "720 sur 900"));
  CHECK(Has(french.out, "80,0\xC2\xA0%"));
  CHECK(Has(desk.RunWith({"status"}, 80).out, "█"));
  CHECK_FALSE(Has(after.out, "█"));
  CHECK(desk.Run({"status", "-o", "csv"}).out ==
        "population,needed,equipped,ready,waiting\nheadquarters,900,720,0,180\n");
  desk.setting.environment["TZ"] = "UTC";
  CHECK(Has(desk.Run({"status", "--as-of", "2020-03-20", "--known-at", "2020-03-21 08:00"}).out,
            "The fleet on 2020-03-20, as recorded by 2020-03-21 08:00\n"));
  CHECK(desk.Run({"status", "--expect-coverage", "80"}).exit == 0);
  CHECK(desk.Run({"status", "--expect-coverage", "80,1"}).exit == Code(Exit::kUnmet));
}

TEST_CASE("why gives the remedy in the user's language, and may be an assertion") {
  LoggedIn desk;
  CHECK(Has(desk.Run({"why", "PF000001"}).out,
            "→ Install the VPN profile from the software centre."));
  desk.setting.environment["LANG"] = "fr_FR.UTF-8";
  CHECK(Has(desk.Run({"why", "PF000001"}).out,
            "→ Installer le profil VPN depuis le centre logiciel."));
  CHECK(desk.Run({"why", "PF000001", "--expect", "READY"}).exit == Code(Exit::kUnmet));
  CHECK(desk.Run({"why", "PF000001", "--expect", "NOT_READY"}).exit == 0);
}

TEST_CASE("a reader that goes away ends it without a word") {
  LoggedIn desk;
  const Outcome outcome = RunParcIntoClosedPipe({"laptops"}, desk.setting);
  CHECK(outcome.exit == Code(Exit::kPipe));
  CHECK(outcome.err.empty());
}

TEST_CASE("completions and the manual know every verb") {
  LoggedIn desk;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome script = desk.Run({"completion", shell});
    INFO(shell);
    CHECK(script.exit == 0);
    CHECK(Has(script.out, "write-off"));
    CHECK(Has(script.out, "as-of"));
  }
  CHECK(Has(desk.Run({"manual"}).out, ".SS parc assign LAPTOP PERSON"));
}

}  // namespace
}  // namespace parc::client
