#include "daemon/fleet/alerts.h"

#include "daemon/fleet/rollout.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/try.h"
#include "daemon/store/alert_store.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::FieldId;
using inventory::Moment;
using posture::AlertFigures;
using posture::AlertRules;
using store::Row;

namespace {

constexpr std::int64_t kMicrosPerDay = std::int64_t{86'400} * 1'000'000;

absl::StatusOr<std::int64_t> CountReady(View::Stores& stores, const Moment& moment) {
  const std::string verdict = stores.VerdictColumn(moment);
  std::int64_t ready = 0;
  store::Statement select(
      stores.db,
      fmt::format("SELECT count(*) FROM {} WHERE l.state = 'ASSIGNED' AND ({}) = 'READY'",
                  store::OnlyJoinsOf(stores.LaptopFrom(moment), verdict), verdict));
  PARC_TRY(select.Query([&](const Row& row) {
    ready = row.Int(0);
    return absl::OkStatus();
  }));
  return ready;
}

absl::StatusOr<std::int64_t> CountCertificates(View::Stores& stores, std::int64_t days) {
  const std::string expires = stores.LaptopMap({}).at(FieldId::kVpnCertificateExpires).sql;
  std::int64_t ending = 0;
  store::Statement select(
      stores.db,
      fmt::format("SELECT count(*) FROM {} WHERE l.state = 'ASSIGNED' AND {} >= {} AND {} < {}",
                  store::OnlyJoinsOf(stores.LaptopFrom({}), expires), expires, stores.context.now,
                  expires, stores.context.now + days * kMicrosPerDay));
  PARC_TRY(select.Query([&](const Row& row) {
    ending = row.Int(0);
    return absl::OkStatus();
  }));
  return ending;
}

ToldAlert Told(posture::Alert alert, const AlertRules& rules) {
  ToldAlert told;
  told.message_en = posture::SentenceEn(alert, rules);
  told.message_fr = posture::SentenceFr(alert, rules);
  told.alert = std::move(alert);
  return told;
}

}  // namespace

absl::StatusOr<AlertFigures> GatherAlertFigures(View& view, const AlertRules& rules) {
  View::Stores stores(view.connection());
  stores.context = view.context();
  AlertFigures figures;
  if (rules.ready_drop > 0) {
    PARC_ASSIGN(figures.ready, CountReady(stores, {}));
    Moment before;
    before.known_at = stores.context.now - rules.window;
    PARC_ASSIGN(figures.ready_before, CountReady(stores, before));
  }
  if (rules.certificate_laptops > 0) {
    PARC_ASSIGN(figures.certificates_ending, CountCertificates(stores, rules.certificate_days));
  }
  if (rules.application_laptops > 0) {
    PARC_ASSIGN(const std::vector<ApplicationCount> counts, CountApplications(view, ""));
    for (const ApplicationCount& count : counts) {
      if (count.failed > 0) figures.unreachable.emplace(count.application.id, count.failed);
    }
  }
  return figures;
}

absl::StatusOr<bool> AlertsChange(View& view, const AlertRules& rules,
                                  const AlertFigures& figures) {
  store::AlertStore alerts(view.connection());
  PARC_ASSIGN(const std::vector<posture::Alert> open, alerts.Open());
  const posture::AlertChanges changes = posture::Evaluate(rules, figures, open, view.context().now);
  return !changes.raised.empty() || !changes.resolved.empty();
}

absl::StatusOr<std::vector<ToldAlert>> KeepAlerts(Change& change, const AlertRules& rules,
                                                  const AlertFigures& figures) {
  store::AlertStore alerts(change.connection());
  PARC_ASSIGN(const std::vector<posture::Alert> open, alerts.Open());
  const std::int64_t now = change.context().now;
  posture::AlertChanges changes = posture::Evaluate(rules, figures, open, now);
  std::vector<ToldAlert> told;
  for (posture::Alert& alert : changes.resolved) {
    PARC_TRY(alerts.Resolve(alert.id, now));
    told.push_back(Told(std::move(alert), rules));
  }
  for (posture::Alert& alert : changes.raised) {
    ToldAlert one = Told(std::move(alert), rules);
    PARC_ASSIGN(one.alert.id, alerts.Raise({one.alert, one.message_en, one.message_fr}));
    told.push_back(std::move(one));
  }
  return told;
}

absl::StatusOr<Page<ToldAlert>> ListAlerts(View& view, bool all, const ListQuery& query) {
  PARC_ASSIGN(store::ListPlan plan, View::Stores::PlainPlan(query));
  plan.columns = store::AlertColumns();
  plan.from = "alerts a";
  if (!all) plan.where.sql = "a.resolved IS NULL";
  plan.id = "(-a.id)";
  Page<ToldAlert> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(view.connection(), plan, [&](const Row& row) -> absl::Status {
                PARC_ASSIGN(store::AlertRecord record, store::ReadAlert(row));
                page.items.push_back({std::move(record.alert), std::move(record.message_en),
                                      std::move(record.message_fr)});
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

}  // namespace parc::fleet
