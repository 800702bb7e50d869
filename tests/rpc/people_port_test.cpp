#include <catch2/catch.hpp>
#include <set>

#include "google/protobuf/descriptor.h"
#include "parc/v1/devices.pb.h"
#include "parc/v1/fleet.pb.h"
#include "parc/v1/laptops.pb.h"
#include "parc/v1/orders.pb.h"
#include "parc/v1/people.pb.h"
#include "parc/v1/tokens.pb.h"
#include "tests/rpc/edge_support.h"

// What the people port answers, by the rows of the bad-input table of the security design.
namespace parc::rpc {
namespace {

constexpr char kList[] = "/parc.v1.LaptopService/ListLaptops";
constexpr char kAssign[] = "/parc.v1.LaptopService/AssignLaptop";
constexpr char kUuid[] = "01890a5d-ac96-774b-bcce-b302099a8057";

// Five laptops, of which the first can be handed out, and one person.
void Furnish(Edge& edge) {
  edge.Do([](fleet::Change& change) -> absl::Status {
    inventory::Person person;
    person.id = "p-1";
    person.name = "Aïcha Bâ";
    person.population = "Siège";
    if (auto made = change.CreatePerson(person); !made.ok()) return made.status();
    for (int i = 1; i <= 5; ++i) {
      inventory::Laptop laptop;
      laptop.asset_tag = "PC-" + std::to_string(i);
      laptop.serial = "SERIAL" + std::to_string(i);
      laptop.model = "Latitude 5400";
      laptop.price = inventory::Money{900'000'000, "EUR"};
      laptop.state = inventory::LaptopState::kPrepared;
      if (auto made = change.CreateLaptop(laptop); !made.ok()) return made.status();
    }
    return absl::OkStatus();
  });
}

v1::AssignLaptopRequest Assign(const std::string& laptop, const std::string& request_id = "") {
  v1::AssignLaptopRequest request;
  request.set_name("laptops/" + laptop);
  request.set_person("people/p-1");
  request.mutable_options()->set_request_id(request_id);
  return request;
}

}  // namespace

TEST_CASE("a laptop is looked up, handed out, and its holder is shown") {
  Edge edge;
  Furnish(edge);
  v1::Laptop laptop;
  Reply reply = edge.Ask(kAssign, Assign("PC-1"), &laptop);
  INFO(reply.Verdict() << ": " << reply.status.error_message());
  REQUIRE(reply.status.ok());
  CHECK(laptop.state() == v1::LAPTOP_STATE_ASSIGNED);
  CHECK(laptop.holder() == "people/p-1");
  CHECK(laptop.holder_name() == "Aïcha Bâ");

  v1::GetLaptopRequest get;
  get.set_name("laptops/SERIAL1");
  v1::Laptop found;
  REQUIRE(edge.Ask("/parc.v1.LaptopService/GetLaptop", get, &found).status.ok());
  CHECK(found.SerializeAsString() == laptop.SerializeAsString());

  v1::GetStatusResponse status;
  REQUIRE(edge.Ask("/parc.v1.FleetService/GetStatus", v1::GetStatusRequest(), &status).status.ok());
  CHECK(status.total().equipped() == 1);
  CHECK(status.total().waiting() == 0);
  CHECK(status.stock().prepared() == 4);

  v1::ListEventsRequest events;
  events.set_parent("people/p-1");
  v1::ListEventsResponse happened;
  REQUIRE(edge.Ask("/parc.v1.LaptopService/ListEvents", events, &happened).status.ok());
  REQUIRE(happened.events_size() == 1);
  CHECK(happened.events(0).event() == v1::LAPTOP_EVENT_ASSIGN);
  CHECK(happened.events(0).actor().starts_with("tokens/"));
  CHECK(happened.events(0).actor_name() == "admin");
}

TEST_CASE("row 38: without a token, with a garbled one and with a password nobody comes in") {
  Edge edge;
  const auto channel = edge.PeopleChannel();
  const auto verdict = [&](const std::string& token) {
    return CallRaw(channel, "/parc.v1.TokenService/WhoAmI", "", {.token = token}).Verdict();
  };
  CHECK(verdict("") == "UNAUTHENTICATED BAD_API_TOKEN");
  CHECK(verdict("garbled") == "UNAUTHENTICATED BAD_API_TOKEN");
  std::string wrong = edge.admin();
  wrong[20] = wrong[20] == 'a' ? 'b' : 'a';
  CHECK(verdict(wrong) == "UNAUTHENTICATED BAD_API_TOKEN");
  CHECK(verdict(edge.admin()) == "OK");
  edge.skew = 91 * access::kDay;
  CHECK(verdict(edge.admin()) == "UNAUTHENTICATED BAD_API_TOKEN");
}

TEST_CASE("the day of a token's last use is kept") {
  Edge edge;
  v1::Token me;
  for (int i = 0; i < 100 && !me.has_last_use_time(); ++i) {
    REQUIRE(edge.Ask("/parc.v1.TokenService/WhoAmI", v1::WhoAmIRequest(), &me).status.ok());
  }
  REQUIRE(me.has_last_use_time());
  CHECK(me.last_use_time().seconds() % 86'400 == 0);
}

TEST_CASE("row 39: a role gets no field that it may not see, and cannot find it out by a filter") {
  Edge edge;
  Furnish(edge);
  REQUIRE(edge.Ask(kAssign, Assign("PC-1")).status.ok());
  const std::string buyer = edge.Token(access::Role::kProcurement);
  const std::string technician = edge.Token(access::Role::kTechnician);

  v1::ListLaptopsRequest list;
  v1::ListLaptopsResponse page;
  REQUIRE(edge.Ask(kList, list, &page, buyer).status.ok());
  REQUIRE(page.laptops_size() == 5);
  CHECK(page.laptops(0).holder().empty());
  CHECK(page.laptops(0).holder_name().empty());
  CHECK(page.laptops(0).has_price());
  CHECK(page.laptops(0).state() == v1::LAPTOP_STATE_ASSIGNED);
  REQUIRE(edge.Ask(kList, list, &page, technician).status.ok());
  CHECK(page.laptops(0).holder() == "people/p-1");
  CHECK_FALSE(page.laptops(0).has_price());

  for (const char* filter : {"holder = p-1", "NOT holder.name:*", "holder.tier < 3"}) {
    INFO(filter);
    list.set_filter(filter);
    const Reply reply = edge.Ask(kList, list, nullptr, buyer);
    CHECK(reply.Verdict() == "PERMISSION_DENIED ROLE_DENIED");
    CHECK(reply.field() == "filter");
  }
  v1::CreateLaptopRequest made;
  made.mutable_laptop()->set_asset_tag("PC-77");
  made.mutable_laptop()->set_order_line("orders/CMD-1/lines/1");
  CHECK(edge.Ask("/parc.v1.LaptopService/CreateLaptop", made, nullptr, technician).Verdict() ==
        "PERMISSION_DENIED ROLE_DENIED");
  made.mutable_laptop()->clear_order_line();
  made.mutable_laptop()->mutable_price()->set_currency_code("EUR");
  made.mutable_laptop()->mutable_price()->set_units(1);
  CHECK(edge.Ask("/parc.v1.LaptopService/CreateLaptop", made, nullptr, technician).Verdict() ==
        "PERMISSION_DENIED ROLE_DENIED");

  list.clear_filter();
  list.set_order_by("price desc");
  CHECK(edge.Ask(kList, list, nullptr, technician).Verdict() == "PERMISSION_DENIED ROLE_DENIED");
  list.clear_order_by();
  list.add_fields("holder.name");
  CHECK(edge.Ask(kList, list, nullptr, buyer).Verdict() == "PERMISSION_DENIED ROLE_DENIED");

  v1::GetStatusRequest status;
  status.set_filter("name = \"Aïcha Bâ\"");
  CHECK(edge.Ask("/parc.v1.FleetService/GetStatus", status, nullptr, buyer).Verdict() ==
        "PERMISSION_DENIED ROLE_DENIED");
  status.set_filter("tier = 1");
  CHECK(edge.Ask("/parc.v1.FleetService/GetStatus", status, nullptr, buyer).Verdict() == "OK");
  v1::ListEventsRequest events;
  events.set_parent("people/p-1");
  CHECK(edge.Ask("/parc.v1.LaptopService/ListEvents", events, nullptr, buyer).Verdict() ==
        "PERMISSION_DENIED ROLE_DENIED");
}

TEST_CASE("row 40: pages have a size in force, and only this list's tokens go on with it") {
  Edge edge;
  Furnish(edge);
  v1::ListLaptopsRequest list;
  v1::ListLaptopsResponse page;
  const auto verdict = [&] { return edge.Ask(kList, list, &page).Verdict(); };
  CHECK(verdict() == "OK");
  CHECK(page.page_size() == 100);
  CHECK(page.next_page_token().empty());
  list.set_page_size(-1);
  CHECK(verdict() == "INVALID_ARGUMENT BAD_PAGE_SIZE");
  list.set_page_size(1'000'000);
  CHECK(verdict() == "OK");
  CHECK(page.page_size() == 1000);

  list.set_page_size(2);
  std::vector<std::string> tags;
  std::string second;
  do {
    REQUIRE(verdict() == "OK");
    CHECK(page.total_size() == 5);
    for (const auto& laptop : page.laptops()) tags.push_back(laptop.asset_tag());
    list.set_page_token(page.next_page_token());
    if (second.empty()) second = page.next_page_token();
  } while (!page.next_page_token().empty());
  CHECK(tags == std::vector<std::string>{"PC-1", "PC-2", "PC-3", "PC-4", "PC-5"});

  for (std::size_t at = 0; at < second.size(); at += 5) {
    std::string forged = second;
    forged[at] = forged[at] == 'A' ? 'B' : 'A';
    list.set_page_token(forged);
    CHECK(verdict() == "INVALID_ARGUMENT BAD_PAGE_TOKEN");
  }
  for (const char* forged : {"x", "AAAA", "!!!", "WzEsMl0="}) {
    list.set_page_token(forged);
    CHECK(verdict() == "INVALID_ARGUMENT BAD_PAGE_TOKEN");
  }
  list.set_page_token(second);
  list.set_filter("model = Latitude*");
  CHECK(verdict() == "INVALID_ARGUMENT BAD_PAGE_TOKEN");
  list.clear_filter();
  list.set_order_by("model");
  CHECK(verdict() == "INVALID_ARGUMENT BAD_PAGE_TOKEN");
  list.clear_order_by();
  v1::ListPeopleRequest people;
  people.set_page_token(second);
  CHECK(edge.Ask("/parc.v1.PersonService/ListPeople", people).Verdict() ==
        "INVALID_ARGUMENT BAD_PAGE_TOKEN");
}

TEST_CASE("row 41: hostile filters are bound or refused") {
  Edge edge;
  Furnish(edge);
  v1::ListLaptopsRequest list;
  v1::ListLaptopsResponse page;
  list.set_filter("model = \"'; DROP TABLE laptops; --\"");
  CHECK(edge.Ask(kList, list, &page).Verdict() == "OK");
  CHECK(page.total_size() == 0);
  for (const std::string& filter :
       {std::string("'; DROP TABLE laptops"), std::string(10 << 10, 'x'), std::string("(a"),
        std::string("serial = \"open"), std::string("nosuchfield = 1"), std::string("state < 3")}) {
    list.set_filter(filter);
    const Reply reply = edge.Ask(kList, list);
    INFO(filter.substr(0, 40));
    CHECK(reply.Verdict() == "INVALID_ARGUMENT BAD_FILTER");
    CHECK(reply.status.error_message().size() < 1500);
  }
  list.clear_filter();
  CHECK(edge.Ask(kList, list, &page).Verdict() == "OK");
  CHECK(page.total_size() == 5);
}

TEST_CASE("row 42: unknown names are not found, and what is no name is told so") {
  Edge edge;
  v1::GetDeviceRequest device;
  const auto ask = [&] { return edge.Ask("/parc.v1.DeviceService/GetDevice", device); };
  device.set_name(std::string("devices/") + kUuid);
  CHECK(ask().Verdict() == "NOT_FOUND DEVICE_NOT_FOUND");
  for (const char* name : {"", "devices/", "devices/not-a-uuid", "laptops/PC-1", "devices/a/b"}) {
    device.set_name(name);
    const Reply reply = ask();
    CHECK(reply.Verdict() == "INVALID_ARGUMENT BAD_NAME");
    CHECK(reply.field() == "name");
  }
  v1::GetLaptopRequest laptop;
  laptop.set_name("laptops/NONE-SUCH");
  CHECK(edge.Ask("/parc.v1.LaptopService/GetLaptop", laptop).Verdict() ==
        "NOT_FOUND LAPTOP_NOT_FOUND");
  CHECK(CallRaw(edge.PeopleChannel(), kList, "\xff\xff", {.token = edge.admin()}).Verdict() ==
        "INVALID_ARGUMENT MALFORMED");
}

TEST_CASE("row 43: who asks to be enrolled is decided once, and a decision taken stands") {
  Edge edge;
  Furnish(edge);
  const access::LaptopKey key;
  edge.Do([&](fleet::Change&) -> absl::Status {
    auto token = edge.device_changes->CreateEnrolmentToken({}, "tester", edge.now());
    if (!token.ok()) return token.status();
    access::EnrolCall call;
    call.token = token->secret;
    call.csr = key.csr;
    call.serial = "SERIAL1";
    access::Effect effect;
    return edge.device_changes->Enrol(call, edge.now(), effect).status();
  });
  v1::ListEnrolmentRequestsResponse waiting;
  REQUIRE(edge.Ask("/parc.v1.DeviceService/ListEnrolmentRequests",
                   v1::ListEnrolmentRequestsRequest(), &waiting)
              .status.ok());
  REQUIRE(waiting.requests_size() == 1);
  CHECK(waiting.requests(0).laptop() == "laptops/PC-1");
  CHECK(waiting.requests(0).state() == v1::ENROLMENT_REQUEST_STATE_PENDING);

  v1::RejectEnrolmentRequestRequest reject;
  reject.set_name(waiting.requests(0).name());
  v1::EnrolmentRequest decided;
  for (int twice = 0; twice < 2; ++twice) {
    REQUIRE(
        edge.Ask("/parc.v1.DeviceService/RejectEnrolmentRequest", reject, &decided).status.ok());
    CHECK(decided.state() == v1::ENROLMENT_REQUEST_STATE_REJECTED);
  }
  v1::ApproveEnrolmentRequestRequest approve;
  approve.set_name(reject.name());
  CHECK(edge.Ask("/parc.v1.DeviceService/ApproveEnrolmentRequest", approve).Verdict() ==
        "FAILED_PRECONDITION BAD_STATE");
}

TEST_CASE("row 44: a request id answers once what it did once, and nothing else") {
  Edge edge;
  Furnish(edge);
  v1::Laptop first;
  v1::Laptop again;
  REQUIRE(edge.Ask(kAssign, Assign("PC-1", kUuid), &first).status.ok());
  REQUIRE(edge.Ask(kAssign, Assign("PC-1", kUuid), &again).status.ok());
  CHECK(first.SerializeAsString() == again.SerializeAsString());
  const Reply reused = edge.Ask(kAssign, Assign("PC-2", kUuid));
  CHECK(reused.Verdict() == "INVALID_ARGUMENT REQUEST_ID_REUSED");
  CHECK(reused.field() == "options.request_id");
  CHECK(edge.Ask(kAssign, Assign("PC-1")).Verdict() ==
        "FAILED_PRECONDITION "
        "PERSON_ALREADY_EQUIPPED");
  CHECK(edge.Ask(kAssign, Assign("PC-2", "no uuid")).Verdict() ==
        "INVALID_ARGUMENT BAD_REQUEST_ID");
}

TEST_CASE("a dry run tells what would be and changes nothing") {
  Edge edge;
  Furnish(edge);
  v1::AssignLaptopRequest dry = Assign("PC-1");
  dry.mutable_options()->set_validate_only(true);
  v1::Laptop laptop;
  REQUIRE(edge.Ask(kAssign, dry, &laptop).status.ok());
  CHECK(laptop.state() == v1::LAPTOP_STATE_ASSIGNED);
  v1::GetLaptopRequest get;
  get.set_name("laptops/PC-1");
  REQUIRE(edge.Ask("/parc.v1.LaptopService/GetLaptop", get, &laptop).status.ok());
  CHECK(laptop.state() == v1::LAPTOP_STATE_PREPARED);
}

TEST_CASE("secrets are in the first answer and in no other") {
  Edge edge;
  Furnish(edge);
  v1::CreateEnrolmentTokenRequest enrol;
  enrol.set_laptop("laptops/PC-1");
  enrol.mutable_options()->set_request_id(kUuid);
  v1::CreateEnrolmentTokenResponse made;
  const Reply reply = edge.Ask("/parc.v1.DeviceService/CreateEnrolmentToken", enrol, &made);
  INFO(reply.Verdict() << ": " << reply.status.error_message());
  REQUIRE(reply.status.ok());
  CHECK(made.enrolment_url().starts_with("parc://parc.example:8444/#parcE1."));
  CHECK(made.enrolment_url().ends_with("&ca=sha256:" + edge.ca->root_fingerprint()));
  CHECK(made.token().laptop() == "laptops/PC-1");
  v1::CreateEnrolmentTokenResponse again;
  REQUIRE(edge.Ask("/parc.v1.DeviceService/CreateEnrolmentToken", enrol, &again).status.ok());
  CHECK(again.enrolment_url().empty());
  CHECK(again.token().name() == made.token().name());

  v1::CreateTokenRequest create;
  create.set_owner("Jean Moulin");
  create.set_role(v1::ROLE_TECHNICIAN);
  v1::CreateTokenResponse token;
  REQUIRE(edge.Ask("/parc.v1.TokenService/CreateToken", create, &token).status.ok());
  v1::Token me;
  REQUIRE(edge.Ask("/parc.v1.TokenService/WhoAmI", v1::WhoAmIRequest(), &me, token.secret())
              .status.ok());
  CHECK(me.owner() == "Jean Moulin");
  CHECK(me.role() == v1::ROLE_TECHNICIAN);
  create.set_role(v1::ROLE_HOTLINE);
  CHECK(edge.Ask("/parc.v1.TokenService/CreateToken", create).Verdict() ==
        "PERMISSION_DENIED ROLE_DENIED");

  v1::RevokeTokenRequest revoke;
  revoke.set_name(me.name());
  REQUIRE(edge.Ask("/parc.v1.TokenService/RevokeToken", revoke).status.ok());
  CHECK(edge.Ask("/parc.v1.TokenService/WhoAmI", v1::WhoAmIRequest(), nullptr, token.secret())
            .Verdict() == "UNAUTHENTICATED BAD_API_TOKEN");
  v1::ListTokensResponse tokens;
  REQUIRE(
      edge.Ask("/parc.v1.TokenService/ListTokens", v1::ListTokensRequest(), &tokens).status.ok());
  for (const v1::Token& one : tokens.tokens()) {
    if (one.owner() == "admin") revoke.set_name(one.name());
  }
  CHECK(edge.Ask("/parc.v1.TokenService/RevokeToken", revoke).Verdict() ==
        "FAILED_PRECONDITION LAST_ADMIN");  // row 45
}

TEST_CASE("row 46: prices, dates and quantities that cannot be are refused by their field") {
  Edge edge;
  v1::CreateOrderRequest request;
  v1::Order& order = *request.mutable_order();
  order.set_reference("BC-1");
  order.set_supplier("Dell");
  order.mutable_order_date()->set_year(2020);
  order.mutable_order_date()->set_month(2);
  order.mutable_order_date()->set_day(3);
  v1::OrderLine& line = *order.add_lines();
  line.set_model("Latitude 5400");
  line.set_quantity(10);
  line.mutable_unit_price()->set_units(900);
  line.mutable_unit_price()->set_currency_code("EUR");
  const auto ask = [&] { return edge.Ask("/parc.v1.OrderService/CreateOrder", request); };
  const auto refused = [&](const char* field) {
    const Reply reply = ask();
    CHECK(reply.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(reply.field().find(field) != std::string::npos);
  };
  SECTION("price 1e18") {
    line.mutable_unit_price()->set_units(1'000'000'000'000'000'000);
    refused("unit_price");
  }
  SECTION("currency") {
    line.mutable_unit_price()->set_currency_code("€€");
    refused("unit_price");
  }
  SECTION("quantity") {
    line.set_quantity(-1);
    refused("quantity");
  }
  SECTION("30 February") {
    order.mutable_order_date()->set_day(30);
    refused("order_date");
  }
  SECTION("as it should be") { CHECK(ask().Verdict() == "OK"); }
}

TEST_CASE("a backup has a file's name and no folder") {
  Edge edge;
  v1::CreateBackupRequest request;
  v1::CreateBackupResponse response;
  const auto verdict = [&](const std::string& name) {
    request.set_file_name(name);
    return edge.Ask("/parc.v1.FleetService/CreateBackup", request, &response).Verdict();
  };
  for (const char* name : {"", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "a b", "x\n"}) {
    CHECK(verdict(name) == "INVALID_ARGUMENT BAD_FILE_NAME");
  }
  CHECK(verdict("parc-2020.db") == "OK");
  CHECK(response.size_bytes() == 6);
}

TEST_CASE("fields are listed with what an enum can be") {
  Edge edge;
  v1::ListFieldsRequest request;
  v1::ListFieldsResponse response;
  request.set_resource("laptops");
  REQUIRE(edge.Ask("/parc.v1.FleetService/ListFields", request, &response).status.ok());
  CHECK(response.fields_size() > 40);
  for (const v1::Field& field : response.fields()) CHECK_FALSE(field.masked());

  v1::CreateTokenRequest create;
  create.set_owner("Jean Moulin");
  create.set_role(v1::ROLE_TECHNICIAN);
  v1::CreateTokenResponse technician;
  REQUIRE(edge.Ask("/parc.v1.TokenService/CreateToken", create, &technician).status.ok());
  REQUIRE(edge.Ask("/parc.v1.FleetService/ListFields", request, &response, technician.secret())
              .status.ok());
  std::set<std::string> masked;
  for (const v1::Field& field : response.fields()) {
    if (field.masked()) masked.insert(field.name());
  }
  CHECK(masked == std::set<std::string>{"price", "currency", "order_line"});
  request.set_resource("printers");
  CHECK(edge.Ask("/parc.v1.FleetService/ListFields", request).Verdict() ==
        "INVALID_ARGUMENT BAD_RESOURCE");
}

}  // namespace parc::rpc
