#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"
#include "daemon/store/sql.h"
#include "tests/support/scratch_directory.h"

namespace parc::test {

// The real store in a scratch directory: migrated, with its writer thread and one reader.
class ScratchStore {
 public:
  explicit ScratchStore(store::GroupCommit::Options options = {});
  ~ScratchStore();
  ScratchStore(ScratchStore&&) = delete;

  const ScratchDirectory& directory() const { return directory_; }
  store::Database& database() { return *database_; }
  store::GroupCommit& commits() { return *commits_; }
  // A read-only connection for the test's own thread.
  store::Connection& reader() { return *reader_; }

  // Runs `work` on the commit thread and returns what its `done` was told. On any thread.
  absl::Status Write(store::GroupCommit::Work work);
  absl::Status Write(const std::string& sql);
  // One integer, as the reader sees it.
  std::int64_t Integer(const std::string& sql);
  // One text, as the reader sees it; empty when there is no row.
  std::string Text(const std::string& sql);

  void FailNextCommit(absl::Status status) { commits_->FailNextCommit(std::move(status)); }
  // Stops the writer, closes the database and opens it again, as a restart does.
  void Restart();

 private:
  void Open();

  ScratchDirectory directory_;
  store::GroupCommit::Options options_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::GroupCommit> commits_;
  std::unique_ptr<store::Connection> reader_;
};

// Waits for a value that another thread gives, at most two minutes.
template <typename T>
class Awaited {
 public:
  Awaited() : state_(std::make_shared<State>()) {}
  std::function<void(T)> Setter() const {
    return [state = state_](T value) { state->promise.set_value(std::move(value)); };
  }
  // Nothing when it did not come in time.
  std::unique_ptr<T> Get() {
    if (state_->future.wait_for(std::chrono::seconds(120)) != std::future_status::ready)
      return nullptr;
    return std::make_unique<T>(state_->future.get());
  }

 private:
  struct State {
    std::promise<T> promise;
    std::future<T> future = promise.get_future();
  };
  std::shared_ptr<State> state_;
};

}  // namespace parc::test
