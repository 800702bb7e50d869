#include "daemon/fleet/alerts.h"
#include "daemon/fleet/fleet_tail.h"
#include "daemon/fleet/readiness_report.h"
#include "daemon/fleet/rollout.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_verdicts.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "daemon/rpc/watches.h"
#include "fmt/format.h"
#include "parc/v1/readiness.pb.h"

namespace parc::rpc {
namespace {

using inventory::Resource;

absl::StatusOr<fleet::Grouping> GroupingFrom(v1::ReadinessGrouping grouping) {
  switch (grouping) {
    case v1::READINESS_GROUPING_UNSPECIFIED:
      return fleet::Grouping::kNone;
    case v1::READINESS_GROUPING_SITE:
      return fleet::Grouping::kSite;
    case v1::READINESS_GROUPING_POPULATION:
      return fleet::Grouping::kPopulation;
    case v1::READINESS_GROUPING_MODEL:
      return fleet::Grouping::kModel;
    case v1::READINESS_GROUPING_CHECK:
      return fleet::Grouping::kCheck;
    default:
      return Refuse(absl::StatusCode::kInvalidArgument, "BAD_GROUPING",
                    "group_by: this daemon does not group by that", "group_by");
  }
}

v1::ReadinessGroup WireOf(const fleet::ReadinessGroup& group) {
  v1::ReadinessGroup wire;
  wire.set_key(group.key);
  wire.set_laptops(group.laptops);
  wire.set_ready(group.ready);
  wire.set_degraded(group.degraded);
  wire.set_not_ready(group.not_ready);
  wire.set_unknown(group.unknown);
  wire.set_stale(group.stale);
  return wire;
}

v1::CheckCount WireOf(const fleet::CheckCount& count, const posture::Policy& policy) {
  v1::CheckCount wire;
  wire.set_check(count.check);
  wire.set_failing(count.failing);
  wire.set_tolerated(count.tolerated);
  wire.set_untold(count.untold);
  wire.set_severity(ToProto(posture::Severity::kInfo));
  if (const posture::Check* check = policy.Find(count.check)) {
    wire.set_title_en(check->title_en);
    wire.set_title_fr(check->title_fr);
    wire.set_remedy_en(check->remedy_en);
    wire.set_remedy_fr(check->remedy_fr);
    wire.set_severity(ToProto(check->severity));
  }
  return wire;
}

absl::StatusOr<v1::ReadinessReport> GetReadinessReport(
    const Question& question, const v1::GetReadinessReportRequest& request) {
  PARC_TRY(CheckFields(question.role(), Resource::kLaptops, request.filter(), ""));
  PARC_ASSIGN(const fleet::Grouping grouping, GroupingFrom(request.group_by()));
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const fleet::ReadinessReport report,
              fleet::GetReadinessReport(question.view, grouping, request.filter(), moment));
  const fleet::ViewContext& context = question.view.context();
  v1::ReadinessReport wire;
  for (const fleet::ReadinessGroup& group : report.groups) *wire.add_groups() = WireOf(group);
  *wire.mutable_total() = WireOf(report.total);
  for (const fleet::CheckCount& count : report.checks)
    *wire.add_checks() = WireOf(count, *context.policy);
  *wire.mutable_as_of_date() = ToProto(moment.as_of.value_or(context.today));
  wire.set_policy_version(context.policy->version);
  return wire;
}

absl::StatusOr<v1::ReadinessTrend> GetReadinessTrend(const Question& question,
                                                     const v1::GetReadinessTrendRequest& request) {
  PARC_TRY(CheckTotalsFilter(question.role(), request.filter()));
  PARC_ASSIGN(const inventory::CivilDate first,
              RequiredDateFrom(request.first_date(), "first_date"));
  PARC_ASSIGN(const auto last, DateFrom(request.last_date(), "last_date"));
  const int step = request.step_days() == 0 ? 1 : request.step_days();
  PARC_ASSIGN(const auto days,
              fleet::GetReadinessTrend(question.view, request.filter(), first,
                                       last.value_or(question.view.context().today), step));
  v1::ReadinessTrend wire;
  for (const fleet::ReadinessDay& day : days) {
    v1::ReadinessDay& to = *wire.add_days();
    *to.mutable_date() = ToProto(day.day);
    to.set_needed(day.coverage.needed);
    to.set_equipped(day.coverage.equipped);
    to.set_ready(day.coverage.ready);
  }
  return wire;
}

v1::RolloutGroup WireOf(const fleet::RolloutGroup& group) {
  v1::RolloutGroup wire;
  wire.set_key(group.key);
  wire.set_laptops(group.laptops);
  wire.set_installed(group.installed);
  wire.set_missing(group.missing);
  wire.set_untold(group.untold);
  return wire;
}

absl::StatusOr<v1::RolloutReport> GetRolloutReport(const Question& question,
                                                   const v1::GetRolloutReportRequest& request) {
  PARC_TRY(CheckFields(question.role(), Resource::kLaptops, request.filter(), ""));
  if (request.tool().empty()) {
    return InvalidField("BAD_TOOL", "tool", "which program? The field tools.installed names them");
  }
  PARC_ASSIGN(const fleet::Grouping grouping, GroupingFrom(request.group_by()));
  PARC_ASSIGN(const fleet::RolloutReport report,
              fleet::GetRolloutReport(question.view, request.tool(), grouping, request.filter()));
  v1::RolloutReport wire;
  wire.set_tool(request.tool());
  for (const fleet::RolloutGroup& group : report.groups) *wire.add_groups() = WireOf(group);
  *wire.mutable_total() = WireOf(report.total);
  for (const fleet::ToolVersion& version : report.versions) {
    v1::ToolVersion& to = *wire.add_versions();
    to.set_version(version.version);
    to.set_laptops(version.laptops);
  }
  wire.mutable_known_tools()->Assign(report.known.begin(), report.known.end());
  return wire;
}

absl::StatusOr<v1::ApplicationReport> GetApplicationReport(
    const Question& question, const v1::GetApplicationReportRequest& request) {
  PARC_TRY(CheckFields(question.role(), Resource::kLaptops, request.filter(), ""));
  PARC_ASSIGN(const auto counts, fleet::CountApplications(question.view, request.filter()));
  v1::ApplicationReport wire;
  std::int64_t reachable = 0;
  for (const fleet::ApplicationCount& count : counts) {
    v1::ApplicationCount& to = *wire.add_applications();
    to.set_application(count.application.id);
    to.set_title_en(count.application.title_en);
    to.set_title_fr(count.application.title_fr);
    to.set_host(count.application.host);
    to.set_port(count.application.port);
    to.set_through_vpn(count.application.through_vpn);
    to.set_reached(count.reached);
    to.set_failed(count.failed);
    to.set_reachable(count.IsReachable());
    if (count.IsReachable()) ++reachable;
  }
  wire.set_reachable(reachable);
  return wire;
}

absl::StatusOr<v1::ListVerdictsResponse> ListVerdicts(const Question& question,
                                                      const v1::ListVerdictsRequest& request) {
  PARC_ASSIGN(const std::string laptop, IdFrom(request.parent(), "laptops", "parent"));
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, fleet::ListVerdicts(question.view, laptop, query));
  v1::ListVerdictsResponse response;
  PutPage(question, request, page, response, [&](const fleet::VerdictSpan& span) {
    v1::VerdictSpan& wire = *response.add_verdicts();
    wire.set_verdict(VerdictFromName(span.verdict));
    *wire.mutable_start_time() = TimeToProto(span.start);
    if (span.end.has_value()) *wire.mutable_end_time() = TimeToProto(*span.end);
  });
  return response;
}

absl::StatusOr<v1::RecheckLaptopResponse> RecheckLaptop(const Question& question,
                                                        const v1::RecheckLaptopRequest& request) {
  PARC_ASSIGN(const std::string name, IdFrom(request.name(), "laptops"));
  PARC_ASSIGN(const fleet::LaptopRow laptop, question.view.GetLaptop(name, {}));
  PARC_ASSIGN(const std::int64_t row, question.view.LaptopId(laptop.laptop.asset_tag));
  const std::int64_t now = question.view.context().now;
  if (!laptop.last_seen.has_value()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NEVER_REPORTED",
                  "this laptop never called: there is no agent on it, or it was never enrolled",
                  "name");
  }
  using Asked = checkin::Rechecks::Asked;
  const Asked asked = question.parts.rechecks->Ask(row, now);
  if (asked == Asked::kTooMany) {
    return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                  "too many laptops were asked for already; try again later");
  }
  v1::RecheckLaptopResponse response;
  response.set_laptop(NameOf("laptops", laptop.laptop.asset_tag));
  *response.mutable_request_time() = TimeToProto(now);
  *response.mutable_last_contact_time() = TimeToProto(*laptop.last_seen);
  *response.mutable_expected_time() =
      TimeToProto(*laptop.last_seen + (asked == Asked::kIsQuick ? question.parts.quick_interval
                                                                : question.parts.checkin_interval));
  *response.mutable_quick_interval() = DurationToProto(question.parts.quick_interval);
  return response;
}

absl::Status WatchFleet(const std::shared_ptr<People>& people,
                        const std::shared_ptr<LongCall>& call, const grpc::ByteBuffer& bytes) {
  v1::WatchFleetRequest request;
  PARC_TRY(Parse(bytes, request));
  PARC_TRY(CheckFields(call->person().role, Resource::kLaptops, request.filter(), ""));
  if (!request.resume_token().empty()) {
    const auto mark = fleet::ParseMark(request.resume_token());
    if (!mark.has_value()) {
      return Refuse(absl::StatusCode::kInvalidArgument, "BAD_RESUME_TOKEN",
                    "resume_token: it is none that a watch gave", "resume_token");
    }
    return people->parts.watches->Add(call, request.filter(), *mark);
  }
  return SubmitQuestion(people, call, [people, call, filter = request.filter()](fleet::View& view) {
    const auto mark = fleet::NewestMark(view);
    const absl::Status added =
        mark.ok() ? people->parts.watches->Add(call, filter, *mark) : mark.status();
    if (!added.ok()) call->Answer(added);
  });
}

absl::StatusOr<v1::ListAlertsResponse> ListAlerts(const Question& question,
                                                  const v1::ListAlertsRequest& request) {
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, fleet::ListAlerts(question.view, request.show_resolved(), query));
  v1::ListAlertsResponse response;
  PutPage(question, request, page, response, [&](const fleet::ToldAlert& told) {
    v1::RaisedAlert& wire = *response.add_alerts();
    wire.set_name(NameOf("alerts", fmt::format("{}", told.alert.id)));
    wire.set_kind(std::string(posture::ToString(told.alert.kind)));
    wire.set_subject(told.alert.subject);
    wire.set_count(told.alert.count);
    wire.set_message_en(told.message_en);
    wire.set_message_fr(told.message_fr);
    *wire.mutable_raise_time() = TimeToProto(told.alert.raised);
    if (told.alert.resolved) *wire.mutable_resolve_time() = TimeToProto(*told.alert.resolved);
  });
  return response;
}

}  // namespace

void RegisterReadiness(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.ReadinessService/GetReadinessReport", GetReadinessReport);
  handlers.Ask("/parc.v1.ReadinessService/GetReadinessTrend", GetReadinessTrend);
  handlers.Ask("/parc.v1.ReadinessService/GetRolloutReport", GetRolloutReport);
  handlers.Ask("/parc.v1.ReadinessService/GetApplicationReport", GetApplicationReport);
  handlers.Ask("/parc.v1.ReadinessService/ListVerdicts", ListVerdicts);
  handlers.Ask("/parc.v1.ReadinessService/RecheckLaptop", RecheckLaptop);
  handlers.Ask("/parc.v1.ReadinessService/ListAlerts", ListAlerts);
  handlers.handlers().Long("/parc.v1.ReadinessService/WatchFleet",
                           [people = handlers.people()](const std::shared_ptr<LongCall>& call,
                                                        const grpc::ByteBuffer& bytes) {
                             return WatchFleet(people, call, bytes);
                           });
}

}  // namespace parc::rpc
