#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/client/desk.h"

// Files in and out: what an export writes, an import on an empty server takes back.
namespace parc::client {
namespace {

using test::WriteFile;

google::type::Date Day(int month, int day) {
  google::type::Date date;
  date.set_year(2020);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST_CASE("an import sends the file as it is and tells each row's verdict") {
  LoggedIn desk;
  std::string bytes = "Matricule;Nom;Site\n";
  while (bytes.size() < 700'000)
    bytes +=
        "p-1;Lef\xE8vre;Orl\xE9"
        "ans\n";  // Windows-1252
  WriteFile(desk.File("agents.csv"), bytes);
  const std::string file = desk.File("agents.csv").string();
  const Outcome import = desk.Run({"import", "people", file});
  CHECK(import.exit == 0);
  CHECK(desk.fake.imported() == bytes);
  CHECK(desk.fake.import_header().kind() == v1::IMPORT_KIND_PEOPLE);
  CHECK(desk.fake.import_header().file_name() == "agents.csv");
  CHECK(Has(import.err, "30 created"));
  CHECK(import.out.empty());
  const Outcome dry = desk.Run({"import", "people", file, "--dry-run"});
  CHECK(Has(dry.out, "CREATED"));
  CHECK(Has(dry.err, "10 more rows"));
  CHECK(Has(dry.err, "30 would be created"));
  CHECK(Has(desk.Run({"import", "people", file, "--dry-run", "--lang", "fr"}).err,
            "30 seraient créées, 0 serait modifiée, 0 inchangée, 0 refusée"));

  desk.fake.SetRefused(2);
  const Outcome refused = desk.Run({"import", "people", file});
  CHECK(refused.exit == Code(Exit::kFailure));
  CHECK(Has(refused.err, "nothing was stored"));
  CHECK(Has(refused.err, "30 would be created, 0 would be updated, 0 unchanged, 2 refused"));
  CHECK(Has(refused.out, "is no known site"));
  CHECK_FALSE(Has(refused.out, "CREATED"));
  CHECK(desk.Run({"import", "people", file, "--partial"}).exit == Code(Exit::kPartial));
  CHECK(desk.Run({"import", "people", file, "--partial", "--dry-run"}).exit ==
        Code(Exit::kPartial));
  const Outcome csv = desk.Run({"import", "people", file, "-o", "csv", "--dry-run"});
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 33);
  CHECK(desk.fake.import_header().options().validate_only());
  desk.fake.SetCreated(0);
  const Outcome none = desk.Run({"import", "people", file, "--partial"});
  CHECK(none.exit == Code(Exit::kFailure));
  CHECK(Has(none.err, "nothing was stored"));
  CHECK(desk.Run({"import", "people", file, "--partial", "--dry-run"}).exit ==
        Code(Exit::kFailure));
}

TEST_CASE("an import whose answer was lost is sent again whole, standard input is not") {
  LoggedIn desk;
  WriteFile(desk.File("sites.csv"), "Code;Nom\nORL;Orléans\n");
  desk.fake.FailNext(1);
  CHECK(desk.Run({"import", "sites", desk.File("sites.csv").string()}).exit == 0);
  CHECK(desk.fake.imported() == "Code;Nom\nORL;Orléans\n");
  const std::vector<std::string> ids = desk.fake.request_ids();
  REQUIRE(ids.size() == 2);
  CHECK(ids[0] == ids[1]);
  desk.setting.input = "Code;Nom\nBLO;Blois\n";
  CHECK(desk.Run({"import", "sites", "-"}).exit == 0);
  CHECK(desk.fake.imported() == desk.setting.input);
  desk.fake.FailNext(1);
  CHECK(desk.Run({"import", "sites", "-"}).exit == Code(Exit::kUnavailable));
}

TEST_CASE("a file that cannot be read is told with the reason") {
  LoggedIn desk;
  const Outcome missing = desk.Run({"import", "people", "nowhere.csv"});
  CHECK(missing.exit == Code(Exit::kNotFound));
  CHECK(Has(missing.err, "nowhere.csv cannot be read: No such file or directory"));
  const Outcome folder = desk.Run({"import", "people", desk.File("").string()});
  CHECK(folder.exit == Code(Exit::kUsage));
  CHECK(Has(folder.err, "Is a directory"));
  const Outcome root = desk.Run({"login", "--server", desk.fake.address(), "--ca",
                                 desk.File("none.pem").string(), "--token-file", "x"});
  CHECK(root.exit == Code(Exit::kNotFound));
  CHECK(Has(root.err, "none.pem cannot be read: No such file or directory"));
}

TEST_CASE("an export of sites has each after the one that it belongs to") {
  LoggedIn desk;
  desk.fake.AddSite("ANNEX", "STORE");
  desk.fake.AddSite("BLO", "");
  desk.fake.AddSite("CAVE", "ORL");
  desk.fake.AddSite("ORL", "");
  desk.fake.AddSite("STORE", "ORL");
  desk.fake.AddSite("ZZ", "GONE");  // its parent is not in the list
  CHECK(desk.Run({"export", "sites"}).out ==
        "code,name,department,parent\nORL,,,\nSTORE,,,ORL\nANNEX,,,STORE\nBLO,,,\n"
        "CAVE,,,ORL\nZZ,,,GONE\n");
}

TEST_CASE("an export of people and laptops keeps the extra columns of imports") {
  LoggedIn desk;
  v1::Person person;
  person.set_id("p-00143");
  (*person.mutable_extra())["Bureau"] = "B12";
  desk.fake.AddPerson(person);
  person.set_id("p-00144");
  person.clear_extra();
  (*person.mutable_extra())["=Étage"] = "2";
  desk.fake.AddPerson(person);
  const Outcome people = desk.Run({"export", "people"});
  CHECK(Has(people.out, ",start,end,'=Étage,Bureau\n"));
  CHECK(Has(people.out, "p-00142,"));
  CHECK(Has(people.out, ",,,B12\n"));
  CHECK(Has(people.out, ",2,\n"));
  v1::Laptop laptop = desk.fake.Laptop("PF000002");
  (*laptop.mutable_extra())["Housse"] = "oui";
  desk.fake.AddLaptop(laptop);
  const Outcome laptops = desk.Run({"export", "laptops"});
  CHECK(Has(laptops.out, ",tags,notes,Housse\n"));
  CHECK(Has(laptops.out, ",,,oui\nPF000003"));
}

TEST_CASE("an export of laptops has no column that its reader may not see, nor import") {
  LoggedIn desk;
  const auto header = [&](const std::set<std::string>& masked) {
    desk.fake.SetMasked(masked);
    const std::string out = desk.Run({"export", "laptops"}).out;
    return out.substr(0, out.find('\n'));
  };
  CHECK(header({}) ==
        "asset_tag,serial,manufacturer,model,state,holder,site,effective,purchase_date,price,"
        "currency,warranty_end,end_of_life,order_line,tags,notes");
  CHECK(header({"price", "os.version"}) ==
        "asset_tag,serial,manufacturer,model,state,holder,site,effective,purchase_date,currency,"
        "warranty_end,end_of_life,order_line,tags,notes");
  CHECK(header({"holder"}) ==
        "asset_tag,serial,manufacturer,model,state,site,effective,purchase_date,price,"
        "currency,warranty_end,end_of_life,order_line,tags,notes");
}

v1::Order LedgerOrder() {
  v1::Order order;
  order.set_name("orders/BC-7");
  order.set_reference("BC-7");
  order.set_supplier("Dell");
  *order.mutable_order_date() = Day(1, 6);
  v1::OrderLine& line = *order.add_lines();
  line.set_name("orders/BC-7/lines/1");
  line.set_line(1);
  line.set_model("Latitude 5400");
  line.set_quantity(200);
  line.set_received_quantity(60);
  line.set_cancelled_quantity(40);
  line.set_open_quantity(100);
  line.mutable_unit_price()->set_currency_code("EUR");
  line.mutable_unit_price()->set_units(849);
  const auto promise = [&](const google::type::Date& day, const google::type::Date& announced) {
    v1::Promise& added = *line.add_promises();
    *added.mutable_promised_date() = day;
    *added.mutable_announced_date() = announced;
    added.set_source("mail");
  };
  promise(Day(5, 4), Day(3, 10));  // newest first
  promise(Day(3, 2), Day(1, 6));
  for (const int quantity : {20, 30}) {
    v1::Receipt& receipt = *line.add_receipts();
    *receipt.mutable_received_date() = Day(2, 20);
    receipt.set_quantity(quantity);
  }
  v1::Receipt& later = *line.add_receipts();
  *later.mutable_received_date() = Day(3, 16);
  later.set_quantity(10);
  v1::Shipment& shipment = *line.add_shipments();
  *shipment.mutable_announced_date() = Day(3, 12);
  *shipment.mutable_shipped_date() = Day(3, 13);
  shipment.set_quantity(10);
  shipment.set_carrier("Geodis");
  shipment.set_tracking("7Q12");
  v1::Cancellation& part = *line.add_cancellations();
  *part.mutable_cancelled_date() = Day(3, 18);
  part.set_quantity(40);
  part.set_reason("out of production");
  v1::OrderLine& bare = *order.add_lines();
  bare.set_line(2);
  bare.set_model("Dock");
  bare.set_quantity(5);
  bare.set_open_quantity(5);
  v1::OrderLine& cancelled = *order.add_lines();
  cancelled.set_line(3);
  cancelled.set_model("Mouse");
  cancelled.set_quantity(9);
  cancelled.set_cancelled_quantity(9);
  v1::Cancellation& whole = *cancelled.add_cancellations();
  *whole.mutable_cancelled_date() = Day(2, 3);
  whole.set_quantity(9);
  return order;
}

TEST_CASE("an export of orders has a row for each fact of the ledger, in the import's words") {
  LoggedIn desk;
  desk.fake.AddOrder(LedgerOrder());
  const Outcome orders = desk.Run({"export", "orders"});
  const std::string line = "BC-7,Dell,2020-01-06,1,,Latitude 5400,200,849,EUR,";
  const std::string rest = ",,,,,,,,,PLACED\n";  // nothing shipped and nothing cancelled
  CHECK(orders.out ==
        "reference,supplier,order_date,line,manufacturer,model,quantity,price,currency,"
        "promised_date,announced_date,source,received,received_date,over_delivery,shipped,"
        "shipped_date,carrier,tracking,cancelled,cancelled_date,cancel_reason,status\n" +
            line + "2020-03-02,2020-01-06,mail,," + rest + line + "2020-05-04,2020-03-10,mail,," +
            rest + line + ",,,,,,10,2020-03-13,Geodis,7Q12,,,,PLACED\n" + line +
            ",,,50,2020-02-20" + rest + line + ",,,10,2020-03-16" + rest + line +
            ",,,,,,,,,,40,2020-03-18,out of production,PLACED\n" +
            "BC-7,Dell,2020-01-06,2,,Dock,5,,,,,,," + rest +
            "BC-7,Dell,2020-01-06,3,,Mouse,9,,,,,,,,,,,,,9,2020-02-03,,PLACED\n");
  const Outcome json = desk.Run({"export", "orders", "-o", "json"});
  CHECK(std::count(json.out.begin(), json.out.end(), '\n') == 5);
}

TEST_CASE("an order shows promises and receipts in one order of time") {
  LoggedIn desk;
  desk.fake.AddOrder(LedgerOrder());
  const std::string shown = desk.Run({"order", "show", "BC-7"}).out;
  std::size_t before = 0;
  for (const char* what : {"promised for 2020-03-02", "20 received", "30 received",
                           "promised for 2020-05-04", "10 received"}) {
    INFO(what);
    const std::size_t at = shown.find(what);
    REQUIRE(at != std::string::npos);
    CHECK(at > before);
    before = at;
  }
}

TEST_CASE("a price is shown with its currency in one line") {
  LoggedIn desk;
  v1::Laptop laptop = desk.fake.Laptop("PF000001");
  laptop.mutable_price()->set_currency_code("EUR");
  laptop.mutable_price()->set_units(849);
  desk.fake.AddLaptop(laptop);
  const Outcome shown = desk.Run({"laptop", "show", "PF000001"});
  CHECK(Has(shown.out, "849 EUR\n"));
  CHECK_FALSE(Has(shown.out, "Currency"));
}

TEST_CASE("a fleet without people says how to begin") {
  LoggedIn desk;
  desk.fake.SetEmpty();
  CHECK(Has(desk.Run({"status"}).out, "There is nobody yet: parc import people FILE\n"));
}

}  // namespace
}  // namespace parc::client
