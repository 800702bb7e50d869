#include "daemon/store/policy_store.h"

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {

using posture::PolicyRecord;

std::string PolicyColumns() {
  return "p.version, p.policy, p.shipped, p.actor, p.reason, p.applied, t.owner";
}

std::string PolicySource() {
  return "policies p LEFT JOIN api_tokens t ON p.actor = 'tokens/' || t.token";
}

absl::StatusOr<PolicyRecord> ReadPolicy(const Row& row) {
  return PolicyRecord{row.Int(0),
                      row.Text(1),
                      row.Bool(2),
                      row.Text(3),
                      row.Text(4),
                      row.Int(5),
                      row.OptText(6).value_or("")};
}

PolicyStore::PolicyStore(Connection& db)
    : find_(db, fmt::format("SELECT {} FROM {} WHERE p.version = coalesce(nullif(?1, 0), (SELECT "
                            "max(version) FROM policies))",
                            PolicyColumns(), PolicySource())),
      insert_(db,
              "INSERT INTO policies(version, policy, shipped, actor, reason, applied) "
              "VALUES(?1, ?2, ?3, ?4, ?5, ?6)") {}

absl::StatusOr<std::optional<PolicyRecord>> PolicyStore::One(std::int64_t version) {
  std::optional<PolicyRecord> found;
  PARC_TRY(find_.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(found, ReadPolicy(row));
        return absl::OkStatus();
      },
      version));
  return found;
}

absl::StatusOr<std::optional<PolicyRecord>> PolicyStore::Newest() { return One(0); }

absl::StatusOr<std::optional<PolicyRecord>> PolicyStore::Find(std::int64_t version) {
  return One(version);
}

absl::Status PolicyStore::Insert(const PolicyRecord& policy) {
  return insert_.Run(policy.version, policy.text, policy.shipped, policy.actor, policy.reason,
                     policy.applied);
}

}  // namespace parc::store
