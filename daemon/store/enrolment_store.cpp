#include "daemon/store/enrolment_store.h"

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

constexpr char kSelectCandidate[] =
    "SELECT l.id, l.asset_tag, l.serial, l.state, coalesce(f.hardware_uuid, ''), d.id "
    "FROM laptops l LEFT JOIN facts f ON f.laptop = l.id "
    "LEFT JOIN devices d ON d.laptop = l.id AND d.state = 'ACTIVE'";

constexpr char kSelectRequest[] =
    "SELECT r.id, r.request, r.token, r.spki_sha256, r.state, r.automatic, r.serial, r.serial_key, "
    "r.uuid, r.manufacturer, r.model, r.agent_version, r.fingerprint, r.question, r.laptop, "
    "r.displaces, r.device, r.created, r.decided, r.decided_by FROM enrolment_requests r";

template <typename... Args>
absl::StatusOr<std::optional<EnrolmentCandidate>> OneCandidate(Statement& statement,
                                                               const Args&... args) {
  std::optional<EnrolmentCandidate> found;
  PARC_TRY(statement.Query(
      [&](const Row& row) {
        found = {.laptop = row.Int(0),
                 .asset_tag = row.Text(1),
                 .serial = row.Text(2),
                 .state = row.Text(3),
                 .uuid = row.Text(4),
                 .live_device = row.OptInt(5)};
        return absl::OkStatus();
      },
      args...));
  return found;
}

template <typename... Args>
absl::StatusOr<std::optional<EnrolmentRequestRecord>> OneRequest(Statement& statement,
                                                                 const Args&... args) {
  std::optional<EnrolmentRequestRecord> found;
  PARC_TRY(statement.Query(
      [&](const Row& row) {
        found = {.row = row.Int(0),
                 .request = row.Text(1),
                 .token = row.Int(2),
                 .spki_sha256 = row.Text(3),
                 .state = row.Text(4),
                 .automatic = row.Bool(5),
                 .serial = row.Text(6),
                 .serial_key = row.OptText(7),
                 .uuid = row.Text(8),
                 .manufacturer = row.Text(9),
                 .model = row.Text(10),
                 .agent_version = row.Text(11),
                 .fingerprint = row.Text(12),
                 .question = row.Text(13),
                 .laptop = row.OptInt(14),
                 .displaces = row.OptInt(15),
                 .device = row.OptInt(16),
                 .created = row.Int(17),
                 .decided = row.OptInt(18),
                 .decided_by = row.Text(19)};
        return absl::OkStatus();
      },
      args...));
  return found;
}

}  // namespace

EnrolmentStore::EnrolmentStore(Connection& db)
    : candidate_by_row_(db, fmt::format("{} WHERE l.id = ?1", kSelectCandidate)),
      candidate_by_serial_(db, fmt::format("{} WHERE l.serial_key = ?1", kSelectCandidate)),
      find_repeated_(db, fmt::format("{} JOIN enrolment_tokens t ON t.id = r.token WHERE "
                                     "t.token = ?1 AND t.secret_sha256 = ?2 AND "
                                     "r.spki_sha256 = ?3",
                                     kSelectRequest)),
      find_(db, fmt::format("{} WHERE r.request = ?1", kSelectRequest)),
      count_pending_(db,
                     "SELECT COUNT(*) FROM enrolment_requests WHERE state = 'PENDING' AND device "
                     "IS NULL"),
      insert_(db,
              "INSERT INTO enrolment_requests(request, token, spki_sha256, state, automatic, "
              "serial, serial_key, uuid, manufacturer, model, agent_version, fingerprint, "
              "question, laptop, device, created, decided, decided_by) VALUES(?1, ?2, ?3, ?4, ?5, "
              "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"),
      decide_(db,
              "UPDATE enrolment_requests SET state = ?2, laptop = ?3, displaces = ?4, device = ?5, "
              "decided = ?6, decided_by = ?7 WHERE id = ?1"),
      forget_open_of_(db,
                      "DELETE FROM enrolment_requests WHERE spki_sha256 = ?1 AND device IS NULL "
                      "AND state IN ('PENDING', 'APPROVED')"),
      expire_open_(db,
                   "UPDATE enrolment_requests SET state = 'EXPIRED', decided = ?2 WHERE device IS "
                   "NULL AND state IN ('PENDING', 'APPROVED') AND coalesce(decided, created) < ?1"),
      reject_approved_for_(db,
                           "UPDATE enrolment_requests SET state = 'REJECTED', decided = ?2 WHERE "
                           "device IS NULL AND state = 'APPROVED' AND laptop = ?1"),
      forget_ended_(db,
                    "DELETE FROM enrolment_requests WHERE device IS NULL AND state IN ('REJECTED', "
                    "'EXPIRED') AND decided < ?1") {}

absl::StatusOr<std::optional<EnrolmentCandidate>> EnrolmentStore::CandidateByRow(
    std::int64_t laptop) {
  return OneCandidate(candidate_by_row_, laptop);
}

absl::StatusOr<std::optional<EnrolmentCandidate>> EnrolmentStore::CandidateBySerial(
    std::string_view serial_key) {
  return OneCandidate(candidate_by_serial_, serial_key);
}

absl::StatusOr<std::optional<EnrolmentRequestRecord>> EnrolmentStore::FindRepeated(
    std::string_view token, std::string_view secret_sha256, std::string_view spki_sha256) {
  return OneRequest(find_repeated_, token, secret_sha256, spki_sha256);
}

absl::StatusOr<std::optional<EnrolmentRequestRecord>> EnrolmentStore::Find(
    std::string_view request) {
  return OneRequest(find_, request);
}

absl::StatusOr<std::int64_t> EnrolmentStore::CountPending() {
  std::int64_t count = 0;
  PARC_TRY(count_pending_.Query([&](const Row& row) {
    count = row.Int(0);
    return absl::OkStatus();
  }));
  return count;
}

absl::Status EnrolmentStore::Insert(const EnrolmentRequestRecord& request) {
  return insert_.Run(request.request, request.token, request.spki_sha256, request.state,
                     request.automatic, request.serial, request.serial_key, request.uuid,
                     request.manufacturer, request.model, request.agent_version,
                     request.fingerprint, request.question, request.laptop, request.device,
                     request.created, request.decided, request.decided_by);
}

absl::Status EnrolmentStore::Decide(const EnrolmentRequestRecord& request) {
  return decide_.Run(request.row, request.state, request.laptop, request.displaces, request.device,
                     request.decided, request.decided_by);
}

absl::Status EnrolmentStore::ForgetOpenOf(std::string_view spki_sha256) {
  return forget_open_of_.Run(spki_sha256);
}

absl::Status EnrolmentStore::ExpireOpen(std::int64_t before, std::int64_t now) {
  return expire_open_.Run(before, now);
}

absl::Status EnrolmentStore::RejectApprovedFor(std::int64_t laptop, std::int64_t now) {
  return reject_approved_for_.Run(laptop, now);
}

absl::Status EnrolmentStore::ForgetEnded(std::int64_t before) { return forget_ended_.Run(before); }

}  // namespace parc::store
