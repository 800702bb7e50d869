#include "daemon/rpc/server.h"

#include <utility>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/agent_service.h"
#include "daemon/rpc/grpc_log.h"
#include "daemon/rpc/health_service.h"
#include "daemon/rpc/people_handlers.h"
#include "daemon/rpc/raw_service.h"
#include "daemon/rpc/reflection_service.h"
#include "daemon/rpc/tls.h"
#include "google/protobuf/descriptor.h"
#include "grpc/grpc.h"
#include "grpc/support/time.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "spdlog/logger.h"
#ifdef PARC_BENCH
#include "daemon/rpc/yardstick.h"
#endif

namespace parc::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;
using ConnectionType = grpc::ServerBuilder::experimental_type::ExternalConnectionType;

constexpr int kKiB = 1024;
constexpr int kMiB = 1024 * kKiB;
constexpr int kSecond = 1000;  // milliseconds, as gRPC's arguments have it
constexpr int kMinute = 60 * kSecond;

struct Limits {
  const char* name;
  int message_bytes;
  int streams;  // at once on one connection
  // The receive limit is checked only after a message is in memory: this is the bound of memory.
  std::size_t quota_bytes;
  int idle;
  // Nothing else ends a client that sends half a message and falls silent.
  int age;
  int grace;
  int calls;
};
constexpr Limits kAgentLimits = {.name = "agent",
                                 .message_bytes = 256 * kKiB,
                                 .streams = 4,
                                 .quota_bytes = 128 * kMiB,
                                 .idle = 2 * kMinute,
                                 .age = 10 * kMinute,
                                 .grace = 30 * kSecond,
                                 .calls = 4096};
constexpr Limits kPeopleLimits = {.name = "people",
                                  .message_bytes = 1 * kMiB,
                                  .streams = 100,
                                  .quota_bytes = 128 * kMiB,
                                  .idle = 10 * kMinute,
                                  .age = 30 * kMinute,
                                  .grace = 10 * kMinute,  // an import in flight
                                  .calls = 512};

void Configure(grpc::ServerBuilder& builder, const Limits& limits) {
  grpc::ResourceQuota quota(limits.name);
  quota.Resize(limits.quota_bytes);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(limits.message_bytes);
  // 200 KB of gzip become 200 MB before any limit is looked at.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 * kKiB);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, limits.idle);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, limits.age);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits.grace);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_OPTIMIZATION_TARGET, "throughput");
}

class GrpcServer final : public Server {
 public:
  ~GrpcServer() override { Shutdown(std::chrono::milliseconds(0)); }

  // Every service of `names`, with the handlers given.
  absl::Status Start(const Limits& limits, const std::vector<std::string>& names,
                     Handlers& handlers, std::shared_ptr<grpc::ServerCredentials> credentials) {
    grpc::ServerBuilder builder;
    Configure(builder, limits);
    for (const std::unique_ptr<grpc::Service>& service : services_) {
      builder.RegisterService(service.get());
    }
    std::vector<std::function<void()>> starts;
    for (const std::string& name : names) {
      const ServiceDescriptor* found = DescriptorPool::generated_pool()->FindServiceByName(name);
      if (found == nullptr) return absl::InternalError("no descriptor of " + name);
      PARC_ASSIGN(std::unique_ptr<RawService> service, RawService::Make(*found, handlers));
      builder.RegisterService(service.get());
      for (const auto& queued : service->queued()) {
        CallQueue& queue =
            *queues_.emplace_back(std::make_unique<CallQueue>(builder.AddCompletionQueue()));
        starts.emplace_back([service = service.get(), number = queued.first, &queue] {
          service->StartQueue(number, queue);
        });
      }
      services_.push_back(std::move(service));
    }
    acceptor_ = builder.experimental().AddExternalConnectionAcceptor(ConnectionType::FROM_FD,
                                                                     std::move(credentials));
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::InternalError("gRPC did not start");
    for (const std::function<void()>& start : starts) start();
    return absl::OkStatus();
  }

  // Serves `service` too; before Start.
  void Add(std::unique_ptr<grpc::Service> service) { services_.push_back(std::move(service)); }

  void Accept(int fd, int listener_fd) override {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = fd;
    connection.listener_fd = listener_fd;
    acceptor_->HandleNewConnection(&connection);
  }

  void Shutdown(std::chrono::milliseconds grace) override {
    if (server_ == nullptr) return;
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                   gpr_time_from_millis(grace.count(), GPR_TIMESPAN)));
    server_->Wait();
    queues_.clear();  // after the server has shut down, and before it is gone
    server_.reset();
  }

  Deadlines& deadlines() { return deadlines_; }
  // Made when it is first asked for; ends after the calls.
  Worker& files() {
    if (files_ == nullptr) {
      files_ = std::make_unique<Worker>(Worker::Kind{
          .thread = "parc-files", .busy = "The daemon is busy with other files; try again later."});
    }
    return *files_;
  }
  // One forecast at a time, behind everything else: check-ins never wait for one.
  Worker& forecasts() {
    if (forecasts_ == nullptr) {
      forecasts_ = std::make_unique<Worker>(
          Worker::Kind{.thread = "parc-forecast",
                       .busy = "Other forecasts are being computed; try again later.",
                       .nice = 10});
    }
    return *forecasts_;
  }

 private:
  Deadlines deadlines_;
  std::unique_ptr<Worker> files_;
  std::unique_ptr<Worker> forecasts_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<CallQueue>> queues_;
};

std::shared_ptr<CallPath> MakePath(const Context& context, Identify identify, Deadlines& deadlines,
                                   int calls) {
  auto path = std::make_shared<CallPath>();
  path->context = context;
  path->identify = std::move(identify);
  path->deadlines = &deadlines;
  path->max_calls = calls;
  return path;
}

// Keeps the day of a token's use. Nobody waits for it, and a queue that is full is no reason to
// refuse the call: then the next one notes it.
std::function<void(const access::Caller&, std::int64_t)> NoteUse(const Context& context,
                                                                 const PeopleParts& parts) {
  return [changes = parts.changes, tokens = parts.token_changes, zone = context.zone](
             const access::Caller& caller, std::int64_t now) {
    changes
        ->Submit(
            {.actor = "tokens/" + caller.token_id,
             .now = now,
             .today = inventory::DayOf(now, zone),
             .effective = {},
             .reason = {}},
            {.request_id = {}, .method = "note-use", .body_digest = {}},
            [tokens, id = caller.token_id, now](fleet::Change&) -> absl::StatusOr<std::string> {
              PARC_TRY(tokens->NoteUse(id, now));
              return std::string();
            },
            [](const absl::StatusOr<std::string>&) {})
        .IgnoreError();
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> StartAgentServer(const Context& context,
                                                         const AgentParts& parts,
                                                         const TlsFiles& tls) {
  RouteGrpcLog(context.log);
  const std::vector<std::string> services = {"parc.v1.AgentService", "grpc.health.v1.Health"};
  Identify identify = ByCertificate(*parts.certificates, *parts.devices);
  auto server = std::make_unique<GrpcServer>();
#ifdef PARC_BENCH
  identify = SpeakForOthers(std::move(identify), *parts.devices);
  server->Add(MakeYardstick());
#endif
  Handlers handlers(MakePath(context, std::move(identify), server->deadlines(), kAgentLimits.calls),
                    AgentMethods());
  RegisterAgent(handlers, parts);
  RegisterHealth(handlers, services);
  PARC_TRY(server->Start(kAgentLimits, services, handlers,
                         CertificateFirst(tls, {parts.certificates, parts.devices, context.now})));
  return server;
}

absl::StatusOr<std::unique_ptr<Server>> StartPeopleServer(const Context& context,
                                                          const PeopleParts& parts,
                                                          const TlsFiles& tls) {
  RouteGrpcLog(context.log);
  const std::vector<std::string> services = {"parc.v1.LaptopService",
                                             "parc.v1.PersonService",
                                             "parc.v1.SiteService",
                                             "parc.v1.OrderService",
                                             "parc.v1.PlanningService",
                                             "parc.v1.PolicyService",
                                             "parc.v1.FleetService",
                                             "parc.v1.ForecastService",
                                             "parc.v1.ReadinessService",
                                             "parc.v1.ReportService",
                                             "parc.v1.DeviceService",
                                             "parc.v1.TokenService",
                                             "grpc.health.v1.Health",
                                             "grpc.reflection.v1.ServerReflection",
                                             "grpc.reflection.v1alpha.ServerReflection"};
  auto server = std::make_unique<GrpcServer>();
  Handlers handlers(MakePath(context, ByToken(*parts.tokens, NoteUse(context, parts)),
                             server->deadlines(), kPeopleLimits.calls),
                    PeopleMethods());
  auto people = std::make_shared<People>();
  people->parts = parts;
  people->files = &server->files();
  people->forecasts = &server->forecasts();
  PeopleHandlers of_people(handlers, people);
  RegisterLaptops(of_people);
  RegisterPeople(of_people);
  RegisterOrders(of_people);
  RegisterPlanning(of_people);
  RegisterPolicies(of_people);
  RegisterFleet(of_people);
  RegisterForecasts(of_people);
  RegisterReadiness(of_people);
  RegisterReports(of_people);
  RegisterDevices(of_people);
  RegisterTokens(of_people);
  RegisterHealth(handlers, services);
  RegisterReflection(handlers, services);
  PARC_TRY(server->Start(kPeopleLimits, services, handlers, ServerOnly(tls)));
  return server;
}

}  // namespace parc::rpc
