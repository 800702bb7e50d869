#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/fleet/view.h"

namespace parc::store {
class RowChanges;
}

namespace parc::fleet {

// Answers questions on reader threads of its own, each question from one snapshot.
class Views {
 public:
  // Runs once, on a reader thread.
  using Job = std::function<void(absl::StatusOr<View*> view)>;

  // Opens `threads` read-only connections to the migrated database `file`. `changes`, which
  // outlives this object: of its writer, so that columns can be kept in memory; null: none are.
  static absl::StatusOr<std::unique_ptr<Views>> Open(const std::filesystem::path& file, int threads,
                                                     const store::RowChanges* changes = nullptr);
  ~Views();
  Views(Views&&) = delete;

  // Queues `job`, which gets a view that has begun with `context`. Never blocks.
  // RESOURCE_EXHAUSTED BUSY or UNAVAILABLE STOPPING: then `job` does not run.
  absl::Status Submit(ViewContext context, Job job);
  // Runs what is queued and ends the threads.
  void Stop();

 private:
  struct State;
  explicit Views(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace parc::fleet
