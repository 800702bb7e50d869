#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <future>
#include <limits>

#include "fmt/format.h"
#include "google/protobuf/util/message_differencer.h"
#include "parc/v1/forecasts.grpc.pb.h"
#include "parc/v1/reports.pb.h"
#include "tests/rpc/edge_support.h"

// Forecasts over real sockets: what is computed, kept, compared, refused and cancelled.
namespace parc::rpc {
namespace {

using google::protobuf::util::MessageDifferencer;
using inventory::CivilDate;

constexpr char kFlash[] = "/parc.v1.ReportService/GetFlashReport";
constexpr CivilDate kStart{2020, 1, 6};

// Everything that a stream brought.
template <typename Response>
struct Streamed {
  grpc::Status status;
  std::vector<double> progress;
  Response last;

  std::string reason() const {
    Reply reply;
    reply.status = status;
    reply.details.ParseFromString(status.error_details());
    return reply.reason();
  }
};

template <typename Request, typename Response>
Streamed<Response> Stream(Edge& edge,
                          std::unique_ptr<grpc::ClientReader<Response>> (
                              v1::ForecastService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&),
                          const Request& request, const std::string& token = "") {
  v1::ForecastService::Stub stub(edge.PeopleChannel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  context.AddMetadata("authorization", "Bearer " + (token.empty() ? edge.admin() : token));
  const auto stream = (stub.*method)(&context, request);
  Streamed<Response> streamed;
  while (stream->Read(&streamed.last)) {
    if (streamed.last.has_progress()) {
      streamed.progress.push_back(streamed.last.progress().share());
    }
  }
  streamed.status = stream->Finish();
  return streamed;
}

Streamed<v1::ComputeForecastResponse> Compute(Edge& edge, const v1::ForecastQuestion& question) {
  v1::ComputeForecastRequest request;
  *request.mutable_question() = question;
  return Stream(edge, &v1::ForecastService::Stub::ComputeForecast, request);
}

void SetDate(google::type::Date& date, int year, int month, int day) {
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
}

// As of 20 March 2020, toward the end of that year, by a small simulation.
v1::ForecastQuestion Question() {
  v1::ForecastQuestion question;
  SetDate(*question.mutable_moment()->mutable_as_of_date(), 2020, 3, 20);
  SetDate(*question.mutable_target_date(), 2020, 12, 31);
  question.set_paths(200);
  return question;
}

// A change that took effect on `day`.
void On(Edge& edge, const CivilDate& day,
        const std::function<absl::Status(fleet::Change& change)>& change) {
  edge.Do([&](fleet::Change& open) -> absl::Status {
    fleet::ChangeContext context = open.context();
    context.effective = day;
    open.Begin(context);
    return change(open);
  });
}

// `people` in need at headquarters, of whom `equipped` hold a laptop since January 2020.
void Furnish(Edge& edge, int people, int equipped) {
  On(edge, kStart, [&](fleet::Change& change) -> absl::Status {
    for (int i = 0; i < people; ++i) {
      inventory::Person person;
      person.id = fmt::format("p-{}", i);
      person.name = "Somebody";
      person.population = "Siège";
      person.start = CivilDate{2019, 1, 1};
      if (auto made = change.CreatePerson(person); !made.ok()) return made.status();
      if (i >= equipped) continue;
      inventory::Laptop laptop;
      laptop.asset_tag = fmt::format("PC-{}", i);
      laptop.serial = fmt::format("SN7X{:04}", i);
      laptop.state = inventory::LaptopState::kPrepared;
      if (auto made = change.CreateLaptop(laptop); !made.ok()) return made.status();
      if (auto held = change.AssignLaptop(laptop.asset_tag, person.id, false, ""); !held.ok()) {
        return held.status();
      }
    }
    return absl::OkStatus();
  });
}

void Order(Edge& edge, const std::string& reference, int quantity, const CivilDate& ordered,
           const CivilDate& promised) {
  On(edge, ordered, [&](fleet::Change& change) -> absl::Status {
    procurement::Order order;
    order.reference = reference;
    order.supplier = "Micro-Beauce";
    order.ordered = ordered;
    procurement::OrderLine line;
    line.line = 1;
    line.model = "Latitude 5400";
    line.quantity = quantity;
    line.promises.push_back(
        {.promised = promised, .announced = ordered, .source = "order", .committed = 0});
    order.lines.push_back(line);
    return change.CreateOrder(order).status();
  });
}

bool Warns(const v1::Forecast& forecast, const std::string& reason) {
  for (const v1::ForecastWarning& warning : forecast.warnings()) {
    if (warning.reason() != reason) continue;
    CHECK_FALSE(warning.message_en().empty());
    CHECK_FALSE(warning.message_fr().empty());
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a forecast is computed with progress, kept under a name, and the same twice") {
  Edge edge;
  Furnish(edge, 20, 14);
  Order(edge, "BC-1", 10, {2020, 2, 10}, {2020, 5, 11});
  const auto first = Compute(edge, Question());
  INFO(first.status.error_message());
  REQUIRE(first.status.ok());
  const v1::Forecast& forecast = first.last.forecast();
  CHECK(std::is_sorted(first.progress.begin(), first.progress.end()));
  CHECK(forecast.needed() == 20);
  CHECK(forecast.equipped() == 14);
  CHECK(forecast.on_order() == 10);
  CHECK(forecast.days_size() == 365);
  REQUIRE(forecast.targets_size() == 1);
  CHECK(forecast.targets(0).probability() > 0.2);
  REQUIRE(forecast.lines_size() == 1);
  CHECK(forecast.lines(0).name() == "orders/BC-1/lines/1");
  CHECK(forecast.lines(0).value_at_risk() > 0.2);
  CHECK(forecast.paths() == 200);
  REQUIRE(forecast.name().starts_with("forecasts/"));

  v1::Forecast again = Compute(edge, Question()).last.forecast();
  *again.mutable_create_time() = forecast.create_time();
  CHECK(MessageDifferencer::Equals(again, forecast));

  v1::ListForecastsResponse kept;
  REQUIRE(edge.Ask("/parc.v1.ForecastService/ListForecasts", v1::ListForecastsRequest(), &kept)
              .status.ok());
  REQUIRE(kept.forecasts_size() == 1);
  CHECK(kept.forecasts(0).name() == forecast.name());
  CHECK(kept.forecasts(0).inputs_hash() == forecast.inputs_hash());
  CHECK(kept.forecasts(0).days_size() == 52);
  CHECK(kept.forecasts(0).scored() == 52);  // all of it is years ago
  CHECK(kept.forecasts(0).outcome() == v1::FORECAST_OUTCOME_MISSED);
  v1::GetForecastRequest get;
  get.set_name(forecast.name());
  v1::PastForecast found;
  REQUIRE(edge.Ask("/parc.v1.ForecastService/GetForecast", get, &found).status.ok());
  CHECK(found.days(0).actual_equipped() == 14);
}

TEST_CASE("a scenario is compared over the same dice") {
  Edge edge;
  Furnish(edge, 20, 14);
  Order(edge, "BC-1", 10, {2020, 2, 10}, {2020, 5, 11});
  v1::CompareScenarioRequest request;
  *request.mutable_question() = Question();
  request.mutable_scenario()->add_cancelled_lines("orders/BC-1/lines/1");
  const auto cancelled = Stream(edge, &v1::ForecastService::Stub::CompareScenario, request);
  INFO(cancelled.status.error_message());
  REQUIRE(cancelled.status.ok());
  REQUIRE(cancelled.last.comparison().targets_size() == 1);
  const v1::Difference& difference = cancelled.last.comparison().targets(0).probability();
  CHECK(difference.changed() < 0.1);
  CHECK(difference.change() < 0);
  CHECK(difference.real());
  CHECK(cancelled.last.comparison().changed().name().empty());

  request.clear_scenario();
  request.mutable_scenario()->set_tension(1);
  const auto same = Stream(edge, &v1::ForecastService::Stub::CompareScenario, request);
  REQUIRE(same.status.ok());
  CHECK(same.last.comparison().targets(0).probability().change() == 0);
  CHECK_FALSE(same.last.comparison().targets(0).probability().real());

  request.mutable_scenario()->add_cancelled_lines("orders/BC-9/lines/1");
  CHECK(Stream(edge, &v1::ForecastService::Stub::CompareScenario, request).status.error_code() ==
        grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("what to order is answered by supplier") {
  Edge edge;
  Furnish(edge, 20, 14);
  Order(edge, "BC-1", 3, {2020, 2, 10}, {2020, 5, 11});
  v1::PlanOrderRequest request;
  *request.mutable_question() = Question();
  request.set_confidence(0.6);
  const auto planned = Stream(edge, &v1::ForecastService::Stub::PlanOrder, request);
  INFO(planned.status.error_message());
  REQUIRE(planned.status.ok());
  const v1::OrderPlan& plan = planned.last.plan();
  CHECK(plan.probability_as_is() < 0.6);
  REQUIRE(plan.options_size() == 1);
  CHECK(plan.options(0).supplier() == "Micro-Beauce");
  if (plan.options(0).attainable()) {
    CHECK(plan.options(0).quantity() >= 3);
    CHECK(plan.options(0).probability() >= 0.6);
  } else {
    CHECK(plan.options(0).binding_cause() != v1::BINDING_CAUSE_NONE);
  }
}

TEST_CASE("thin and contradictory data have an answer and say what is thin about them") {
  struct Row {
    const char* what;
    void (*make)(Edge& edge);
    void (*ask)(v1::ForecastQuestion& question);
    const char* warning;  // null: none of its own
  };
  const auto as_it_is = [](v1::ForecastQuestion&) {};
  const Row rows[] = {
      {"nobody in need", [](Edge&) {}, as_it_is, "NOBODY_IN_NEED"},
      {"no order", [](Edge& e) { Furnish(e, 5, 3); }, as_it_is, "NO_OPEN_ORDER"},
      {"one order",
       [](Edge& e) {
         Furnish(e, 5, 3);
         Order(e, "BC-1", 4, {2020, 2, 10}, {2020, 5, 11});
       },
       as_it_is, "THIN_HISTORY"},
      {"everything was cancelled",
       [](Edge& e) {
         Furnish(e, 5, 3);
         Order(e, "BC-1", 4, {2020, 2, 10}, {2020, 5, 11});
         On(e, {2020, 3, 1},
            [](fleet::Change& c) { return c.CancelOrderLine("BC-1/1", 4).status(); });
       },
       as_it_is, "ALL_CANCELLED"},
      {"promised before it was ordered",
       [](Edge& e) {
         Furnish(e, 5, 3);
         Order(e, "BC-1", 4, {2020, 2, 10}, {2020, 2, 1});
       },
       as_it_is, "PROMISE_BEFORE_ORDER"},
      {"more came than was ordered",
       [](Edge& e) {
         Furnish(e, 5, 3);
         Order(e, "BC-1", 1, {2020, 2, 10}, {2020, 3, 1});
         On(e, {2020, 3, 2}, [](fleet::Change& c) {
           fleet::Change::Reception reception;
           reception.line = "BC-1/1";
           reception.serials = {"SN8X0001", "SN8X0002"};
           reception.accept_over_delivery = true;
           return c.ReceiveLaptops(reception).status();
         });
       },
       as_it_is, "OVER_DELIVERED"},
      {"no capacity is set", [](Edge& e) { Furnish(e, 5, 3); }, as_it_is, "NO_CAPACITY_SET"},
      {"everyone is equipped", [](Edge& e) { Furnish(e, 5, 5); }, as_it_is, "TARGET_REACHED"},
      {"the target's day is over", [](Edge& e) { Furnish(e, 5, 3); },
       [](v1::ForecastQuestion& q) { SetDate(*q.mutable_target_date(), 2020, 2, 1); },
       "TARGET_IN_THE_PAST"},
      {"less on order than is missing",
       [](Edge& e) {
         Furnish(e, 9, 3);
         Order(e, "BC-1", 2, {2020, 2, 10}, {2020, 5, 11});
       },
       as_it_is, "OPEN_ORDERS_LESS_THAN_GAP"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Edge edge;
    row.make(edge);
    v1::ForecastQuestion question = Question();
    row.ask(question);
    const auto answer = Compute(edge, question);
    INFO(answer.status.error_message());
    REQUIRE(answer.status.ok());
    INFO(answer.last.forecast().ShortDebugString().substr(0, 300));
    CHECK(Warns(answer.last.forecast(), row.warning));
  }
}

TEST_CASE("a history too short to be judged by is refused with a reason") {
  Edge edge;
  Furnish(edge, 5, 3);
  v1::BacktestRequest request;
  SetDate(*request.mutable_moment()->mutable_as_of_date(), 2020, 3, 20);
  const auto answer = Stream(edge, &v1::ForecastService::Stub::Backtest, request);
  CHECK(answer.status.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(answer.reason() == "RECORDS_TOO_SHORT");
}

TEST_CASE("figures out of range are refused by name") {
  struct Row {
    void (*make)(v1::ForecastQuestion& question);
    const char* field;
  };
  const Row rows[] = {
      {[](v1::ForecastQuestion& q) { q.set_paths(7); }, "question.paths"},
      {[](v1::ForecastQuestion& q) { q.set_paths(2'000'000); }, "question.paths"},
      {[](v1::ForecastQuestion& q) { q.set_horizon_days(-1); }, "question.horizon_days"},
      {[](v1::ForecastQuestion& q) { q.set_target_ratio(1.5); }, "question.target_ratio"},
      {[](v1::ForecastQuestion& q) { q.mutable_target_date()->set_day(40); },
       "question.target_date"},
      {[](v1::ForecastQuestion& q) { q.add_other_targets(); }, "question.other_targets[0].date"},
  };
  Edge edge;
  for (const Row& row : rows) {
    INFO(row.field);
    v1::ForecastQuestion question = Question();
    row.make(question);
    const auto answer = Compute(edge, question);
    CHECK(answer.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(answer.status.error_message().find(row.field) != std::string::npos);
  }
}

TEST_CASE("a scenario without bounds is refused by name") {
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  struct Row {
    void (*make)(v1::Scenario& scenario);
    const char* field;
  };
  const Row rows[] = {
      {[](v1::Scenario& s) { s.set_attrition_per_year(kEndless); }, "scenario.attrition_per_year"},
      {[](v1::Scenario& s) { s.set_attrition_per_year(-0.1); }, "scenario.attrition_per_year"},
      {[](v1::Scenario& s) { s.set_tension(kEndless); }, "scenario.tension"},
      {[](v1::Scenario& s) { s.set_tension(std::nan("")); }, "scenario.tension"},
      {[](v1::Scenario& s) {
         v1::CapacityChange& change = *s.add_capacity_changes();
         SetDate(*change.mutable_from_date(), 2020, 4, 1);
         SetDate(*change.mutable_to_date(), 2020, 4, 30);
         change.set_per_day(kEndless);
       },
       "scenario.capacity_changes[0].per_day"},
  };
  Edge edge;
  for (const Row& row : rows) {
    INFO(row.field);
    v1::CompareScenarioRequest request;
    *request.mutable_question() = Question();
    row.make(*request.mutable_scenario());
    const auto answer = Stream(edge, &v1::ForecastService::Stub::CompareScenario, request);
    CHECK(answer.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(answer.status.error_message().find(row.field) != std::string::npos);
  }
}

TEST_CASE("who gives up ends the computation, and the next one is served") {
  Edge edge;
  Furnish(edge, 60, 14);
  Order(edge, "BC-1", 60, {2020, 2, 10}, {2020, 5, 11});
  v1::ComputeForecastRequest request;
  *request.mutable_question() = Question();
  request.mutable_question()->set_paths(20'000);
  request.mutable_question()->set_horizon_days(1830);
  v1::ForecastService::Stub stub(edge.PeopleChannel());
  {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + edge.admin());
    const auto stream = stub.ComputeForecast(&context, request);
    v1::ComputeForecastResponse part;
    stream->Read(&part);  // it has begun
    context.TryCancel();
    while (stream->Read(&part)) {
    }
    CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
  }
  CHECK(Compute(edge, Question()).status.ok());
}

TEST_CASE("more forecasts than can wait are told to come back") {
  Edge edge;
  Furnish(edge, 60, 14);
  Order(edge, "BC-1", 60, {2020, 2, 10}, {2020, 5, 11});
  v1::ComputeForecastRequest request;
  *request.mutable_question() = Question();
  request.mutable_question()->set_paths(20'000);
  request.mutable_question()->set_horizon_days(1830);
  v1::ForecastService::Stub stub(edge.PeopleChannel());
  struct Running {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::ComputeForecastResponse>> stream;
  };
  std::vector<std::unique_ptr<Running>> running;
  for (int i = 0; i < 12; ++i) {
    Running& call = *running.emplace_back(std::make_unique<Running>());
    call.context.AddMetadata("authorization", "Bearer " + edge.admin());
    call.context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(4));
    call.stream = stub.ComputeForecast(&call.context, request);
  }
  // One is computed and eight wait. Each is read at once: a status that is not fetched before the
  // deadline counts as none.
  std::vector<std::future<grpc::StatusCode>> ends;
  for (const auto& call : running) {
    ends.push_back(std::async(std::launch::async, [&call] {
      v1::ComputeForecastResponse part;
      while (call->stream->Read(&part)) {
      }
      return call->stream->Finish().error_code();
    }));
  }
  int busy = 0;
  for (auto& end : ends) {
    if (end.get() == grpc::StatusCode::RESOURCE_EXHAUSTED) ++busy;
  }
  CHECK(busy >= 3);
}

TEST_CASE("the flash report has the month's figures, and procurement only for who may see it") {
  Edge edge;
  Furnish(edge, 20, 14);
  Order(edge, "BC-1", 10, {2020, 1, 10}, {2020, 2, 11});
  v1::GetFlashReportRequest request;
  SetDate(*request.mutable_month(), 2020, 4, 0);
  v1::FlashReport report;
  const Reply reply = edge.Ask(kFlash, request, &report);
  INFO(reply.Verdict() << ": " << reply.status.error_message());
  REQUIRE(reply.status.ok());
  CHECK(report.as_of_date().day() == 30);
  CHECK(report.status().total().equipped() == 14);
  CHECK(report.trend_size() == 4);  // January to March, and the day itself
  REQUIRE(report.late_lines_size() == 1);
  CHECK(report.late_lines(0).days_late() == 79);
  CHECK(report.forecast().days_size() == 52);
  CHECK_FALSE(report.readiness_causes_known());
  v1::FlashReport again;
  REQUIRE(edge.Ask(kFlash, request, &again).status.ok());
  CHECK(MessageDifferencer::Equals(report, again));

  v1::FlashReport masked;
  REQUIRE(edge.Ask(kFlash, request, &masked, edge.Token(access::Role::kTechnician)).status.ok());
  CHECK(masked.status().total().equipped() == 14);
  CHECK_FALSE(masked.has_forecast());
  CHECK(masked.late_lines().empty());

  request.mutable_month()->set_month(13);
  CHECK(edge.Ask(kFlash, request).Verdict() == "INVALID_ARGUMENT BAD_DATE");
  request.mutable_month()->set_month(1);
  request.mutable_month()->set_year(2999);
  CHECK(edge.Ask(kFlash, request).Verdict() == "INVALID_ARGUMENT AS_OF_IN_FUTURE");
}

}  // namespace parc::rpc
