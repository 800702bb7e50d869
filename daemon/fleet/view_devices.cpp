#include "daemon/fleet/view_devices.h"

#include "daemon/fleet/view.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/enrolment_store.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::FieldId;
using inventory::Resource;
using store::ColumnMap;
using store::ListPlan;
using store::Row;

namespace {

constexpr char kDeviceVersion[] = "coalesce(f.agent_version, d.agent_version)";

std::string DeviceColumns() {
  return fmt::format(
      "d.device, l.asset_tag, d.state, d.enrolled, d.current_not_after, {}, {}, coalesce({}, 0), "
      "d.revoked, d.revoke_reason, d.quarantine",
      store::kLastSeen, kDeviceVersion, store::kReportSequence);
}

// A contact is shown for the device that made it: a laptop may have had others before.
std::string DeviceSource() {
  return "devices d JOIN laptops l ON l.id = d.laptop "
         "LEFT JOIN contacts c ON c.laptop = d.laptop AND c.device = d.id "
         "LEFT JOIN facts f ON f.laptop = c.laptop";
}

DeviceRow ReadDevice(const Row& row) {
  return {.id = row.Text(0),
          .laptop = row.Text(1),
          .state = row.Text(2),
          .enrolled = row.Int(3),
          .certificate_expires = row.Int(4),
          .last_seen = row.OptInt(5),
          .agent_version = row.Text(6),
          .report_seq = row.Int(7),
          .revoked = row.OptInt(8),
          .revoke_reason = row.Text(9),
          .quarantine = row.Text(10)};
}

constexpr char kTokenColumns[] =
    "t.token, coalesce(l.asset_tag, ''), coalesce(t.serial_key, ''), t.max_uses, t.uses, "
    "t.allow_replace, t.created, t.creator, t.expires, t.revoked";
constexpr char kTokenSource[] = "enrolment_tokens t LEFT JOIN laptops l ON l.id = t.laptop";

EnrolmentTokenRow ReadToken(const Row& row) {
  return {.id = row.Text(0),
          .laptop = row.Text(1),
          .serial = row.Text(2),
          .max_uses = static_cast<int>(row.Int(3)),
          .uses = static_cast<int>(row.Int(4)),
          .allow_replace = row.Bool(5),
          .created = row.Int(6),
          .creator = row.Text(7),
          .expires = row.Int(8),
          .revoked = row.OptInt(9)};
}

std::string RequestColumns(std::int64_t now) {
  return fmt::format(
      "r.request, CASE WHEN r.device IS NULL AND r.state IN ('PENDING', 'APPROVED') AND "
      "coalesce(r.decided, r.created) < {} THEN 'EXPIRED' ELSE r.state END, r.serial, "
      "r.manufacturer, r.model, r.fingerprint, r.created, coalesce(l.asset_tag, ''), "
      "CASE WHEN r.state = 'PENDING' THEN coalesce(d.device, '') ELSE '' END, r.question",
      now - store::kRequestLifetime);
}
constexpr char kRequestSource[] =
    "enrolment_requests r LEFT JOIN laptops l ON l.id = coalesce(r.laptop, "
    "(SELECT s.id FROM laptops s WHERE s.serial_key = r.serial_key)) "
    "LEFT JOIN devices d ON d.laptop = l.id AND d.state = 'ACTIVE'";
// What a bound token decided was never a request to anybody.
constexpr char kRequestShown[] = "r.automatic = 0";

EnrolmentRequestRow ReadRequest(const Row& row) {
  return {.id = row.Text(0),
          .state = row.Text(1),
          .serial = row.Text(2),
          .manufacturer = row.Text(3),
          .model = row.Text(4),
          .fingerprint = row.Text(5),
          .created = row.Int(6),
          .laptop = row.Text(7),
          .displaces = row.Text(8),
          .question = row.Text(9)};
}

constexpr char kApiTokenColumns[] =
    "t.token, t.owner, t.role, t.created, t.expires, t.revoked, t.last_use";
constexpr char kApiTokenSource[] = "api_tokens t";

ApiTokenRow ReadApiToken(const Row& row) {
  return {.id = row.Text(0),
          .owner = row.Text(1),
          .role = row.Text(2),
          .created = row.Int(3),
          .expires = row.Int(4),
          .revoked = row.OptInt(5),
          .last_use = row.OptInt(6)};
}

// The one row of `source` where `where` holds for `id`; `missing` when there is none.
template <typename T>
absl::StatusOr<T> One(store::Connection& db, const std::string& sql, std::string_view id,
                      T (*read)(const Row&), const absl::Status& missing) {
  std::optional<T> found;
  store::Statement select(db, sql);
  PARC_TRY(select.Query(
      [&](const Row& row) {
        found = read(row);
        return absl::OkStatus();
      },
      id));
  if (!found.has_value()) return missing;
  return *std::move(found);
}

template <typename T>
absl::StatusOr<Page<T>> List(store::Connection& db, const ListPlan& plan, T (*read)(const Row&)) {
  Page<T> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result, store::RunList(db, plan, [&](const Row& row) {
                page.items.push_back(read(row));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

absl::Status Missing(std::string_view reason, std::string_view what) {
  return Refuse(absl::StatusCode::kNotFound, reason, fmt::format("there is no such {}", what),
                "name");
}

}  // namespace

absl::StatusOr<DeviceRow> View::GetDevice(std::string_view id) {
  return One(stores_->db,
             fmt::format("SELECT {} FROM {} WHERE d.device = ?1", DeviceColumns(), DeviceSource()),
             id, ReadDevice, Missing("DEVICE_NOT_FOUND", "device"));
}

absl::StatusOr<Page<DeviceRow>> View::ListDevices(const ListQuery& query) {
  static const ColumnMap kColumns = {
      {FieldId::kDeviceId, "d.device"},
      {FieldId::kDeviceState, "d.state"},
      {FieldId::kDeviceLaptop, "l.asset_tag"},
      {FieldId::kDeviceAgentVersion, kDeviceVersion},
      {FieldId::kDeviceEnrolled, "d.enrolled"},
      {FieldId::kDeviceLastSeen, std::string(store::kLastSeen)},
      {FieldId::kDeviceExpires, "d.current_not_after"},
      {FieldId::kDeviceQuarantined, "(d.quarantine <> '')"},
  };
  PARC_ASSIGN(ListPlan plan,
              stores_->Plan(query, Resource::kDevices, kColumns, FieldId::kDeviceLaptop));
  plan.columns = DeviceColumns();
  plan.from = DeviceSource();
  plan.id = "d.id";
  return List(stores_->db, plan, ReadDevice);
}

absl::StatusOr<EnrolmentTokenRow> View::GetEnrolmentToken(std::string_view id) {
  return One(stores_->db,
             fmt::format("SELECT {} FROM {} WHERE t.token = ?1", kTokenColumns, kTokenSource), id,
             ReadToken, Missing("TOKEN_NOT_FOUND", "enrolment token"));
}

absl::StatusOr<Page<EnrolmentTokenRow>> View::ListEnrolmentTokens(const ListQuery& query) {
  PARC_ASSIGN(ListPlan plan, Stores::PlainPlan(query));
  plan.columns = kTokenColumns;
  plan.from = kTokenSource;
  plan.id = "(-t.id)";
  return List(stores_->db, plan, ReadToken);
}

absl::StatusOr<EnrolmentRequestRow> View::GetEnrolmentRequest(std::string_view id) {
  return One(stores_->db,
             fmt::format("SELECT {} FROM {} WHERE r.request = ?1 AND {}",
                         RequestColumns(context().now), kRequestSource, kRequestShown),
             id, ReadRequest, Missing("REQUEST_NOT_FOUND", "enrolment request"));
}

absl::StatusOr<Page<EnrolmentRequestRow>> View::ListEnrolmentRequests(const ListQuery& query) {
  PARC_ASSIGN(ListPlan plan, Stores::PlainPlan(query));
  plan.columns = RequestColumns(context().now);
  plan.from = kRequestSource;
  plan.where.sql = kRequestShown;
  plan.id = "(-r.id)";
  return List(stores_->db, plan, ReadRequest);
}

absl::StatusOr<ApiTokenRow> View::GetApiToken(std::string_view id) {
  return One(stores_->db,
             fmt::format("SELECT {} FROM {} WHERE t.token = ?1", kApiTokenColumns, kApiTokenSource),
             id, ReadApiToken, Missing("TOKEN_NOT_FOUND", "API token"));
}

absl::StatusOr<Page<ApiTokenRow>> View::ListApiTokens(const ListQuery& query) {
  PARC_ASSIGN(ListPlan plan, Stores::PlainPlan(query));
  plan.columns = kApiTokenColumns;
  plan.from = kApiTokenSource;
  plan.id = "(-t.id)";
  return List(stores_->db, plan, ReadApiToken);
}

}  // namespace parc::fleet
