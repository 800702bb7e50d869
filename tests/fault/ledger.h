#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"

namespace parc::fault {

// Numbered writes, each to rows of three tables, and what became of them, kept outside of the
// database that is put to the test. Thread safe.
class Ledger {
 public:
  // Makes the rows that every write changes; once for each new database.
  static absl::Status Prepare(store::Connection& db);

  // Submits the next `count` writes so that the writer finds them together, and waits until each
  // was answered.
  void Write(store::GroupCommit& commits, int count,
             store::Priority priority = store::Priority::kCheckIn);

  // Counts a write as acknowledged when it is queued, as a careless daemon would. For controls.
  void AcknowledgeEarly() { early_ = true; }

  std::int64_t acknowledged() const;
  // Reasons of the writes that were not, in the order of the answers.
  std::vector<std::string> refusals() const;
  // Whether an OK came after an answer of the reason STORAGE_FAILED.
  bool acknowledged_after_failure() const;

  // What the database holds against the ledger: every acknowledged write whole, none half, none
  // that was never asked for. Empty: all is well.
  std::vector<std::string> Findings(store::Connection& db) const;
  // The same, of a database that is opened for it: also integrity, and that it takes writes.
  std::vector<std::string> FindingsAfterStart(const std::filesystem::path& directory) const;

 private:
  struct Gate;
  void Answer(std::int64_t number, const absl::Status& status);

  bool early_ = false;
  mutable std::mutex mutex_;  // guards what follows
  std::int64_t last_ = 0;     // number of the newest write
  std::set<std::int64_t> acknowledged_;
  std::vector<std::string> refusals_;
  bool after_failure_ = false;
};

// "3 findings: a; b; c".
std::string Joined(const std::vector<std::string>& findings);

// What the environment says how much is to be done (by `tests/run.sh --long`), or `usual`.
int Bound(const char* variable, int usual);

}  // namespace parc::fault
