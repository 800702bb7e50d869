#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parc::agent {

// Reports that wait for the server's acknowledgement, in one directory: a report is on disk before
// anything of it is sent. Numbers grow with every report and are never given twice, whatever
// happens to the process or the machine. A damaged file is set aside (`*.damaged`), never fatal.
class Outbox {
 public:
  static constexpr std::size_t kMaxReports = 8;
  static constexpr std::size_t kMaxBytes = 1024 * 1024;

  // Makes the directory. `now` (UTC microseconds) is where numbers start again when the file that
  // holds the last one is damaged.
  static absl::StatusOr<Outbox> Open(const std::filesystem::path& directory, std::int64_t now);

  // Gives the next number to `make`, keeps the bytes that it answers and returns the number. When
  // the outbox is full the oldest reports make room: the newest wins. RESOURCE_EXHAUSTED when one
  // report alone is larger than the outbox.
  absl::StatusOr<std::uint64_t> Add(const std::function<std::string(std::uint64_t)>& make);

  // Numbers of the reports that wait, ascending.
  const std::vector<std::uint64_t>& waiting() const { return waiting_; }
  // DATA_LOSS when the file is damaged: it is then set aside and no longer waits.
  absl::StatusOr<std::string> Read(std::uint64_t number);

  // Forgets `number` and everything older: the server holds something at least as new.
  absl::Status DropThrough(std::uint64_t number);
  // Forgets one report, e.g. one that the server refuses for ever.
  absl::Status Drop(std::uint64_t number);
  // The next number will be greater than `number`.
  absl::Status SkipTo(std::uint64_t number);

 private:
  explicit Outbox(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path FileOf(std::uint64_t number) const;
  absl::Status List();
  absl::Status ReadLastNumber(std::int64_t now);
  absl::Status MakeRoom(std::size_t bytes);
  void SetAside(const std::filesystem::path& file);

  std::filesystem::path directory_;
  std::vector<std::uint64_t> waiting_;
  std::uint64_t last_ = 0;
};

}  // namespace parc::agent
