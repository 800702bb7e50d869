#include "tests/fault/ledger.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <string_view>
#include <utility>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fault {
namespace {

using store::Connection;
using store::GroupCommit;
using store::Priority;
using store::Row;

// The site that every write changes; the writes' own sites are numbered from above it.
constexpr std::int64_t kCounter = 1;

// What a write stores, of many sizes: some take a page, some a sector, some nothing.
std::string Content(std::int64_t number) {
  const auto size = static_cast<std::size_t>(number * 7919 % 6000);
  return fmt::format("{:08}", number) +
         std::string(number % 3 == 0 ? size : size / 20, static_cast<char>('a' + number % 26));
}

absl::Status Apply(Connection& db, std::int64_t number) {
  store::Statement site(db, "INSERT INTO sites VALUES(?1, ?2, ?2, ?2, '', NULL, ?3)");
  PARC_TRY(site.Run(kCounter + number, fmt::format("S{}", number), number));
  store::Statement reply(db, "INSERT INTO replies VALUES(?1, 'm', x'00', CAST(?2 AS BLOB), ?3)");
  PARC_TRY(reply.Run(fmt::format("{:08}", number), Content(number), number));
  store::Statement counter(db, "UPDATE sites SET revision = ?2, name = ?3 WHERE id = ?1");
  return counter.Run(kCounter, number, fmt::format("write {}", number));
}

std::string ReasonOrCode(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace

absl::Status Ledger::Prepare(Connection& db) {
  return db.Execute(fmt::format(
      "INSERT INTO sites VALUES({}, 'COUNTER', 'counter', 'write 0', '', NULL, 0)", kCounter));
}

// Counts the answers that are still to come.
struct Ledger::Gate {
  std::mutex mutex;
  std::condition_variable wake;
  int open = 0;

  void Enter() {
    const std::lock_guard lock(mutex);
    ++open;
  }
  void Leave() {
    const std::lock_guard lock(mutex);
    --open;
    wake.notify_all();
  }
  bool Wait() {
    std::unique_lock lock(mutex);
    return wake.wait_for(lock, std::chrono::seconds(120), [this] { return open == 0; });
  }
};

void Ledger::Write(GroupCommit& commits, int count, Priority priority) {
  const auto gate = std::make_shared<Gate>();
  const auto begin = std::make_shared<std::promise<void>>();
  const auto begun = std::make_shared<std::promise<void>>();
  // Holds the writer until all are queued: the batches are the same in every run.
  gate->Enter();
  const absl::Status held = commits.Submit(
      Priority::kRevocation, 0,
      [begun, gone = begin->get_future().share()](Connection&) {
        begun->set_value();
        gone.wait_for(std::chrono::seconds(60));
        return absl::OkStatus();
      },
      [gate](const absl::Status&) { gate->Leave(); });
  if (held.ok()) {
    // Not at all when the disk failed before the item could run.
    begun->get_future().wait_for(std::chrono::milliseconds(500));
  } else {
    gate->Leave();
  }
  for (int i = 0; i < count; ++i) {
    std::int64_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = ++last_;
      if (early_) acknowledged_.insert(number);
    }
    gate->Enter();
    const absl::Status queued = commits.Submit(
        priority, 64, [number](Connection& db) { return Apply(db, number); },
        [this, gate, number](const absl::Status& status) {
          Answer(number, status);
          gate->Leave();
        });
    if (queued.ok()) continue;
    Answer(number, queued);
    gate->Leave();
  }
  begin->set_value();
  if (!gate->Wait()) std::abort();  // a hang: nothing can be said of what is missing
}

void Ledger::Answer(std::int64_t number, const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (status.ok()) {
    acknowledged_.insert(number);
    const auto failed = std::find(refusals_.begin(), refusals_.end(), "STORAGE_FAILED");
    after_failure_ = after_failure_ || failed != refusals_.end();
  } else {
    refusals_.push_back(ReasonOrCode(status));
  }
}

std::int64_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(acknowledged_.size());
}

std::vector<std::string> Ledger::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

bool Ledger::acknowledged_after_failure() const {
  const std::lock_guard lock(mutex_);
  return after_failure_;
}

std::vector<std::string> Ledger::Findings(Connection& db) const {
  std::vector<std::string> findings;
  std::set<std::int64_t> sites;
  std::set<std::int64_t> replies;
  std::int64_t counter = -1;
  store::Statement read_sites(db, "SELECT id, revision, name FROM sites");
  const absl::Status first = read_sites.Query([&](const Row& row) {
    if (row.Int(0) == kCounter) {
      counter = row.Int(1);
      if (row.Text(2) != fmt::format("write {}", counter)) findings.push_back("a torn counter");
    } else {
      sites.insert(row.Int(1));
    }
    return absl::OkStatus();
  });
  store::Statement read_replies(db, "SELECT committed, reply FROM replies");
  const absl::Status second = read_replies.Query([&](const Row& row) {
    replies.insert(row.Int(0));
    if (row.Blob(1) != Content(row.Int(0))) {
      findings.push_back(fmt::format("write {} has another's content", row.Int(0)));
    }
    return absl::OkStatus();
  });
  for (const absl::Status& status : {first, second}) {
    if (!status.ok()) findings.push_back(status.ToString());
  }
  const std::lock_guard lock(mutex_);
  if (sites != replies) findings.push_back("writes that are half there");
  if (counter != (sites.empty() ? 0 : *sites.rbegin())) {
    findings.push_back(fmt::format("the counter stands at {}", counter));
  }
  for (const std::int64_t number : acknowledged_) {
    if (sites.count(number) == 0) findings.push_back(fmt::format("write {} is lost", number));
  }
  if (!sites.empty() && *sites.rbegin() > last_) findings.push_back("a write that nobody made");
  return findings;
}

std::vector<std::string> Ledger::FindingsAfterStart(const std::filesystem::path& directory) const {
  const auto database = store::Database::Open(directory);
  if (!database.ok()) return {database.status().ToString()};
  Connection& db = (*database)->writer();
  std::vector<std::string> findings = Findings(db);
  for (const absl::Status& status :
       {store::CheckIntegrity(db), db.Execute("UPDATE sites SET department = 'open again'")}) {
    if (!status.ok()) findings.push_back(status.ToString());
  }
  return findings;
}

std::string Joined(const std::vector<std::string>& findings) {
  return fmt::format("{} findings: {}", findings.size(), fmt::join(findings, "; "));
}

int Bound(const char* variable, int usual) {
  const char* given = std::getenv(variable);
  if (given == nullptr) return usual;
  int value = 0;
  const std::string_view text(given);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value > 0 ? value : usual;
}

}  // namespace parc::fault
