#include "daemon/rpc/methods.h"

#include <algorithm>
#include <array>

namespace parc::rpc {
namespace {

using access::Permission;
using std::chrono::minutes;

constexpr std::array kAgent = {
    Method{"/parc.v1.AgentService/CheckIn", Admits::kDevice, {}, {}},
    Method{"/parc.v1.AgentService/RenewCertificate", Admits::kDevice, {}, {}},
    Method{"/grpc.health.v1.Health/Check", Admits::kSelfCheck, {}, {}},
    Method{"/grpc.health.v1.Health/Watch", Admits::kSelfCheck, {}, {}},
};

constexpr Method Person(std::string_view name, Permission permission) {
  return Method{name, Admits::kPerson, permission, {}};
}
// What is computed for a while, and waits for others that are.
constexpr Method Long(std::string_view name, Permission permission) {
  return Method{name, Admits::kPerson, permission, {}, minutes(10)};
}
constexpr Method AnyRole(std::string_view name) { return Method{name, Admits::kPerson, {}, {}}; }

constexpr std::array kPeople = {
    Person("/parc.v1.LaptopService/GetLaptop", Permission::kReadFleet),
    Person("/parc.v1.LaptopService/ListLaptops", Permission::kReadFleet),
    Person("/parc.v1.LaptopService/CreateLaptop", Permission::kChangeFleet),
    Person("/parc.v1.LaptopService/UpdateLaptop", Permission::kChangeFleet),
    Person("/parc.v1.LaptopService/AssignLaptop", Permission::kChangeFleet),
    Person("/parc.v1.LaptopService/ReturnLaptop", Permission::kChangeFleet),
    Person("/parc.v1.LaptopService/SwapLaptop", Permission::kChangeFleet),
    Person("/parc.v1.LaptopService/MoveLaptop", Permission::kChangeFleet),
    Person("/parc.v1.LaptopService/ListEvents", Permission::kReadFleet),
    Person("/parc.v1.LaptopService/ExplainLaptop", Permission::kReadDevice),

    Person("/parc.v1.PersonService/GetPerson", Permission::kReadPeople),
    Person("/parc.v1.PersonService/ListPeople", Permission::kReadPeople),
    Person("/parc.v1.PersonService/CreatePerson", Permission::kChangeFleet),
    Person("/parc.v1.PersonService/UpdatePerson", Permission::kChangeFleet),

    Person("/parc.v1.SiteService/GetSite", Permission::kReadFleet),
    Person("/parc.v1.SiteService/ListSites", Permission::kReadFleet),
    Person("/parc.v1.SiteService/CreateSite", Permission::kChangeFleet),
    Person("/parc.v1.SiteService/UpdateSite", Permission::kChangeFleet),

    Person("/parc.v1.OrderService/GetOrder", Permission::kReadProcurement),
    Person("/parc.v1.OrderService/ListOrders", Permission::kReadProcurement),
    Person("/parc.v1.OrderService/CreateOrder", Permission::kChangeProcurement),
    Person("/parc.v1.OrderService/PlaceOrder", Permission::kChangeProcurement),
    Person("/parc.v1.OrderService/RecordShipment", Permission::kChangeProcurement),
    Person("/parc.v1.OrderService/RecordPromise", Permission::kChangeProcurement),
    Person("/parc.v1.OrderService/ReceiveLaptops", Permission::kChangeProcurement),
    Person("/parc.v1.OrderService/CancelOrderLine", Permission::kChangeProcurement),
    Person("/parc.v1.OrderService/CancelOrder", Permission::kChangeProcurement),
    Person("/parc.v1.OrderService/ListSuppliers", Permission::kReadProcurement),

    Person("/parc.v1.PlanningService/GetPlanning", Permission::kReadProcurement),
    Person("/parc.v1.PlanningService/UpdatePlanning", Permission::kChangeProcurement),
    Person("/parc.v1.PlanningService/ListTargets", Permission::kReadProcurement),
    Person("/parc.v1.PlanningService/SetTarget", Permission::kChangeProcurement),
    Person("/parc.v1.PlanningService/DeleteTarget", Permission::kChangeProcurement),

    Person("/parc.v1.FleetService/GetStatus", Permission::kReadStatus),
    AnyRole("/parc.v1.FleetService/ListFields"),
    // Orders are procurement's, everything else the fleet's: the handler looks at the kind.
    Method{"/parc.v1.FleetService/ImportFile", Admits::kPerson, Permission::kChangeFleet,
           Permission::kChangeProcurement, minutes(10)},
    // Names people by their numbers, and tells what was ordered.
    Method{"/parc.v1.FleetService/ExportWorld",
           Admits::kPerson,
           Permission::kReadProcurement,
           {},
           minutes(1)},
    Method{"/parc.v1.FleetService/CreateBackup",
           Admits::kPerson,
           Permission::kAdminister,
           {},
           minutes(10)},

    Long("/parc.v1.ForecastService/ComputeForecast", Permission::kReadProcurement),
    Long("/parc.v1.ForecastService/CompareScenario", Permission::kReadProcurement),
    Long("/parc.v1.ForecastService/PlanOrder", Permission::kReadProcurement),
    Long("/parc.v1.ForecastService/Backtest", Permission::kReadProcurement),
    Person("/parc.v1.ForecastService/GetForecast", Permission::kReadProcurement),
    Person("/parc.v1.ForecastService/ListForecasts", Permission::kReadProcurement),
    // Totals are for whoever may see the status; its forecast and orders are masked.
    Long("/parc.v1.ReportService/GetFlashReport", Permission::kReadStatus),

    Person("/parc.v1.PolicyService/GetPolicy", Permission::kReadStatus),
    Person("/parc.v1.PolicyService/ListPolicies", Permission::kReadStatus),
    Person("/parc.v1.PolicyService/CheckPolicy", Permission::kReadStatus),
    // Names the laptops whose verdict would change.
    Long("/parc.v1.PolicyService/PreviewPolicy", Permission::kReadDevice),
    Person("/parc.v1.PolicyService/ApplyPolicy", Permission::kAdminister),

    Person("/parc.v1.ReadinessService/GetReadinessReport", Permission::kReadStatus),
    Long("/parc.v1.ReadinessService/GetReadinessTrend", Permission::kReadStatus),
    Person("/parc.v1.ReadinessService/ListVerdicts", Permission::kReadDevice),
    Person("/parc.v1.ReadinessService/RecheckLaptop", Permission::kManageDevices),
    Person("/parc.v1.ReadinessService/GetRolloutReport", Permission::kReadStatus),
    Person("/parc.v1.ReadinessService/GetApplicationReport", Permission::kReadStatus),
    Person("/parc.v1.ReadinessService/ListAlerts", Permission::kReadStatus),
    Method{"/parc.v1.ReadinessService/WatchFleet",
           Admits::kPerson,
           Permission::kReadDevice,
           {},
           minutes(40)},

    Person("/parc.v1.DeviceService/CreateEnrolmentToken", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/ListEnrolmentTokens", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/RevokeEnrolmentToken", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/GetDevice", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/ListDevices", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/RevokeDevice", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/ListEnrolmentRequests", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/ApproveEnrolmentRequest", Permission::kManageDevices),
    Person("/parc.v1.DeviceService/RejectEnrolmentRequest", Permission::kManageDevices),

    AnyRole("/parc.v1.TokenService/WhoAmI"),
    Person("/parc.v1.TokenService/CreateToken", Permission::kAdminister),
    Person("/parc.v1.TokenService/ListTokens", Permission::kAdminister),
    Person("/parc.v1.TokenService/RevokeToken", Permission::kAdminister),

    Method{"/grpc.health.v1.Health/Check", Admits::kAnyone, {}, {}},
    Method{"/grpc.health.v1.Health/Watch", Admits::kAnyone, {}, {}},
    AnyRole("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
    AnyRole("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
};

}  // namespace

std::span<const Method> AgentMethods() { return kAgent; }
std::span<const Method> PeopleMethods() { return kPeople; }

const Method* FindMethod(std::span<const Method> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Method::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace parc::rpc
