#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "daemon/rpc/methods.h"
#include "google/protobuf/descriptor.h"
#include "parc/v1/agent.pb.h"
#include "tests/rpc/edge_support.h"

// Every method of every service, on both ports, by everybody: who comes in and who does not.
namespace parc::rpc {
namespace {

// Roles that may call, by letter: a(dmin) t(echnician) p(rocurement) u = auditor; * also strangers.
const std::map<std::string, std::string>& WhoMayCall() {
  static const std::map<std::string, std::string> kTable = {
      {"/parc.v1.LaptopService/GetLaptop", "atpu"},
      {"/parc.v1.LaptopService/ListLaptops", "atpu"},
      {"/parc.v1.LaptopService/CreateLaptop", "at"},
      {"/parc.v1.LaptopService/UpdateLaptop", "at"},
      {"/parc.v1.LaptopService/AssignLaptop", "at"},
      {"/parc.v1.LaptopService/ReturnLaptop", "at"},
      {"/parc.v1.LaptopService/SwapLaptop", "at"},
      {"/parc.v1.LaptopService/MoveLaptop", "at"},
      {"/parc.v1.LaptopService/ListEvents", "atpu"},
      {"/parc.v1.LaptopService/ExplainLaptop", "atu"},
      {"/parc.v1.PersonService/GetPerson", "at"},
      {"/parc.v1.PersonService/ListPeople", "at"},
      {"/parc.v1.PersonService/CreatePerson", "at"},
      {"/parc.v1.PersonService/UpdatePerson", "at"},
      {"/parc.v1.SiteService/GetSite", "atpu"},
      {"/parc.v1.SiteService/ListSites", "atpu"},
      {"/parc.v1.SiteService/CreateSite", "at"},
      {"/parc.v1.SiteService/UpdateSite", "at"},
      {"/parc.v1.OrderService/GetOrder", "apu"},
      {"/parc.v1.OrderService/ListOrders", "apu"},
      {"/parc.v1.OrderService/CreateOrder", "ap"},
      {"/parc.v1.OrderService/PlaceOrder", "ap"},
      {"/parc.v1.OrderService/RecordShipment", "ap"},
      {"/parc.v1.OrderService/RecordPromise", "ap"},
      {"/parc.v1.OrderService/ReceiveLaptops", "ap"},
      {"/parc.v1.OrderService/CancelOrderLine", "ap"},
      {"/parc.v1.OrderService/CancelOrder", "ap"},
      {"/parc.v1.OrderService/ListSuppliers", "apu"},
      {"/parc.v1.PlanningService/GetPlanning", "apu"},
      {"/parc.v1.PlanningService/UpdatePlanning", "ap"},
      {"/parc.v1.PlanningService/ListTargets", "apu"},
      {"/parc.v1.PlanningService/SetTarget", "ap"},
      {"/parc.v1.PlanningService/DeleteTarget", "ap"},
      {"/parc.v1.FleetService/GetStatus", "atpu"},
      {"/parc.v1.FleetService/ListFields", "atpu"},
      {"/parc.v1.FleetService/ImportFile", "atp"},
      {"/parc.v1.FleetService/ExportWorld", "a"},
      {"/parc.v1.FleetService/CreateBackup", "a"},
      {"/parc.v1.ForecastService/ComputeForecast", "apu"},
      {"/parc.v1.ForecastService/CompareScenario", "apu"},
      {"/parc.v1.ForecastService/PlanOrder", "apu"},
      {"/parc.v1.ForecastService/Backtest", "apu"},
      {"/parc.v1.ForecastService/GetForecast", "apu"},
      {"/parc.v1.ForecastService/ListForecasts", "apu"},
      {"/parc.v1.ReportService/GetFlashReport", "atpu"},
      {"/parc.v1.PolicyService/GetPolicy", "atpu"},
      {"/parc.v1.PolicyService/ListPolicies", "atpu"},
      {"/parc.v1.PolicyService/CheckPolicy", "atpu"},
      {"/parc.v1.PolicyService/PreviewPolicy", "atu"},
      {"/parc.v1.PolicyService/ApplyPolicy", "a"},
      {"/parc.v1.ReadinessService/GetReadinessReport", "atpu"},
      {"/parc.v1.ReadinessService/GetReadinessTrend", "atpu"},
      {"/parc.v1.ReadinessService/ListVerdicts", "atu"},
      {"/parc.v1.ReadinessService/RecheckLaptop", "at"},
      {"/parc.v1.ReadinessService/WatchFleet", "atu"},
      {"/parc.v1.ReadinessService/GetRolloutReport", "atpu"},
      {"/parc.v1.ReadinessService/GetApplicationReport", "atpu"},
      {"/parc.v1.ReadinessService/ListAlerts", "atpu"},
      {"/parc.v1.DeviceService/CreateEnrolmentToken", "at"},
      {"/parc.v1.DeviceService/ListEnrolmentTokens", "at"},
      {"/parc.v1.DeviceService/RevokeEnrolmentToken", "at"},
      {"/parc.v1.DeviceService/GetDevice", "at"},
      {"/parc.v1.DeviceService/ListDevices", "at"},
      {"/parc.v1.DeviceService/RevokeDevice", "at"},
      {"/parc.v1.DeviceService/ListEnrolmentRequests", "at"},
      {"/parc.v1.DeviceService/ApproveEnrolmentRequest", "at"},
      {"/parc.v1.DeviceService/RejectEnrolmentRequest", "at"},
      {"/parc.v1.TokenService/WhoAmI", "atpu"},
      {"/parc.v1.TokenService/CreateToken", "a"},
      {"/parc.v1.TokenService/ListTokens", "a"},
      {"/parc.v1.TokenService/RevokeToken", "a"},
      {"/grpc.health.v1.Health/Check", "*atpu"},
      {"/grpc.health.v1.Health/Watch", "*atpu"},
      {"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "atpu"},
      {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "atpu"},
  };
  return kTable;
}

// All methods of the services that have one in the table of a server.
std::set<std::string> Served(std::span<const Method> table) {
  std::set<std::string> methods;
  for (const Method& row : table) {
    const std::string name(row.name.substr(1, row.name.rfind('/') - 1));
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    REQUIRE(service != nullptr);
    for (int i = 0; i < service->method_count(); ++i) {
      methods.insert("/" + name + "/" + service->method(i)->name());
    }
  }
  return methods;
}

bool ComesIn(const Reply& reply) {
  return reply.status.error_code() != grpc::StatusCode::UNAUTHENTICATED &&
         reply.status.error_code() != grpc::StatusCode::PERMISSION_DENIED;
}

}  // namespace

TEST_CASE("on the people port everybody may call what their role allows, and nothing else") {
  Edge edge;
  const auto channel = edge.PeopleChannel();
  const std::map<char, std::string> callers = {
      {'*', ""},
      {'a', edge.admin()},
      {'t', edge.Token(access::Role::kTechnician)},
      {'p', edge.Token(access::Role::kProcurement)},
      {'u', edge.Token(access::Role::kAuditor)},
  };
  const std::set<std::string> methods = Served(PeopleMethods());
  CHECK(methods.size() == WhoMayCall().size());
  for (const std::string& method : methods) {
    INFO(method);
    REQUIRE(WhoMayCall().contains(method));
    // Of a stream the status comes behind messages that CallRaw does not read: ask for one that is
    // refused at once.
    const bool streams =
        method.starts_with("/parc.v1.ForecastService/") || method.ends_with("/WatchFleet");
    for (const auto& [letter, token] : callers) {
      INFO("as " << letter);
      // Strangers use up the ten failures that an address has in a minute: the clock moves on.
      if (letter == '*') edge.skew += 10 * access::kSecond;
      const Reply reply = CallRaw(channel, method, streams ? "\xff" : "", {.token = token});
      INFO(reply.Verdict() << ": " << reply.status.error_message());
      const bool may = WhoMayCall().at(method).find(letter) != std::string::npos;
      CHECK(ComesIn(reply) == may);
      CHECK(reply.status.error_code() != grpc::StatusCode::UNAVAILABLE);
      CHECK(reply.status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED);
      if (!may) CHECK(reply.reason() == (letter == '*' ? "BAD_API_TOKEN" : "ROLE_DENIED"));
      if (!reply.status.ok()) CHECK_FALSE(reply.reason().empty());
    }
  }
}

TEST_CASE("on the agent port a laptop reports, the self-check asks for health, and no more") {
  Edge edge;
  const Identity laptop = edge.EnrolledLaptop("PC-1");
  const auto as_laptop = edge.AgentChannel(laptop);
  const auto as_probe = edge.AgentChannel(edge.SelfCheck());
  for (const std::string& method : Served(AgentMethods())) {
    INFO(method);
    const bool health = method.starts_with("/grpc.health");
    const Reply by_laptop = CallRaw(as_laptop, method, "");
    CHECK(ComesIn(by_laptop) == !health);
    if (health) CHECK(by_laptop.Verdict() == "PERMISSION_DENIED PEER_DENIED");
    const Reply by_probe = CallRaw(as_probe, method, "");
    CHECK(ComesIn(by_probe) == health);
    if (!health) CHECK(by_probe.Verdict() == "PERMISSION_DENIED PEER_DENIED");
    // Neither no certificate nor a token in its place.
    const Reply by_stranger = CallRaw(edge.AgentChannel({}), method, "", {.token = edge.admin()});
    CHECK(by_stranger.status.error_code() == grpc::StatusCode::UNAVAILABLE);
  }
  CHECK(CallRaw(as_probe, "/grpc.health.v1.Health/Check", "").status.ok());
}

TEST_CASE("row 37: what one port serves is unknown on the other") {
  Edge edge;
  const auto agent = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  for (const std::string& method : Served(PeopleMethods())) {
    if (method.starts_with("/grpc.health")) continue;
    INFO(method);
    CHECK(CallRaw(agent, method, "").status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
  }
  const auto people = edge.PeopleChannel();
  for (const char* method :
       {"/parc.v1.AgentService/CheckIn", "/parc.v1.AgentService/RenewCertificate",
        "/parc.v1.EnrolmentService/Enrol", "/no.such.Service/Method"}) {
    INFO(method);
    CHECK(CallRaw(people, method, "", {.token = edge.admin()}).status.error_code() ==
          grpc::StatusCode::UNIMPLEMENTED);
  }
}

}  // namespace parc::rpc
