#include "daemon/store/group_commit.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/support/scratch_store.h"

namespace parc::store {
namespace {

using test::ScratchStore;

std::string AddSite(int number) {
  return fmt::format("INSERT INTO sites VALUES({0}, 'S{0}', 's{0}', '', '', NULL, 1)", number);
}

GroupCommit::Work Add(int number) {
  return [sql = AddSite(number)](Connection& db) { return db.Execute(sql); };
}

// Holds the commit thread in a batch of its own until it is let go, so that what is queued
// meanwhile is written as the test wants it.
class Held {
 public:
  explicit Held(GroupCommit& commits) {
    std::promise<void> begun;
    REQUIRE(commits
                .Submit(
                    Priority::kRevocation, 0,
                    [&begun, gate = gate_.get_future().share()](Connection&) {
                      begun.set_value();
                      gate.wait_for(std::chrono::seconds(10));
                      return absl::OkStatus();
                    },
                    [](const absl::Status&) {})
                .ok());
    begun.get_future().wait_for(std::chrono::seconds(10));
  }
  void LetGo() { gate_.set_value(); }

 private:
  std::promise<void> gate_;
};

// What `done` was told, by the number of the item.
struct Told {
  std::vector<absl::Status> status;
  std::vector<int> order;
  std::size_t times = 0;

  explicit Told(std::size_t count) : status(count, absl::UnknownError("never told")) {}
  GroupCommit::Done For(int item) {
    return [this, item](const absl::Status& told) {
      status[static_cast<std::size_t>(item)] = told;
      order.push_back(item);
      ++times;
    };
  }
};

TEST_CASE("what waits is written in one batch, up to the cap, and each is told once") {
  ScratchStore store;
  constexpr int kItems = 600;
  Told told(kItems);
  Held held(store.commits());
  for (int i = 0; i < kItems; ++i)
    REQUIRE(store.commits().Submit(Priority::kCheckIn, 64, Add(i + 1), told.For(i)).ok());
  CHECK(store.commits().counters().queued == kItems);
  CHECK(store.commits().Load() == Approx(600.0 / 3328));
  held.LetGo();
  store.commits().Stop();
  CHECK(told.times == kItems);
  for (const absl::Status& status : told.status) CHECK(status.ok());
  for (int i = 0; i < kItems; ++i) REQUIRE(told.order[static_cast<std::size_t>(i)] == i);
  CHECK(store.Integer("SELECT COUNT(*) FROM sites") == kItems);
  const GroupCommit::Counters counters = store.commits().counters();
  CHECK(counters.items == kItems + 1);
  CHECK(counters.batches == 3);  // the one that held, 512 and 88
  CHECK(counters.queued == 0);
}

TEST_CASE("an item that fails undoes itself and nothing else") {
  ScratchStore store;
  Told told(3);
  Held held(store.commits());
  REQUIRE(store.commits().Submit(Priority::kChange, 0, Add(1), told.For(0)).ok());
  REQUIRE(store.commits()
              .Submit(
                  Priority::kChange, 0,
                  [](Connection& db) -> absl::Status {
                    const absl::Status added = db.Execute(AddSite(2));
                    return added.ok() ? Refuse(absl::StatusCode::kNotFound, "NO_SUCH", "none")
                                      : added;
                  },
                  told.For(1))
              .ok());
  REQUIRE(store.commits().Submit(Priority::kChange, 0, Add(3), told.For(2)).ok());
  held.LetGo();
  store.commits().Stop();
  CHECK(told.status[0].ok());
  CHECK(ReasonOf(told.status[1]) == "NO_SUCH");
  CHECK(told.status[2].ok());
  CHECK(store.Text("SELECT group_concat(id) FROM sites") == "1,3");
  CHECK(store.commits().counters().batches == 2);
}

TEST_CASE("when an item is told, another connection sees what it wrote") {
  ScratchStore store;
  std::int64_t seen = -1;
  test::Awaited<bool> done;
  REQUIRE(store.commits()
              .Submit(Priority::kChange, 0, Add(1),
                      [&](const absl::Status& status) {
                        seen = *store.reader().Integer("SELECT COUNT(*) FROM sites");
                        done.Setter()(status.ok());
                      })
              .ok());
  const auto ok = done.Get();
  REQUIRE(ok != nullptr);
  CHECK(*ok);
  CHECK(seen == 1);
}

TEST_CASE("while the transaction is open, no other connection sees it") {
  ScratchStore store;
  std::int64_t seen = -1;
  CHECK(store
            .Write([&](Connection& db) -> absl::Status {
              const absl::Status added = db.Execute(AddSite(1));
              seen = *store.reader().Integer("SELECT COUNT(*) FROM sites");
              return added;
            })
            .ok());
  CHECK(seen == 0);
}

TEST_CASE("what is urgent is written first") {
  GroupCommit::Options options;
  options.max_batch = 1;
  ScratchStore store(options);
  Told told(8);
  Held held(store.commits());
  const std::vector<Priority> submitted = {
      Priority::kCheckIn, Priority::kChange,  Priority::kRenewal,    Priority::kCheckIn,
      Priority::kChange,  Priority::kRenewal, Priority::kRevocation, Priority::kRevocation};
  for (int i = 0; i < 8; ++i) {
    REQUIRE(store.commits()
                .Submit(
                    submitted[static_cast<std::size_t>(i)], 0,
                    [](Connection&) { return absl::OkStatus(); }, told.For(i))
                .ok());
  }
  held.LetGo();
  store.commits().Stop();
  CHECK(told.order == std::vector<int>{6, 7, 2, 5, 1, 4, 0, 3});
}

TEST_CASE("a chore is written alone, when nothing waits or after a batch of what does") {
  GroupCommit::Options options;
  options.max_batch = 2;
  ScratchStore store(options);
  Told told(8);
  Held held(store.commits());
  const auto submit = [&](Priority priority, int item) {
    const auto nothing = [](Connection&) { return absl::OkStatus(); };
    REQUIRE(store.commits().Submit(priority, 0, nothing, told.For(item)).ok());
  };
  submit(Priority::kChore, 0);
  submit(Priority::kChore, 1);
  submit(Priority::kChore, 2);
  CHECK_FALSE(store.commits().IsAwaited());
  for (int item = 3; item < 6; ++item) submit(Priority::kCheckIn, item);
  submit(Priority::kRevocation, 6);
  CHECK(store.commits().IsAwaited());
  const std::uint64_t before = store.commits().counters().batches;
  held.LetGo();
  store.commits().Stop();
  // The batch before them was no chore.
  CHECK(told.order == std::vector<int>{0, 6, 3, 1, 4, 5, 2});
  CHECK(store.commits().counters().batches - before == 6);  // with the one that held the writer
}

TEST_CASE("a full queue turns away at once, by count and by bytes") {
  GroupCommit::Options options;
  options.max_queue = 3;
  options.max_queue_bytes = 1000;
  ScratchStore store(options);
  Told told(4);
  Held held(store.commits());
  REQUIRE(store.commits().Submit(Priority::kRevocation, 600, Add(1), told.For(0)).ok());
  const absl::Status too_large = store.commits().Submit(Priority::kRevocation, 401, Add(9), {});
  CHECK(too_large.code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(too_large) == "BUSY");
  REQUIRE(store.commits().Submit(Priority::kRevocation, 400, Add(2), told.For(1)).ok());
  REQUIRE(store.commits().Submit(Priority::kRevocation, 0, Add(3), told.For(2)).ok());
  CHECK(store.commits().Load() == Approx(1.0));
  const absl::Status too_many = store.commits().Submit(Priority::kRevocation, 0, Add(9), {});
  CHECK(ReasonOf(too_many) == "BUSY");
  CHECK(store.commits().counters().refused == 2);
  held.LetGo();
  while (store.commits().counters().queued > 0) std::this_thread::yield();
  CHECK(store.Write(AddSite(4)).ok());  // there is room again
  store.commits().Stop();
  CHECK(told.times == 3);
  CHECK(store.Text("SELECT group_concat(id) FROM sites") == "1,2,3,4");
}

TEST_CASE("what is more urgent finds room in a queue that is full for the rest") {
  GroupCommit::Options options;
  options.max_queue = 64;
  options.max_queue_bytes = 64'000;
  const bool by_bytes = GENERATE(false, true);
  const std::size_t bytes = by_bytes ? 1000 : 1;
  if (by_bytes) options.max_queue = 1000;
  ScratchStore store(options);
  std::atomic<int> written{0};
  const auto fill = [&](Priority priority) {
    int taken = 0;
    const auto nothing = [](Connection&) { return absl::OkStatus(); };
    while (store.commits()
               .Submit(priority, bytes, nothing, [&](const absl::Status&) { ++written; })
               .ok())
      ++taken;
    return taken;
  };
  Held held(store.commits());
  CHECK(fill(Priority::kCheckIn) == 52);
  if (!by_bytes) CHECK(store.commits().Load() == Approx(1.0));
  CHECK(fill(Priority::kChange) == 4);
  CHECK(fill(Priority::kCheckIn) == 0);
  CHECK(fill(Priority::kRenewal) == 4);
  CHECK(fill(Priority::kRevocation) == 4);
  CHECK(store.commits().Load() <= 1.0);
  held.LetGo();
  store.commits().Stop();
  CHECK(written == 64);
}

TEST_CASE("a disk fault at commit fails the batch and everything after it, and is told once") {
  std::vector<absl::Status> faults;
  GroupCommit::Options options;
  options.max_batch = 2;
  options.on_fault = [&](const absl::Status& status) { faults.push_back(status); };
  ScratchStore store(options);
  REQUIRE(store.Write(AddSite(1)).ok());
  Told told(4);
  Held held(store.commits());
  // Two batches wait; the commit of the first will fail.
  REQUIRE(store.commits()
              .Submit(
                  Priority::kChange, 0,
                  [&](Connection& db) {
                    store.FailNextCommit(Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED",
                                                "fsync: input/output error"));
                    return db.Execute(AddSite(2));
                  },
                  told.For(0))
              .ok());
  for (int i = 1; i < 4; ++i)
    REQUIRE(store.commits().Submit(Priority::kChange, 0, Add(i + 2), told.For(i)).ok());
  held.LetGo();
  while (store.commits().counters().queued > 0) std::this_thread::yield();
  const absl::Status refused = store.commits().Submit(Priority::kRevocation, 0, Add(9), {});
  CHECK(refused.code() == absl::StatusCode::kUnavailable);
  store.commits().Stop();
  CHECK(told.times == 4);
  for (const absl::Status& status : told.status) CHECK(ReasonOf(status) == "STORAGE_FAILED");
  REQUIRE(faults.size() == 1);
  CHECK(IsDiskFault(faults.front()));

  store.Restart();
  CHECK(store.Text("SELECT group_concat(id) FROM sites") == "1");
}

TEST_CASE("nothing of a batch whose commit failed is ever seen") {
  ScratchStore store;
  store.FailNextCommit(absl::UnavailableError("the disk is gone"));
  CHECK_FALSE(store.Write(AddSite(1)).ok());
  CHECK(store.Integer("SELECT COUNT(*) FROM sites") == 0);
  CHECK_FALSE(store.Write(AddSite(2)).ok());
  store.Restart();
  CHECK(store.Integer("SELECT COUNT(*) FROM sites") == 0);
  CHECK(store.Write(AddSite(3)).ok());
}

absl::Status FillUp(Connection& db) {
  const auto pages = db.Integer("PRAGMA page_count");
  if (!pages.ok()) return pages.status();
  const absl::Status capped = db.Execute(fmt::format("PRAGMA max_page_count = {}", *pages));
  if (!capped.ok()) return capped;
  Statement insert(db, "INSERT INTO sites VALUES(?1, ?1, ?1, ?2, '', NULL, 1)");
  for (int i = 100;; ++i) {
    absl::Status status = insert.Run(i, std::string(3000, 'x'));
    if (!status.ok()) return status;
  }
}

TEST_CASE("a full disk fails the batch, and what is not urgent waits until there is room") {
  bool fault = false;
  int full = 0;
  GroupCommit::Options options;
  options.on_fault = [&](const absl::Status&) { fault = true; };
  options.on_full = [&](const absl::Status& status) {
    full += ReasonOf(status) == "STORAGE_FULL" ? 1 : 0;
  };
  ScratchStore store(options);
  SECTION("at commit") {
    store.FailNextCommit(Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL", "full"));
    CHECK(ReasonOf(store.Write(AddSite(1))) == "STORAGE_FULL");
  }
  SECTION("in the middle of an item") {
    const absl::Status met = store.Write(FillUp);
    CHECK(ReasonOf(met) == "STORAGE_FULL");
    CHECK(met.code() == absl::StatusCode::kResourceExhausted);
  }
  CHECK(full == 1);
  CHECK(store.commits().read_only());
  CHECK(ReasonOf(store.Write("PRAGMA max_page_count = 1000000")) == "STORAGE_FULL");
  Told urgent(2);
  const auto roomy = [](Connection& db) { return db.Execute("PRAGMA max_page_count = 1000000"); };
  REQUIRE(store.commits().Submit(Priority::kRevocation, 0, roomy, urgent.For(0)).ok());
  REQUIRE(store.commits().Submit(Priority::kRenewal, 0, Add(7), urgent.For(1)).ok());
  store.commits().Resume();
  CHECK_FALSE(store.commits().read_only());
  CHECK(store.Write(AddSite(2)).ok());
  CHECK(urgent.times == 2);
  CHECK(urgent.status[0].ok());
  CHECK(urgent.status[1].ok());
  CHECK(store.Text("SELECT group_concat(id) FROM sites") == "2,7");
  CHECK_FALSE(fault);
}

TEST_CASE(
    "of the batch that meets a full disk, what is urgent is written in the room that is made") {
  GroupCommit::Options options;
  options.on_full = [](const absl::Status&) {};
  ScratchStore store(options);
  Told told(4);
  Held held(store.commits());
  int runs = 0;
  const auto revoke = [&](Connection& db) {
    if (++runs == 2) {
      const absl::Status made = db.Execute("PRAGMA max_page_count = 1000000");
      if (!made.ok()) return made;
    }
    return db.Execute(AddSite(1));
  };
  REQUIRE(store.commits().Submit(Priority::kCheckIn, 0, Add(4), told.For(3)).ok());
  REQUIRE(store.commits().Submit(Priority::kChange, 0, FillUp, told.For(2)).ok());
  REQUIRE(store.commits().Submit(Priority::kRenewal, 0, Add(2), told.For(1)).ok());
  REQUIRE(store.commits().Submit(Priority::kRevocation, 0, revoke, told.For(0)).ok());
  held.LetGo();
  store.commits().Stop();
  CHECK(told.times == 4);
  CHECK(told.status[0].ok());
  CHECK(told.status[1].ok());
  CHECK(ReasonOf(told.status[2]) == "STORAGE_FULL");
  CHECK(ReasonOf(told.status[3]) == "STORAGE_FULL");
  CHECK(runs == 2);
  CHECK(store.Text("SELECT group_concat(id) FROM sites") == "1,2");
}

TEST_CASE("a writer that begins on a full disk takes only what is urgent") {
  GroupCommit::Options options;
  options.read_only = true;
  ScratchStore store(options);
  CHECK(ReasonOf(store.Write(AddSite(1))) == "STORAGE_FULL");
  Told told(1);
  REQUIRE(store.commits().Submit(Priority::kRevocation, 0, Add(2), told.For(0)).ok());
  store.commits().Stop();
  CHECK(told.status[0].ok());
  CHECK(store.Text("SELECT group_concat(id) FROM sites") == "2");
}

TEST_CASE("stopping writes what is queued, tells all of it, and refuses what comes later") {
  ScratchStore store;
  Told told(100);
  Held held(store.commits());
  for (int i = 0; i < 100; ++i)
    REQUIRE(store.commits().Submit(Priority::kCheckIn, 0, Add(i + 1), told.For(i)).ok());
  held.LetGo();
  store.commits().Stop();
  CHECK(told.times == 100);
  CHECK(store.Integer("SELECT COUNT(*) FROM sites") == 100);
  const absl::Status late = store.commits().Submit(Priority::kRevocation, 0, Add(101), {});
  CHECK(late.code() == absl::StatusCode::kUnavailable);
  CHECK(ReasonOf(late) == "STOPPING");
  store.commits().Stop();  // once more does no harm
}

TEST_CASE("many threads submit, and everything acknowledged is there") {
  ScratchStore store;
  std::atomic<int> acknowledged{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 250; ++i) {
        while (
            !store.commits()
                 .Submit(Priority::kCheckIn, 64, Add(t * 1000 + i + 1),
                         [&](const absl::Status& status) { acknowledged += status.ok() ? 1 : 0; })
                 .ok())
          std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  store.commits().Stop();
  CHECK(acknowledged == 1000);
  CHECK(store.Integer("SELECT COUNT(*) FROM sites") == 1000);
}

TEST_CASE("an item may submit the next from its done") {
  ScratchStore store;
  test::Awaited<absl::Status> second;
  REQUIRE(store.commits()
              .Submit(Priority::kChange, 0, Add(1),
                      [&](const absl::Status&) {
                        const absl::Status queued =
                            store.commits().Submit(Priority::kChange, 0, Add(2), second.Setter());
                        if (!queued.ok()) second.Setter()(queued);
                      })
              .ok());
  const auto status = second.Get();
  REQUIRE(status != nullptr);
  CHECK(status->ok());
}

}  // namespace
}  // namespace parc::store
