#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/report_store.h"
#include "daemon/store/sql.h"

namespace parc::store {

// For questions: the newest contact of a laptop, of its row `c` of `contacts` (c.laptop IS NULL:
// none) and of the log; see logged_contacts.h.
inline constexpr std::string_view kLastSeen =
    "coalesce(logged_seen(0, c.laptop, c.device, c.report_seq), c.last_seen)";
inline constexpr std::string_view kReportTime =
    "coalesce(logged_seen(0, c.laptop, c.device, c.report_seq), c.report_time)";
inline constexpr std::string_view kReportSequence =
    "coalesce(logged_sequence(0, c.laptop, c.device, c.report_seq), c.report_seq)";

// The table `contact_log`, with its newest rows in memory too, so that the newest contact of a
// laptop is known without looking through it: what others write there is noticed. For the writer's
// connection, or for a database that nobody writes.
class ContactLog {
 public:
  struct Entry {
    std::int64_t laptop = 0;
    std::int64_t device = 0;
    std::int64_t seen = 0;
    std::int64_t sequence = 0;
  };

  explicit ContactLog(Connection& db);

  // Adds the contact of a report that was taken: from the device that `contacts` has, with a higher
  // number.
  absl::Status Append(const Entry& entry);
  // Brings `contact`, the row of `laptop` in `contacts`, up to what the log knows.
  absl::Status Renew(std::int64_t laptop, std::optional<Contact>& contact);
  // Carries a few laptops into `contacts`, when the log has become long or old; to be called with
  // each report, so that no batch has to carry them all.
  absl::Status CarrySome(std::int64_t now, std::size_t limit = kAtOnce);

  // What is in memory may not be in the table: a transaction, or a part of it, was undone.
  void Forget();
  // Whether a row that is being written is written by this object.
  bool is_writing() const { return writing_; }
  // Grows with whatever this object writes.
  std::uint64_t writes() const { return writes_; }

 private:
  // The log grows by one row meanwhile.
  static constexpr std::size_t kAtOnce = 8;

  absl::Status Load();
  absl::Status Write(absl::FunctionRef<absl::Status()> body);
  // Begins to carry what the log holds now.
  void Close();
  absl::Status Carry(std::size_t limit);

  Connection& db_;
  RowWatch watch_;
  Statement append_;
  Statement all_;
  Statement carry_;
  Statement drop_;
  bool loaded_ = false;
  bool writing_ = false;
  std::uint64_t writes_ = 0;
  std::unordered_map<std::int64_t, Entry> newest_;  // by laptop
  std::int64_t rows_ = 0;                           // of the table
  std::int64_t last_id_ = 0;
  std::int64_t oldest_ = 0;  // when the first of them came
  // What is being carried, by laptop: everything up to the row `carrying_to_`.
  std::vector<Entry> carrying_;
  std::size_t carried_ = 0;
  std::int64_t carrying_to_ = 0;
};

}  // namespace parc::store
