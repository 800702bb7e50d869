#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/posture/judge.h"
#include "daemon/store/sql.h"

namespace parc::store {

// The newest contact of a laptop's agent, see the tables `contacts` and `contact_log`, and where
// the facts stored came from, see `facts`.
struct Contact {
  std::int64_t device = 0;
  std::int64_t last_seen = 0;
  std::optional<std::int64_t> report_time;
  std::int64_t sequence = 0;
  std::string boot_id;
  std::string digest;
  std::string agent_version;

  bool operator==(const Contact&) const = default;
};

// The newest judgement of a laptop.
struct StoredJudgement {
  posture::Judgement judgement;
  bool silent = false;  // its history says STALE since

  bool operator==(const StoredJudgement&) const = default;
};

// What a report is met by: all that is cheap to know before its facts are looked at.
struct Standing {
  bool device_active = false;
  std::string quarantine;  // of the device; empty: none
  std::string serial;      // of the record
  // Of the device's reports: the boot before the present one (empty: not known), and the first
  // sequence number that came of the present one.
  std::string boot_before;
  std::int64_t boot_began = 0;
  std::optional<Contact> contact;
  std::optional<std::int64_t> skew_seconds;
  // Of the judgement in force; nothing when there is none.
  std::optional<std::int64_t> policy_version;
  std::optional<std::int64_t> next_judgement;
  bool silent = false;
};

// Contacts and judgements. The calls that write are for the writer's connection only.
class ReportStore {
 public:
  explicit ReportStore(Connection& db);

  // The contact is the one of the table `contacts`: what the log knows beyond it is ContactLog's.
  absl::StatusOr<Standing> Find(std::int64_t device, std::int64_t laptop);
  // Without the evidence of checks that are no problem: nobody but who explains a laptop needs it,
  // and it follows from facts and policy (posture::EvidenceOf).
  absl::StatusOr<std::optional<StoredJudgement>> FindJudgement(std::int64_t laptop);

  // The row of `contacts`; of the facts' origin it writes nothing.
  absl::Status PutContact(std::int64_t laptop, const Contact& contact);
  // Another boot began with the report `sequence`; `before` is the one until then.
  absl::Status PutBoot(std::int64_t device, std::string_view before, std::int64_t sequence);
  // The text that a person must look at; empty lifts it.
  absl::Status PutQuarantine(std::int64_t device, std::string_view text);
  // Writes what differs from `before` (null: nothing is stored). `silent` says what the history is
  // to show: STALE, or the judgement's verdict.
  absl::Status PutJudgement(std::int64_t laptop, const StoredJudgement* before,
                            const StoredJudgement& after, std::int64_t now);

  // A laptop whose judgement time or another policy may have changed.
  struct Due {
    std::int64_t laptop = 0;
    std::string quarantine;  // of the device in contact
  };
  // Those after the laptop `after`, in their order.
  absl::StatusOr<std::vector<Due>> FindDue(std::int64_t now, std::int64_t policy_version,
                                           std::int64_t after, int limit);
  // Laptops whose history is to say STALE, or no more: it does for those that somebody holds and
  // that reported last before `limit_time`. One that is in stock or in repair is rightly silent.
  absl::StatusOr<std::vector<std::int64_t>> FindSilent(std::int64_t limit_time, int limit);

 private:
  absl::Status PutHistory(std::int64_t laptop, std::string_view verdict, std::int64_t now);

  Statement find_;
  Statement find_posture_;
  Statement put_contact_;
  Statement put_boot_;
  Statement put_quarantine_;
  Statement put_posture_;
  Statement put_checks_;
  Statement find_history_;
  Statement close_history_;
  Statement open_history_;
  Statement find_due_;
  Statement find_silent_;
};

}  // namespace parc::store
