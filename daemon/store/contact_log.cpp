#include "daemon/store/contact_log.h"

#include <algorithm>

#include "daemon/inventory/try.h"

namespace parc::store {
namespace {

// When the log is carried: the longer it is, the more laptops share a page of `contacts` (170 of
// them fill one), and the more a question and a restart have to look through.
constexpr std::int64_t kLongLog = 32'768;                       // rows
constexpr std::int64_t kOldLog = std::int64_t{30} * 1'000'000;  // microseconds

}  // namespace

ContactLog::ContactLog(Connection& db)
    : db_(db),
      watch_(db,
             [this](std::string_view table, std::int64_t) {
               if (!writing_ && table == "contact_log") loaded_ = false;
             }),
      append_(db,
              "INSERT INTO contact_log(laptop, device, seen, report_seq) VALUES(?1, ?2, ?3, ?4)"),
      all_(db, "SELECT id, laptop, device, seen, report_seq FROM contact_log ORDER BY id"),
      carry_(db,
             "UPDATE contacts SET last_seen = ?3, report_time = ?3, report_seq = ?4 "
             "WHERE laptop = ?1 AND device = ?2 AND report_seq < ?4"),
      drop_(db, "DELETE FROM contact_log WHERE id <= ?1") {}

absl::Status ContactLog::Load() {
  if (loaded_) return absl::OkStatus();
  newest_.clear();
  carrying_.clear();
  rows_ = 0;
  last_id_ = 0;
  PARC_TRY(all_.Query([&](const Row& row) {
    const Entry entry{row.Int(1), row.Int(2), row.Int(3), row.Int(4)};
    last_id_ = row.Int(0);
    if (rows_++ == 0) oldest_ = entry.seen;
    newest_[entry.laptop] = entry;
    return absl::OkStatus();
  }));
  loaded_ = true;
  return absl::OkStatus();
}

void ContactLog::Forget() { loaded_ = false; }

absl::Status ContactLog::Write(absl::FunctionRef<absl::Status()> body) {
  ++writes_;
  writing_ = true;
  absl::Status status = body();
  writing_ = false;
  return status;
}

absl::Status ContactLog::Append(const Entry& entry) {
  PARC_TRY(Load());
  PARC_TRY(
      Write([&] { return append_.Run(entry.laptop, entry.device, entry.seen, entry.sequence); }));
  last_id_ = db_.last_insert_id();
  if (rows_++ == 0) oldest_ = entry.seen;
  newest_[entry.laptop] = entry;
  return absl::OkStatus();
}

absl::Status ContactLog::Renew(std::int64_t laptop, std::optional<Contact>& contact) {
  PARC_TRY(Load());
  const auto found = newest_.find(laptop);
  if (found == newest_.end() || !contact.has_value()) return absl::OkStatus();
  const Entry& entry = found->second;
  if (entry.device != contact->device || entry.sequence <= contact->sequence)
    return absl::OkStatus();
  contact->last_seen = entry.seen;
  contact->report_time = entry.seen;
  contact->sequence = entry.sequence;
  return absl::OkStatus();
}

void ContactLog::Close() {
  carrying_.reserve(newest_.size());
  for (const auto& [laptop, entry] : newest_) carrying_.push_back(entry);
  std::sort(carrying_.begin(), carrying_.end(),
            [](const Entry& a, const Entry& b) { return a.laptop < b.laptop; });
  carried_ = 0;
  carrying_to_ = last_id_;
}

absl::Status ContactLog::CarrySome(std::int64_t now, std::size_t limit) {
  PARC_TRY(Load());
  if (carrying_.empty()) {
    oldest_ = std::min(oldest_, now);  // the clock may have been set back
    if (rows_ == 0 || (rows_ < kLongLog && now - oldest_ < kOldLog)) return absl::OkStatus();
    Close();
  }
  return Carry(limit);
}

absl::Status ContactLog::Carry(std::size_t limit) {
  const std::size_t end = std::min(carrying_.size(), carried_ + limit);
  PARC_TRY(Write([&]() -> absl::Status {
    for (; carried_ < end; ++carried_) {
      const Entry& entry = carrying_[carried_];
      PARC_TRY(carry_.Run(entry.laptop, entry.device, entry.seen, entry.sequence));
    }
    return end < carrying_.size() ? absl::OkStatus() : drop_.Run(carrying_to_);
  }));
  if (end < carrying_.size()) return absl::OkStatus();
  rows_ -= db_.changes();
  // What came meanwhile stays, and is young.
  for (const Entry& entry : carrying_) {
    oldest_ = std::max(oldest_, entry.seen);
    const auto found = newest_.find(entry.laptop);
    if (found != newest_.end() && found->second.sequence == entry.sequence) newest_.erase(found);
  }
  carrying_.clear();
  return absl::OkStatus();
}

}  // namespace parc::store
