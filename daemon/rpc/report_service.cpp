#include "daemon/fleet/flash.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_forecasts.h"
#include "daemon/rpc/forecast_call.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/reports.pb.h"

namespace parc::rpc {
namespace {

// The report's forecast has one day a week: what a chart of one page can show.
void KeepWeeks(v1::Forecast& forecast) {
  google::protobuf::RepeatedPtrField<v1::ForecastDay> weeks;
  for (int i = fleet::kKeptEveryDays - 1; i < forecast.days_size(); i += fleet::kKeptEveryDays) {
    *weeks.Add() = forecast.days(i);
  }
  forecast.mutable_days()->Swap(&weeks);
}

absl::StatusOr<inventory::CivilDate> MonthFrom(const google::type::Date& month) {
  if (month.year() >= 1900 && month.year() <= 9998 && month.month() >= 1 && month.month() <= 12) {
    return inventory::CivilDate{month.year(), month.month(), 1};
  }
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_DATE", "month: give a year and a month",
                "month");
}

absl::Status CheckMoment(const v1::Moment& moment) {
  if (!moment.has_as_of_date()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_DATE",
                "moment.as_of_date: the month says which day the report is of",
                "moment.as_of_date");
}

// The figures, for who may not see procurement the whole report; then the forecast.
absl::Status GetFlashReport(const std::shared_ptr<People>& people,
                            const std::shared_ptr<Call>& call, const grpc::ByteBuffer& bytes) {
  auto request = std::make_shared<v1::GetFlashReportRequest>();
  PARC_TRY(Parse(bytes, *request));
  PARC_TRY(CheckTotalsFilter(call->person().role, request->filter()));
  PARC_TRY(CheckMoment(request->moment()));
  PARC_ASSIGN(const inventory::CivilDate month, MonthFrom(request->month()));
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request->moment()));
  return SubmitQuestion(people, call, [people, call, request, month, moment](fleet::View& view) {
    const absl::StatusOr<fleet::FlashFigures> figures =
        fleet::GetFlashFigures(view, request->filter(), month, moment.known_at);
    if (!figures.ok()) return call->Answer(figures.status());
    auto report = std::make_shared<v1::FlashReport>(ToProto(*figures));
    *report->mutable_month() = request->month();
    report->mutable_month()->set_day(0);
    report->set_filter(request->filter());
    if (!access::Allowed(call->person().role, access::Permission::kReadProcurement)) {
      return call->Answer(*report);
    }
    v1::ForecastQuestion question;
    question.set_filter(request->filter());
    *question.mutable_moment() = request->moment();
    *question.mutable_moment()->mutable_as_of_date() = ToProto(figures->as_of);
    question.set_target_ratio(request->target_ratio());
    *question.mutable_target_date() = request->target_date();
    const absl::Status status = WithInputs(
        people, call, question,
        [call, report](const fleet::ForecastQuestion& asked,
                       const forecast::Inputs& inputs) -> absl::Status {
          const forecast::Run run{.progress = {}, .cancelled = [call] { return !call->Wanted(); }};
          PARC_ASSIGN(const forecast::Result result, forecast::Forecast(inputs, {}, run));
          *report->mutable_forecast() = ToProto(result, asked, "");
          KeepWeeks(*report->mutable_forecast());
          call->Answer(*report);
          return absl::OkStatus();
        });
    if (!status.ok()) call->Answer(status);
  });
}

}  // namespace

void RegisterReports(PeopleHandlers& handlers) {
  handlers.handlers().Unary("/parc.v1.ReportService/GetFlashReport",
                            [people = handlers.people()](const std::shared_ptr<Call>& call,
                                                         const grpc::ByteBuffer& bytes) {
                              return GetFlashReport(people, call, bytes);
                            });
}

}  // namespace parc::rpc
