#include "daemon/store/alert_store.h"

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {

std::string AlertColumns() {
  return "a.id, a.kind, a.subject, a.count, a.reference, a.raised, a.resolved, a.message_en, "
         "a.message_fr";
}

absl::StatusOr<AlertRecord> ReadAlert(const Row& row) {
  AlertRecord record;
  const std::optional<posture::AlertKind> kind = posture::ParseAlertKind(row.Text(1));
  if (!kind.has_value()) {
    return absl::InternalError(fmt::format("the database holds the alert \"{}\"", row.Text(1)));
  }
  record.alert = {row.Int(0), *kind,      row.Text(2),  row.Int(3),
                  row.Int(4), row.Int(5), row.OptInt(6)};
  record.message_en = row.Text(7);
  record.message_fr = row.Text(8);
  return record;
}

AlertStore::AlertStore(Connection& db)
    : open_(db, fmt::format("SELECT {} FROM alerts a WHERE a.resolved IS NULL ORDER BY a.id",
                            AlertColumns())),
      raise_(db,
             "INSERT INTO alerts(kind, subject, count, reference, message_en, message_fr, raised, "
             "resolved) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)"),
      newest_(db, "SELECT max(id) FROM alerts"),
      resolve_(db, "UPDATE alerts SET resolved = ?2 WHERE id = ?1 AND resolved IS NULL") {}

absl::StatusOr<std::vector<posture::Alert>> AlertStore::Open() {
  std::vector<posture::Alert> open;
  PARC_TRY(open_.Query([&](const Row& row) -> absl::Status {
    PARC_ASSIGN(AlertRecord record, ReadAlert(row));
    open.push_back(std::move(record.alert));
    return absl::OkStatus();
  }));
  return open;
}

absl::StatusOr<std::int64_t> AlertStore::Raise(const AlertRecord& record) {
  const posture::Alert& alert = record.alert;
  PARC_TRY(raise_.Run(posture::ToString(alert.kind), alert.subject, alert.count, alert.reference,
                      record.message_en, record.message_fr, alert.raised));
  std::int64_t id = 0;
  PARC_TRY(newest_.Query([&](const Row& row) {
    id = row.Int(0);
    return absl::OkStatus();
  }));
  return id;
}

absl::Status AlertStore::Resolve(std::int64_t id, std::int64_t now) {
  return resolve_.Run(id, now);
}

}  // namespace parc::store
