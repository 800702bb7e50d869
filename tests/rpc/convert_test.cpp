#include <catch2/catch.hpp>

#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/reason.h"
#include "daemon/posture/judge.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_facts.h"
#include "daemon/rpc/convert_laptops.h"
#include "daemon/rpc/convert_orders.h"
#include "daemon/rpc/convert_people.h"

namespace parc::rpc {

using inventory::FieldId;
using inventory::Section;

TEST_CASE("every state and event of a laptop's life has its name in the API, and back") {
  for (const auto state : inventory::AllLaptopStates()) {
    v1::Laptop wire;
    wire.set_asset_tag("PC-1");
    wire.set_state(ToProto(state));
    CHECK(wire.state() != v1::LAPTOP_STATE_UNSPECIFIED);
    CHECK(LaptopFrom(wire)->state == state);
  }
  for (const auto event : inventory::AllLaptopEvents()) {
    inventory::LaptopHistoryEntry entry;
    entry.event = event;
    CHECK(ToProto(entry).event() != v1::LAPTOP_EVENT_UNSPECIFIED);
    CHECK(*EventFrom(ToProto(entry).event()) == event);
  }
  CHECK(ReasonOf(EventFrom(v1::LAPTOP_EVENT_UNSPECIFIED).status()) == "BAD_EVENT");
  CHECK(ReasonOf(EventFrom(static_cast<v1::LaptopEvent>(99)).status()) == "BAD_EVENT");
  v1::Laptop odd;
  odd.set_state(static_cast<v1::LaptopState>(99));
  CHECK(ReasonOf(LaptopFrom(odd).status()) == "BAD_STATE");
}

TEST_CASE("a laptop's record comes back from its message as it was") {
  inventory::Laptop laptop;
  laptop.asset_tag = "PC-1";
  laptop.serial = "PF0ABCDE";
  laptop.manufacturer = "Lenovo";
  laptop.model = "T480";
  laptop.state = inventory::LaptopState::kAssigned;
  laptop.holder = "p-1";
  laptop.site = "orleans";
  laptop.order_line = "BC-1/2";
  laptop.purchase_date = inventory::CivilDate{2020, 2, 29};
  laptop.price = inventory::Money{899'990'000, "EUR"};
  laptop.warranty_end = inventory::CivilDate{2023, 2, 28};
  laptop.tags = {"crisis", "vpn"};
  laptop.notes = "Touche É cassée";
  const auto back = LaptopFrom(ToProto(laptop));
  REQUIRE(back.ok());
  inventory::Laptop expected = laptop;  // what is output only is not read back
  CHECK(*back == expected);
  CHECK(ToProto(laptop).order_line() == "orders/BC-1/lines/2");
}

TEST_CASE("names of resources are taken apart, and nothing else passes for one") {
  CHECK(*IdFrom("laptops/PC-1", "laptops") == "PC-1");
  for (const char* name : {"", "laptops", "laptops/", "people/PC-1", "laptops/a/b", "/laptops/a",
                           "laptopsPC-1", "LAPTOPS/PC-1"}) {
    const auto id = IdFrom(name, "laptops", "laptop");
    INFO(name);
    CHECK(ReasonOf(id.status()) == "BAD_NAME");
    CHECK(FieldOf(id.status()) == "laptop");
  }
  CHECK(OptionalIdFrom("", "laptops", "laptop")->empty());
  CHECK(*OrderLineFrom("orders/BC-1/lines/2") == "BC-1/2");
  for (const char* name : {"", "orders/BC-1", "orders/BC-1/lines/", "orders//lines/1",
                           "orders/a/b/lines/1", "orders/BC-1/lines/1/2", "lines/1"}) {
    INFO(name);
    CHECK(ReasonOf(OrderLineFrom(name).status()) == "BAD_NAME");
  }
}

TEST_CASE("dates, times, durations and amounts that cannot be are refused by their field") {
  google::type::Date date;
  CHECK_FALSE(DateFrom(date, "d")->has_value());
  CHECK(ReasonOf(RequiredDateFrom(date, "d").status()) == "BAD_DATE");
  date.set_year(2020);
  date.set_month(2);
  date.set_day(30);
  CHECK(ReasonOf(DateFrom(date, "d").status()) == "BAD_DATE");
  date.set_day(29);
  CHECK(DateFrom(date, "d")->has_value());

  google::protobuf::Timestamp time;
  for (const std::int64_t seconds : {INT64_MIN, INT64_MAX, std::int64_t{253'402'300'800}}) {
    time.set_seconds(seconds);
    CHECK(ReasonOf(TimeFrom(time, "t").status()) == "OUT_OF_RANGE");
  }
  time.set_seconds(0);
  time.set_nanos(-1);
  CHECK(ReasonOf(TimeFrom(time, "t").status()) == "OUT_OF_RANGE");
  for (const std::int64_t micros :
       {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1'584'702'000'123'456}}) {
    CHECK(*TimeFrom(TimeToProto(micros), "t") == micros);
    CHECK(*DurationFrom(DurationToProto(micros), "t") == micros);
  }
  google::type::Money money;
  money.set_units(INT64_MAX);
  CHECK(ReasonOf(MoneyFrom(money, "m").status()) == "OUT_OF_RANGE");
  money.set_units(1);
  money.set_nanos(-1000);
  CHECK(ReasonOf(MoneyFrom(money, "m").status()) == "OUT_OF_RANGE");
}

TEST_CASE("facts become values: absent stays absent, and what a later agent knows is unknown") {
  v1::Facts wire;
  wire.mutable_os()->set_id("debian");
  wire.mutable_os()->set_uptime_seconds(7300);
  wire.mutable_storage()->set_root_free_bytes(25);
  wire.mutable_storage()->set_root_total_bytes(100);
  auto* disk = wire.mutable_storage()->add_disks();
  disk->set_name("nvme0n1");
  disk->set_size_bytes(512);
  wire.mutable_clock()->set_synchronised(false);
  wire.mutable_vpn()->add_clients()->set_tool(v1::VPN_TOOL_OPENVPN);
  wire.mutable_vpn()->add_clients()->set_tool(static_cast<v1::VpnTool>(99));
  auto* gateway = wire.mutable_vpn()->add_gateways();
  gateway->set_protocol(v1::GATEWAY_PROTOCOL_IKEV2);
  gateway->set_answer(static_cast<v1::GatewayAnswer>(99));
  auto* unreadable = wire.add_unreadable();
  unreadable->set_fact("hardware.serial");
  unreadable->set_reason("needs the collector");

  const auto sheet = FactsFrom(wire);
  REQUIRE(sheet.ok());
  CHECK(sheet->sections ==
        std::set{Section::kOs, Section::kStorage, Section::kClock, Section::kVpn});
  CHECK(sheet->values.at(FieldId::kOsId) == inventory::Value(std::string("debian")));
  CHECK(sheet->values.at(FieldId::kOsUptimeHours) == inventory::Value(std::int64_t{2}));
  CHECK(sheet->values.at(FieldId::kDiskFreePercent) == inventory::Value(std::int64_t{25}));
  CHECK(sheet->values.at(FieldId::kClockSynchronised) == inventory::Value(false));
  CHECK_FALSE(sheet->values.contains(FieldId::kOsVersion));
  CHECK_FALSE(sheet->values.contains(FieldId::kClockMaxError));
  CHECK(sheet->values.at(FieldId::kVpnClients) ==
        inventory::Value(std::vector<std::string>{"OPENVPN"}));
  REQUIRE(sheet->vpn_gateways.size() == 1);
  CHECK(sheet->vpn_gateways[0].protocol == "IKEV2");
  CHECK(sheet->vpn_gateways[0].answer.empty());
  CHECK(sheet->unreadable.at("hardware.serial") == "needs the collector");
  CHECK_FALSE(sheet->unreadable.contains("vpn.clients"));  // one of them is known
  CHECK(sheet->unreadable.contains("vpn.gateway.answer"));
}

TEST_CASE("facts of the whole catalogue become values, and a list that is known may be empty") {
  v1::Facts wire;
  wire.mutable_hardware()->add_batteries()->set_cycle_count(12);
  wire.mutable_hardware()->add_batteries()->set_cycle_count(7);
  wire.mutable_network()->set_connectivity(v1::CONNECTIVITY_PORTAL);
  wire.mutable_security()->mutable_exposed();
  wire.mutable_security()->mutable_antivirus_signatures_time()->set_seconds(5);
  wire.mutable_updates()->mutable_security_since_time()->set_seconds(6);
  wire.mutable_agent()->mutable_certificate_not_after_time()->set_seconds(7);
  wire.mutable_agent()->mutable_certificate_renew_time()->set_seconds(8);
  auto* client = wire.mutable_vpn()->add_clients();
  client->set_tool(v1::VPN_TOOL_OPENVPN);
  client->set_version("2.6");
  wire.mutable_vpn()->mutable_tunnel()->set_up(true);
  wire.mutable_vpn()->mutable_tunnel()->set_dns(false);
  auto* profile = wire.mutable_vpn()->add_profiles();
  profile->set_root_only(false);
  profile->mutable_certificate()->set_key_matches(true);
  profile->mutable_ca_not_after_time()->set_seconds(9);
  auto* gateway = wire.mutable_vpn()->add_gateways();
  gateway->set_protocol(v1::GATEWAY_PROTOCOL_ANYCONNECT);
  gateway->set_certificate_trusted(true);
  gateway->mutable_certificate_not_after_time()->set_seconds(8);
  auto* tool = wire.mutable_tools()->add_tools();
  tool->set_name("teams");
  tool->set_version("1.4");
  for (const auto answer :
       {v1::GATEWAY_ANSWER_AUTHENTICATED, v1::GATEWAY_ANSWER_SILENT, v1::GATEWAY_ANSWER_UNKNOWN}) {
    auto* application = wire.mutable_applications()->add_answers();
    application->set_application(v1::GatewayAnswer_Name(answer).substr(15));
    application->set_answer(answer);
  }
  const auto sheet = FactsFrom(wire);
  REQUIRE(sheet.ok());
  using Texts = std::vector<std::string>;
  const auto is = [&](FieldId id, const inventory::Value& value) {
    INFO(inventory::Get(id).name);
    REQUIRE(sheet->values.contains(id));
    CHECK(sheet->values.at(id) == value);
  };
  is(FieldId::kBatteryCycles, std::int64_t{12});
  is(FieldId::kNetworkConnectivity, std::string("PORTAL"));
  is(FieldId::kListenExposed, Texts{});
  is(FieldId::kAntivirusSignatures, std::int64_t{5'000'000});
  is(FieldId::kUpdatesSecuritySince, std::int64_t{6'000'000});
  is(FieldId::kAgentCertificateExpires, std::int64_t{7'000'000});
  is(FieldId::kAgentRenewalDue, std::int64_t{8'000'000});
  is(FieldId::kVpnClientVersions, Texts{"OPENVPN 2.6"});
  is(FieldId::kVpnTunnelUp, true);
  is(FieldId::kVpnTunnelDns, false);
  is(FieldId::kToolsInstalled, Texts{"teams"});
  is(FieldId::kToolsVersions, Texts{"teams 1.4"});
  is(FieldId::kApplicationsCount, std::int64_t{3});
  is(FieldId::kApplicationsReachable, Texts{"AUTHENTICATED"});
  is(FieldId::kApplicationsUnreachable, Texts{"SILENT"});
  CHECK(sheet->vpn_profiles[0].root_only == false);
  CHECK(sheet->vpn_profiles[0].key_matches == true);
  CHECK_FALSE(sheet->vpn_profiles[0].trusted.has_value());
  CHECK(sheet->vpn_profiles[0].ca_expires == 9'000'000);
  CHECK(sheet->vpn_gateways[0].protocol == "ANYCONNECT");
  CHECK(sheet->vpn_gateways[0].certificate_expires == 8'000'000);
  // An agent of before says nothing of them: no list is empty by its silence.
  v1::Facts before;
  before.mutable_security()->set_firewall_enabled(true);
  CHECK_FALSE(FactsFrom(before)->values.contains(FieldId::kListenExposed));
}

TEST_CASE("row 17: a value that only a later Parc knows passes no check, and fails none") {
  const auto outcome_of = [](const v1::Facts& wire, std::string_view check) {
    auto sheet = FactsFrom(wire);
    REQUIRE(sheet.ok());
    inventory::DeriveFacts(*sheet);
    const posture::Judgement judged =
        posture::Judge(posture::DefaultPolicy(), *sheet, nullptr, 1'584'702'000'000'000);
    for (const posture::CheckResult& result : judged.checks) {
      if (result.check == check) return result;
    }
    FAIL("no such check: " << check);
    return posture::CheckResult{};
  };
  v1::Facts wire;
  auto& vpn = *wire.mutable_vpn();
  CHECK(outcome_of(wire, "vpn-client-installed").outcome == posture::Outcome::kFail);
  vpn.add_clients()->set_tool(static_cast<v1::VpnTool>(99));
  const posture::CheckResult client = outcome_of(wire, "vpn-client-installed");
  CHECK(client.outcome == posture::Outcome::kUnknown);
  CHECK(client.evidence == "vpn.clients: a value that only a later Parc knows");
  vpn.add_clients()->set_tool(v1::VPN_TOOL_OPENVPN);
  CHECK(outcome_of(wire, "vpn-client-installed").outcome == posture::Outcome::kPass);

  vpn.mutable_tunnel()->set_up(false);
  auto* silent = vpn.add_gateways();
  silent->set_protocol(v1::GATEWAY_PROTOCOL_IKEV2);
  silent->set_answer(v1::GATEWAY_ANSWER_SILENT);
  CHECK(outcome_of(wire, "vpn-gateway-reach").outcome == posture::Outcome::kFail);
  auto* later = vpn.add_gateways();
  later->set_protocol(static_cast<v1::GatewayProtocol>(99));
  later->set_answer(static_cast<v1::GatewayAnswer>(99));
  const posture::CheckResult reach = outcome_of(wire, "vpn-gateway-reach");
  CHECK(reach.outcome == posture::Outcome::kUnknown);
  CHECK(reach.evidence == "vpn.gateway.answer: a value that only a later Parc knows");
  silent->set_answer(v1::GATEWAY_ANSWER_REACHABLE);
  CHECK(outcome_of(wire, "vpn-gateway-reach").outcome == posture::Outcome::kPass);
}

TEST_CASE("sizes that cannot be and sections that are none are refused by their field") {
  v1::CheckInRequest request;
  auto& storage = *request.mutable_facts()->mutable_storage();
  storage.set_root_total_bytes(100);
  for (const std::int64_t free : {std::int64_t{-1}, std::int64_t{101}, INT64_MIN}) {
    storage.set_root_free_bytes(free);
    const auto report = ReportFrom(request);
    CHECK(ReasonOf(report.status()) == "OUT_OF_RANGE");
    CHECK(FieldOf(report.status()) == "facts.storage.root_free_bytes");
  }
  storage.set_root_free_bytes(INT64_MAX);
  storage.set_root_total_bytes(INT64_MAX);
  CHECK(ReportFrom(request).ok());
  request.add_removed_sections("vpn");
  CHECK(ReportFrom(request)->removed == std::set{Section::kVpn});
  for (const char* name : {"", "none", "wifi"}) {
    request.set_removed_sections(0, name);
    CHECK(ReasonOf(ReportFrom(request).status()) == "BAD_SECTION");
  }
}

TEST_CASE("a new order is read with its lines numbered and their first promises dated") {
  v1::Order wire;
  wire.set_reference("BC-1");
  wire.mutable_order_date()->set_year(2020);
  wire.mutable_order_date()->set_month(3);
  wire.mutable_order_date()->set_day(2);
  auto* line = wire.add_lines();
  line->set_quantity(200);
  auto* promise = line->add_promises();
  *promise->mutable_promised_date() = wire.order_date();
  wire.add_lines()->set_quantity(3);
  const auto order = OrderFrom(wire);
  REQUIRE(order.ok());
  REQUIRE(order->lines.size() == 2);
  CHECK(order->lines[0].line == 1);
  CHECK(order->lines[1].line == 2);
  CHECK(order->lines[0].promises.at(0).announced == order->ordered);
  line->add_promises();
  CHECK(FieldOf(OrderFrom(wire).status()) == "order.lines[0].promises");
}

TEST_CASE("a person without a tier has the last one, and an unknown telework state is refused") {
  v1::Person wire;
  wire.set_name("people/p-1");
  CHECK(PersonFrom(wire)->id == "p-1");
  CHECK(PersonFrom(wire)->tier == 4);
  wire.set_telework(static_cast<v1::Telework>(9));
  CHECK(ReasonOf(PersonFrom(wire).status()) == "BAD_TELEWORK");
}

}  // namespace parc::rpc
