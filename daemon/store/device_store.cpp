#include "daemon/store/device_store.h"

#include "daemon/inventory/try.h"
#include "daemon/store/text_codec.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

constexpr char kSelectDevice[] =
    "SELECT id, device, laptop, state, revoke_reason, current_serial, next_serial FROM devices";

DeviceRecord ReadDevice(const Row& row) {
  return {.row = row.Int(0),
          .device = row.Text(1),
          .laptop = row.Int(2),
          .state = row.Text(3),
          .revoke_reason = row.Text(4),
          .current_serial = row.Text(5),
          .next_serial = row.Text(6)};
}

template <typename... Args>
absl::StatusOr<std::optional<DeviceRecord>> One(Statement& statement, const Args&... args) {
  std::optional<DeviceRecord> found;
  PARC_TRY(statement.Query(
      [&](const Row& row) {
        found = ReadDevice(row);
        return absl::OkStatus();
      },
      args...));
  return found;
}

}  // namespace

DeviceStore::DeviceStore(Connection& db)
    : db_(db),
      each_(db, kSelectDevice),
      find_(db, fmt::format("{} WHERE device = ?1", kSelectDevice)),
      find_by_row_(db, fmt::format("{} WHERE id = ?1", kSelectDevice)),
      live_of_(db, fmt::format("{} WHERE laptop = ?1 AND state = 'ACTIVE'", kSelectDevice)),
      insert_(db,
              "INSERT INTO devices(device, laptop, state, agent_version, enrolled, revoke_reason, "
              "quarantine, current_serial, current_not_after) "
              "VALUES(?1, ?2, 'ACTIVE', ?3, ?4, '', '', ?5, ?6)"),
      put_next_(db, "UPDATE devices SET next_serial = ?2, next_not_after = ?3 WHERE id = ?1"),
      promote_(db,
               "UPDATE devices SET current_serial = next_serial, current_not_after = "
               "next_not_after, next_serial = NULL, next_not_after = NULL "
               "WHERE id = ?1 AND next_serial IS NOT NULL"),
      end_(db,
           "UPDATE devices SET state = ?2, revoke_reason = ?3, revoked = ?4 "
           "WHERE id = ?1 AND state = 'ACTIVE'"),
      find_certificate_(db,
                        "SELECT device, serial, spki_sha256, issued, not_after, renew_at, chain "
                        "FROM certificates WHERE spki_sha256 = ?1"),
      insert_certificate_(
          db,
          "INSERT INTO certificates(device, serial, spki_sha256, issued, not_after, renew_at, "
          "chain) VALUES(?1, ?2, ?3, ?4, ?5, ?6, CAST(?7 AS BLOB))"),
      forget_chains_(db,
                     "UPDATE certificates SET chain = CAST('' AS BLOB) WHERE device = ?1 AND "
                     "length(chain) > 0 AND serial NOT IN (SELECT current_serial FROM devices "
                     "WHERE id = ?1) AND serial NOT IN (SELECT coalesce(next_serial, '') FROM "
                     "devices WHERE id = ?1)") {}

absl::Status DeviceStore::Each(absl::FunctionRef<void(const DeviceRecord&)> each) {
  return each_.Query([&](const Row& row) {
    each(ReadDevice(row));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<DeviceRecord>> DeviceStore::Find(std::string_view device) {
  return One(find_, device);
}

absl::StatusOr<std::optional<DeviceRecord>> DeviceStore::FindByRow(std::int64_t row) {
  return One(find_by_row_, row);
}

absl::StatusOr<std::optional<DeviceRecord>> DeviceStore::LiveOf(std::int64_t laptop) {
  return One(live_of_, laptop);
}

absl::StatusOr<std::int64_t> DeviceStore::Insert(std::string_view device, std::int64_t laptop,
                                                 std::string_view agent_version,
                                                 const CertificateRecord& certificate) {
  PARC_TRY(insert_.Run(device, laptop, agent_version, certificate.issued, certificate.serial,
                       certificate.not_after));
  const std::int64_t row = db_.last_insert_id();
  PARC_TRY(InsertCertificate(row, certificate));
  return row;
}

absl::Status DeviceStore::InsertCertificate(std::int64_t device,
                                            const CertificateRecord& certificate) {
  return insert_certificate_.Run(device, certificate.serial, certificate.spki_sha256,
                                 certificate.issued, certificate.not_after, certificate.renew_at,
                                 JoinBytes(certificate.chain));
}

absl::Status DeviceStore::PutNext(const CertificateRecord& certificate) {
  PARC_TRY(InsertCertificate(certificate.device, certificate));
  PARC_TRY(put_next_.Run(certificate.device, certificate.serial, certificate.not_after));
  return forget_chains_.Run(certificate.device);
}

absl::Status DeviceStore::Promote(std::int64_t row) {
  PARC_TRY(promote_.Run(row));
  return forget_chains_.Run(row);
}

absl::Status DeviceStore::End(std::int64_t row, std::string_view state, std::string_view reason,
                              std::int64_t now) {
  return end_.Run(row, state, reason, now);
}

absl::StatusOr<std::optional<CertificateRecord>> DeviceStore::FindCertificate(
    std::string_view spki_sha256) {
  std::optional<CertificateRecord> found;
  PARC_TRY(find_certificate_.Query(
      [&](const Row& row) {
        found = {.device = row.Int(0),
                 .serial = row.Text(1),
                 .spki_sha256 = row.Text(2),
                 .issued = row.Int(3),
                 .not_after = row.Int(4),
                 .renew_at = row.Int(5),
                 .chain = SplitBytes(row.Blob(6))};
        return absl::OkStatus();
      },
      spki_sha256));
  return found;
}

}  // namespace parc::store
