#include "daemon/access/digest.h"
#include "daemon/fleet/view_forecast.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_forecasts.h"
#include "daemon/rpc/forecast_call.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "fmt/format.h"
#include "parc/v1/forecasts.pb.h"

namespace parc::rpc {
namespace {

using LongCallPtr = std::shared_ptr<LongCall>;
using PeoplePtr = std::shared_ptr<People>;

// Lines whose value is simulated: the rest of a long list is told without.
constexpr int kValuedLines = 20;

// Tells how far a computation is, in the stream's own message, and stops it when nobody waits.
template <typename Response>
forecast::Run RunFor(const LongCallPtr& call) {
  return {.progress =
              [call](double share) {
                Response part;
                part.mutable_progress()->set_share(share);
                call->Report(part);
              },
          .cancelled = [call] { return !call->Wanted(); }};
}

// The same question about the same facts has the same name.
std::string ForecastId(const fleet::ForecastQuestion& question, const forecast::Result& result) {
  std::string key =
      fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", result.inputs_hash, inventory::ToIso(result.as_of),
                  question.moment.known_at.value_or(0), result.model_version, result.seed,
                  result.paths, result.days.size(), question.people);
  for (const forecast::TargetOutlook& target : result.targets) {
    key += fmt::format("|{}:{}", inventory::ToIso(target.date), target.ratio);
  }
  return access::Hex(access::Sha256(key)).substr(0, 16);
}

// Keeps the forecast, then answers with it: by its name when it is on disk, and without one when it
// could not be written, since whoever asked can do nothing about that.
void KeepAndAnswer(const PeoplePtr& people, const LongCallPtr& call,
                   const fleet::ForecastQuestion& question, const forecast::Result& result) {
  const auto kept = std::make_shared<const forecast::KeptForecast>(
      fleet::ToKeep(question, result, ForecastId(question, result)));
  auto response = std::make_shared<v1::ComputeForecastResponse>();
  *response->mutable_forecast() = ToProto(result, question, NameOf("forecasts", kept->id));
  *response->mutable_forecast()->mutable_create_time() = TimeToProto(call->now());
  fleet::ChangeContext context{.actor = call->peer().Name(),
                               .now = call->now(),
                               .today = inventory::DayOf(call->now(), call->context().zone),
                               .effective = {},
                               .reason = {}};
  const absl::Status submitted = people->parts.changes->Submit(
      std::move(context), {.request_id = {}, .method = "keep-forecast", .body_digest = {}},
      [kept](fleet::Change& change) -> absl::StatusOr<std::string> {
        PARC_TRY(fleet::KeepForecast(change, *kept));
        return std::string();
      },
      [call, response](const absl::StatusOr<std::string>& stored) {
        if (!stored.ok()) response->mutable_forecast()->clear_name();
        call->Answer(*response);
      });
  if (submitted.ok()) return;
  response->mutable_forecast()->clear_name();
  call->Answer(*response);
}

absl::Status ComputeForecast(const PeoplePtr& people, const LongCallPtr& call,
                             const grpc::ByteBuffer& bytes) {
  v1::ComputeForecastRequest request;
  PARC_TRY(Parse(bytes, request));
  return WithInputs(people, call, request.question(),
                    [people, call](const fleet::ForecastQuestion& question,
                                   const forecast::Inputs& inputs) -> absl::Status {
                      PARC_ASSIGN(const forecast::Result result,
                                  forecast::Forecast(inputs, {.line_values = kValuedLines},
                                                     RunFor<v1::ComputeForecastResponse>(call)));
                      KeepAndAnswer(people, call, question, result);
                      return absl::OkStatus();
                    });
}

absl::Status CompareScenario(const PeoplePtr& people, const LongCallPtr& call,
                             const grpc::ByteBuffer& bytes) {
  v1::CompareScenarioRequest request;
  PARC_TRY(Parse(bytes, request));
  PARC_ASSIGN(forecast::Scenario scenario, ScenarioFrom(request.scenario()));
  return WithInputs(
      people, call, request.question(),
      [call, scenario = std::move(scenario)](const fleet::ForecastQuestion& question,
                                             const forecast::Inputs& inputs) -> absl::Status {
        PARC_ASSIGN(const forecast::Comparison comparison,
                    forecast::WhatIf(inputs, scenario, RunFor<v1::CompareScenarioResponse>(call)));
        v1::CompareScenarioResponse response;
        *response.mutable_comparison() = ToProto(comparison, question);
        call->Answer(response);
        return absl::OkStatus();
      });
}

absl::Status PlanOrder(const PeoplePtr& people, const LongCallPtr& call,
                       const grpc::ByteBuffer& bytes) {
  auto request = std::make_shared<v1::PlanOrderRequest>();
  PARC_TRY(Parse(bytes, *request));
  return WithInputs(
      people, call, request->question(),
      [call, request](const fleet::ForecastQuestion&,
                      const forecast::Inputs& inputs) -> absl::Status {
        PARC_ASSIGN(const forecast::Goal goal, GoalFrom(*request, inputs.targets.front()));
        // As it is, for what it says of the data and of those in need; then what to do about it.
        PARC_ASSIGN(const forecast::Result now, forecast::Forecast(inputs));
        PARC_ASSIGN(const forecast::Decision decision,
                    forecast::Decide(inputs, goal, RunFor<v1::PlanOrderResponse>(call)));
        v1::PlanOrderResponse response;
        v1::OrderPlan& plan = *response.mutable_plan();
        *plan.mutable_as_of_date() = ToProto(inputs.as_of);
        *plan.mutable_target() = ToProto(goal.target);
        plan.set_confidence(goal.confidence);
        *plan.mutable_order_date() =
            ToProto(goal.order_on.value_or(inventory::AddDays(inputs.as_of, 1)));
        plan.set_probability_as_is(decision.probability_as_is);
        for (const auto& option : decision.options) *plan.add_options() = ToProto(option);
        plan.set_needed(now.in_need_now);
        plan.set_equipped(now.equipped_now);
        PutWarnings(now.warnings, *plan.mutable_warnings());
        call->Answer(response);
        return absl::OkStatus();
      });
}

absl::Status Backtest(const PeoplePtr& people, const LongCallPtr& call,
                      const grpc::ByteBuffer& bytes) {
  v1::BacktestRequest request;
  PARC_TRY(Parse(bytes, request));
  PARC_ASSIGN(forecast::BacktestOptions options, BacktestOptionsFrom(request));
  v1::ForecastQuestion question;
  question.set_filter(request.filter());
  *question.mutable_moment() = request.moment();
  return WithInputs(
      people, call, question,
      [call, options = std::move(options)](const fleet::ForecastQuestion&,
                                           const forecast::Inputs& inputs) -> absl::Status {
        PARC_ASSIGN(const forecast::Backtest backtest,
                    forecast::RunBacktest(inputs, options, RunFor<v1::BacktestResponse>(call)));
        v1::BacktestResponse response;
        *response.mutable_result() = ToProto(backtest);
        call->Answer(response);
        return absl::OkStatus();
      });
}

// Whose filter would single people out is not shown to who may not see them.
void HideFilter(const Question& question, v1::PastForecast& past) {
  if (!CheckTotalsFilter(question.role(), past.filter()).ok()) past.clear_filter();
}

absl::StatusOr<v1::PastForecast> GetForecast(const Question& question,
                                             const v1::GetForecastRequest& request) {
  PARC_ASSIGN(const std::string id, IdFrom(request.name(), "forecasts"));
  PARC_ASSIGN(const fleet::PastForecast past, fleet::GetPastForecast(question.view, id));
  v1::PastForecast wire = ToProto(past);
  HideFilter(question, wire);
  return wire;
}

absl::StatusOr<v1::ListForecastsResponse> ListForecasts(const Question& question,
                                                        const v1::ListForecastsRequest& request) {
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, fleet::ListPastForecasts(question.view, query));
  v1::ListForecastsResponse response;
  PutPage(question, request, page, response, [&](const fleet::PastForecast& past) {
    v1::PastForecast& wire = *response.add_forecasts();
    wire = ToProto(past);
    HideFilter(question, wire);
  });
  return response;
}

}  // namespace

absl::Status WithInputs(const PeoplePtr& people, const std::shared_ptr<Call>& call,
                        const v1::ForecastQuestion& wire, ForecastJob job) {
  PARC_TRY(CheckTotalsFilter(call->person().role, wire.filter()));
  PARC_ASSIGN(fleet::ForecastQuestion question, QuestionFrom(wire));
  return SubmitQuestion(
      people, call,
      [people, call, question = std::move(question), job = std::move(job)](fleet::View& view) {
        const auto hand_over = [&]() -> absl::Status {
          PARC_ASSIGN(forecast::Inputs prepared, fleet::PrepareForecast(view, question));
          auto inputs = std::make_shared<const forecast::Inputs>(std::move(prepared));
          return people->forecasts->Submit([call, question, inputs, job] {
            if (!call->Wanted()) return call->Answer(absl::CancelledError("The client gave up."));
            if (const absl::Status status = job(question, *inputs); !status.ok()) {
              call->Answer(status);
            }
          });
        };
        if (const absl::Status status = hand_over(); !status.ok()) call->Answer(status);
      });
}

void RegisterForecasts(PeopleHandlers& handlers) {
  const auto add =
      [&](std::string_view name,
          absl::Status (*handle)(const PeoplePtr&, const LongCallPtr&, const grpc::ByteBuffer&)) {
        handlers.handlers().Long(name, [people = handlers.people(), handle](
                                           const LongCallPtr& call, const grpc::ByteBuffer& bytes) {
          return handle(people, call, bytes);
        });
      };
  add("/parc.v1.ForecastService/ComputeForecast", ComputeForecast);
  add("/parc.v1.ForecastService/CompareScenario", CompareScenario);
  add("/parc.v1.ForecastService/PlanOrder", PlanOrder);
  add("/parc.v1.ForecastService/Backtest", Backtest);
  handlers.Ask("/parc.v1.ForecastService/GetForecast", GetForecast);
  handlers.Ask("/parc.v1.ForecastService/ListForecasts", ListForecasts);
}

}  // namespace parc::rpc
