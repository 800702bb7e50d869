#include <algorithm>

#include "daemon/filter/match.h"
#include "daemon/filter/parse.h"
#include "daemon/fleet/support_code.h"
#include "daemon/fleet/view.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/fact_store.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::FieldId;
using inventory::Moment;
using inventory::Resource;
using store::Column;
using store::ColumnMap;
using store::ListPlan;
using store::Row;

namespace {

// Whole days from `earlier` to `later`, rounded down as posture::Days does: SQL cuts towards zero.
std::string DaysColumn(const std::string& earlier, const std::string& later) {
  constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;
  return fmt::format("(({1} - {0}) / {2} - (({1} - {0}) % {2} < 0))", earlier, later, kDay);
}

// Facts and what is worked out of them, the last contact, the agent's version: each report writes
// over them. Verdicts are kept.
bool KeptForNowOnly(FieldId id) {
  switch (id) {
    case FieldId::kLastSeen:
    case FieldId::kAgentVersion:
    case FieldId::kVpnCertificateDays:
    case FieldId::kVpnCertificateAge:
    case FieldId::kOsSupportDays:
    case FieldId::kUpdatesAge:
    case FieldId::kVpnCaDays:
    case FieldId::kVpnCrlDays:
    case FieldId::kVpnGatewayCertificateDays:
    case FieldId::kAntivirusAge:
    case FieldId::kUpdatesSecurityAge:
    case FieldId::kAgentCertificateDays:
    case FieldId::kAgentRenewalLate:
      return true;
    default:
      return inventory::Get(id).section != inventory::Section::kNone;
  }
}

absl::Status NotKept(FieldId id, std::string_view where) {
  return Refuse(absl::StatusCode::kInvalidArgument, "NOT_KEPT",
                fmt::format("{}: facts are kept for now only; ask without --as-of and --known-at",
                            inventory::Get(id).name),
                where);
}

// That `query`, which asks about the past, asks for nothing that is not kept.
absl::Status CheckKept(const ListQuery& query, const std::vector<FieldId>& fields) {
  PARC_ASSIGN(const filter::Expression expression, filter::Parse(query.filter, Resource::kLaptops));
  for (const FieldId id : filter::FieldsOf(expression)) {
    if (KeptForNowOnly(id)) return NotKept(id, "filter");
  }
  PARC_ASSIGN(const std::vector<filter::OrderTerm> order,
              filter::ParseOrder(query.order_by, Resource::kLaptops));
  for (const filter::OrderTerm& term : order) {
    if (KeptForNowOnly(term.field)) return NotKept(term.field, "order_by");
  }
  for (const FieldId id : fields) {
    if (KeptForNowOnly(id)) return NotKept(id, "fields");
  }
  return absl::OkStatus();
}

absl::Status BadField(std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", what, "fields");
}

// The fields of laptops that a list is asked for by name.
absl::StatusOr<std::vector<FieldId>> FieldsNamed(const std::vector<std::string>& names) {
  constexpr std::size_t kMaxFields =
      100;  // SQLite takes 2000 columns; there are not as many fields
  if (names.size() > kMaxFields) return BadField(fmt::format("more than {} fields", kMaxFields));
  std::vector<FieldId> ids;
  for (const std::string& name : names) {
    const inventory::Field* field = inventory::Find(Resource::kLaptops, name);
    if (field == nullptr)
      return BadField(fmt::format("laptops have no field \"{}\"", name.substr(0, 64)));
    if (std::find(ids.begin(), ids.end(), field->id) != ids.end())
      return BadField(fmt::format("the field \"{}\" occurs twice", field->name));
    ids.push_back(field->id);
  }
  return ids;
}

absl::Status NoLaptop(std::string_view name) {
  return Refuse(absl::StatusCode::kNotFound, "LAPTOP_NOT_FOUND",
                fmt::format("no laptop has the asset tag or serial \"{}\"", name.substr(0, 64)),
                "name");
}

// The asset tag of the laptop that shows `name` as its support code.
absl::StatusOr<std::string> ByCode(View& view, std::string_view name) {
  const std::optional<std::string> code = ParseSupportCode(name);
  if (!code.has_value()) return NoLaptop(name);
  PARC_ASSIGN(const std::optional<std::string> found,
              FindBySupportCode(view.connection(), *code, view.context().now));
  if (!found.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "LAPTOP_NOT_FOUND",
                  fmt::format("no laptop has the asset tag or serial \"{}\", nor does one show the "
                              "support code {} today",
                              name.substr(0, 64), *code),
                  "name");
  }
  return *found;
}

}  // namespace

std::int64_t View::Stores::EndOf(const Moment& moment) const {
  const std::int64_t known = moment.known_at.value_or(context.now);
  if (!moment.as_of.has_value() || !(*moment.as_of < context.today)) return known;
  return std::min(known, inventory::DayEnd(*moment.as_of, context.zone));
}

bool View::Stores::IsPast(const Moment& moment) const {
  return moment.known_at.has_value() || (moment.as_of.has_value() && *moment.as_of < context.today);
}

absl::Status View::Stores::CheckFilterKept(std::string_view filter) {
  ListQuery query;
  query.filter = filter;
  return CheckKept(query, {});
}

std::string View::Stores::LaptopFrom(const Moment& moment) const {
  std::string from =
      store::LaptopSource(moment, context.today) +
      " LEFT JOIN facts f ON f.laptop = l.id LEFT JOIN contacts c ON c.laptop = l.id";
  if (moment.IsNow()) return from + " LEFT JOIN posture v ON v.laptop = l.id";
  const std::int64_t end = EndOf(moment);
  return from +
         fmt::format(
             " LEFT JOIN verdict_versions v ON v.laptop = l.id AND v.known_from <= {0} AND {0} < "
             "v.known_to",
             end);
}

std::string View::Stores::VerdictColumn(const Moment& moment) const {
  if (!moment.IsNow()) return "coalesce(v.verdict, 'UNKNOWN')";
  return fmt::format(
      "CASE WHEN v.verdict IS NULL THEN 'UNKNOWN' WHEN l.state = 'ASSIGNED' AND {} < {} "
      "THEN 'STALE' ELSE v.verdict END",
      store::kReportTime, context.now - context.stale_after);
}

ColumnMap View::Stores::LaptopMap(const Moment& moment) const {
  const std::string now = fmt::format("{}", context.now);
  ColumnMap map = {
      {FieldId::kAssetTag, Column::WithKey("l.asset_tag", "l.asset_key")},
      {FieldId::kSerial, "l.serial"},
      {FieldId::kManufacturer, "l.manufacturer"},
      {FieldId::kModel, "l.model"},
      {FieldId::kState, "l.state"},
      {FieldId::kStateSince, "l.state_since"},
      {FieldId::kHolder, "h.person"},
      {FieldId::kHolderName, "h.name"},
      {FieldId::kHolderPopulation, "h.population"},
      {FieldId::kHolderTier, "h.tier"},
      {FieldId::kLaptopSite, Column::WithAlias("s.name", "s.code")},
      {FieldId::kOrderLine, "(o.reference || '/' || ol.line)"},
      {FieldId::kPurchaseDate, "l.purchase_date"},
      {FieldId::kPrice, "(l.price_micros / 1000000)"},
      {FieldId::kCurrency, "l.currency"},
      {FieldId::kWarrantyEnd, "l.warranty_end"},
      {FieldId::kEndOfLife, "l.end_of_life"},
      {FieldId::kTags, "l.tags"},
      {FieldId::kNotes, "l.notes"},
      {FieldId::kReadiness, "(" + VerdictColumn(moment) + ")"},
      {FieldId::kLastSeen, std::string(store::kLastSeen)},
      {FieldId::kAgentVersion, "f.agent_version"},
      {FieldId::kVpnCertificateDays, DaysColumn(now, "f.vpn_certificate_expires")},
      {FieldId::kVpnCertificateAge, DaysColumn("f.vpn_certificate_starts", now)},
      {FieldId::kOsSupportDays, DaysColumn(now, "f.os_support_ends")},
      {FieldId::kUpdatesAge, DaysColumn("f.updates_refreshed", now)},
      {FieldId::kVpnCaDays, DaysColumn(now, "f.vpn_ca_expires")},
      {FieldId::kVpnCrlDays, DaysColumn(now, "f.vpn_crl_next_update")},
      {FieldId::kVpnGatewayCertificateDays, DaysColumn(now, "f.vpn_gateway_certificate_expires")},
      {FieldId::kAntivirusAge, DaysColumn("f.antivirus_signatures", now)},
      {FieldId::kUpdatesSecurityAge, DaysColumn("f.updates_security_since", now)},
      {FieldId::kAgentCertificateDays, DaysColumn(now, "f.agent_certificate_expires")},
      {FieldId::kAgentRenewalLate, DaysColumn("f.agent_certificate_renewal_due", now)},
  };
  for (const inventory::Field* fact : inventory::Facts())
    map.emplace(fact->id, "f." + store::FactColumn(*fact));
  return map;
}

std::string View::Stores::LaptopRowColumns(const Moment& moment,
                                           const std::vector<FieldId>& facts) const {
  std::string columns = fmt::format("{}, {}, {}", store::LaptopColumns(), VerdictColumn(moment),
                                    IsPast(moment) ? "NULL" : store::kLastSeen);
  const ColumnMap map = LaptopMap(moment);
  for (const FieldId fact : facts) columns += ", " + map.at(fact).sql;
  return columns;
}

absl::StatusOr<LaptopRow> View::Stores::ReadLaptopRow(const Row& row,
                                                      const std::vector<FieldId>& facts) {
  LaptopRow result;
  PARC_ASSIGN(store::LaptopRecord record, store::ReadLaptop(row));
  result.laptop = std::move(record.laptop);
  int column = store::kLaptopColumnCount;
  result.verdict = row.OptText(column++);
  result.last_seen = row.OptInt(column++);
  for (const FieldId fact : facts) {
    const inventory::Field& field = inventory::Get(fact);
    std::string text = inventory::ToText(store::ReadValue(row, column++, field.kind), field.kind);
    if (!text.empty()) result.facts.emplace(field.name, std::move(text));
  }
  return result;
}

absl::StatusOr<Page<LaptopRow>> View::ListLaptops(const ListQuery& query,
                                                  const std::vector<std::string>& fact_names) {
  PARC_ASSIGN(const std::vector<FieldId> facts, FieldsNamed(fact_names));
  if (stores_->IsPast(query.moment)) PARC_TRY(CheckKept(query, facts));
  const ColumnMap columns = stores_->LaptopMap(query.moment);
  PARC_ASSIGN(ListPlan plan, stores_->Plan(query, Resource::kLaptops, columns, FieldId::kAssetTag));
  plan.columns = stores_->LaptopRowColumns(query.moment, facts);
  plan.from = stores_->LaptopFrom(query.moment);
  plan.id = "l.id";
  if (query.moment.IsNow()) {
    PARC_ASSIGN(plan.matches, stores_->LaptopsInMemory(query.filter, columns));
  }
  Page<LaptopRow> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(stores_->db, plan, [&](const Row& row) -> absl::Status {
                PARC_ASSIGN(LaptopRow laptop, stores_->ReadLaptopRow(row, facts));
                page.items.push_back(std::move(laptop));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

absl::StatusOr<LaptopRow> View::GetLaptop(std::string_view name, const Moment& moment) {
  std::vector<FieldId> facts;
  if (!stores_->IsPast(moment)) {
    for (const inventory::Field* fact : inventory::Facts()) facts.push_back(fact->id);
  }
  store::Statement select(
      stores_->db,
      fmt::format("SELECT {} FROM {} WHERE l.asset_key = ?1 OR l.serial_key = ?2 "
                  "ORDER BY l.asset_key = ?1 DESC LIMIT 1",
                  stores_->LaptopRowColumns(moment, facts), stores_->LaptopFrom(moment)));
  std::optional<LaptopRow> found;
  PARC_TRY(select.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(found, stores_->ReadLaptopRow(row, facts));
        return absl::OkStatus();
      },
      inventory::Fold(name), inventory::NormaliseSerial(name)));
  if (found.has_value()) return *std::move(found);
  PARC_ASSIGN(const std::string asset_tag, ByCode(*this, name));
  return GetLaptop(asset_tag, moment);
}

absl::StatusOr<std::int64_t> View::LaptopId(std::string_view name) {
  store::Statement select(stores_->db,
                          "SELECT id FROM laptops WHERE asset_key = ?1 OR serial_key = ?2 "
                          "ORDER BY asset_key = ?1 DESC LIMIT 1");
  std::optional<std::int64_t> found;
  PARC_TRY(select.Query(
      [&](const Row& row) {
        found = row.Int(0);
        return absl::OkStatus();
      },
      inventory::Fold(name), inventory::NormaliseSerial(name)));
  if (found.has_value()) return *found;
  PARC_ASSIGN(const std::string asset_tag, ByCode(*this, name));
  return LaptopId(asset_tag);
}

absl::StatusOr<Page<inventory::LaptopHistoryEntry>> View::Stores::History(const std::string& where,
                                                                          std::int64_t id,
                                                                          const ListQuery& query) {
  if (query.page_size < 0) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_PAGE_SIZE", "page_size is negative",
                  "page_size");
  }
  ListPlan plan;
  static const ColumnMap kNoColumns;
  plan.map = &kNoColumns;
  plan.page_size =
      query.page_size == 0 ? kDefaultPageSize : std::min(query.page_size, kMaxPageSize);
  plan.cursor = query.cursor;
  plan.columns =
      "l.asset_tag, e.event, e.from_state, e.to_state, p.person, p.name, e.effective_date, "
      "e.known_from, "
      "e.actor, e.reason, t.owner";
  plan.from =
      "laptop_events e JOIN laptops l ON l.id = e.laptop LEFT JOIN people p ON p.id = e.person "
      "LEFT JOIN api_tokens t ON t.token = substr(e.actor, 8) AND e.actor LIKE 'tokens/%'";
  plan.id = "-e.id";  // newest first
  plan.where = {fmt::format("{} = ?1", where), {id}};
  if (query.moment.as_of.has_value()) {
    plan.where.sql +=
        fmt::format(" AND e.effective_date <= '{}'", inventory::ToIso(*query.moment.as_of));
  }
  if (query.moment.known_at.has_value())
    plan.where.sql += fmt::format(" AND e.known_from <= {}", *query.moment.known_at);
  Page<inventory::LaptopHistoryEntry> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(db, plan, [&](const Row& row) -> absl::Status {
                inventory::LaptopHistoryEntry entry;
                entry.laptop = row.Text(0);
                PARC_ASSIGN(entry.event, inventory::ParseLaptopEvent(row.Text(1)));
                if (!row.IsNull(2)) {
                  PARC_ASSIGN(entry.from, inventory::ParseLaptopState(row.Text(2)));
                }
                PARC_ASSIGN(entry.to, inventory::ParseLaptopState(row.Text(3)));
                entry.person = row.OptText(4).value_or("");
                entry.person_name = row.OptText(5).value_or("");
                PARC_ASSIGN(entry.effective, inventory::ParseIso(row.Text(6)));
                entry.committed = row.Int(7);
                entry.actor = row.Text(8);
                entry.reason = row.Text(9);
                entry.actor_name = row.OptText(10).value_or("");
                page.items.push_back(std::move(entry));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

absl::StatusOr<Page<inventory::LaptopHistoryEntry>> View::LaptopHistory(std::string_view name,
                                                                        const ListQuery& query) {
  PARC_ASSIGN(const std::int64_t id, LaptopId(name));
  return stores_->History("e.laptop", id, query);
}

absl::StatusOr<Page<inventory::LaptopHistoryEntry>> View::PersonHistory(std::string_view id,
                                                                        const ListQuery& query) {
  store::Statement select(stores_->db, "SELECT id FROM people WHERE person_key = ?1");
  std::optional<std::int64_t> row_id;
  PARC_TRY(select.Query(
      [&](const Row& row) {
        row_id = row.Int(0);
        return absl::OkStatus();
      },
      inventory::Fold(id)));
  if (!row_id.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "PERSON_NOT_FOUND",
                  fmt::format("nobody has the id \"{}\"", id.substr(0, 64)), "parent");
  }
  return stores_->History("e.person", *row_id, query);
}

}  // namespace parc::fleet
