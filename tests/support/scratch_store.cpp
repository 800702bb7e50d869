#include "tests/support/scratch_store.h"

#include <catch2/catch.hpp>
#include <utility>

namespace parc::test {

using store::Connection;
using store::GroupCommit;
using store::Row;

ScratchStore::ScratchStore(GroupCommit::Options options) : options_(std::move(options)) { Open(); }

ScratchStore::~ScratchStore() {
  reader_.reset();
  commits_.reset();
}

void ScratchStore::Open() {
  auto database = store::Database::Open(directory_.path());
  INFO(database.status());
  REQUIRE(database.ok());
  database_ = *std::move(database);
  commits_ = std::make_unique<GroupCommit>(database_->writer(), options_);
  auto reader = Connection::Open(database_->file(), Connection::Mode::kReader);
  INFO(reader.status());
  REQUIRE(reader.ok());
  reader_ = *std::move(reader);
}

void ScratchStore::Restart() {
  reader_.reset();
  commits_.reset();
  database_.reset();
  Open();
}

absl::Status ScratchStore::Write(GroupCommit::Work work) {
  Awaited<absl::Status> done;
  const absl::Status queued =
      commits_->Submit(store::Priority::kChange, 64, std::move(work), done.Setter());
  if (!queued.ok()) return queued;
  const std::unique_ptr<absl::Status> status = done.Get();
  return status == nullptr ? absl::DeadlineExceededError("no answer came") : *status;
}

absl::Status ScratchStore::Write(const std::string& sql) {
  return Write([sql](Connection& db) { return db.Execute(sql); });
}

std::int64_t ScratchStore::Integer(const std::string& sql) {
  const auto value = reader_->Integer(sql);
  INFO(value.status());
  REQUIRE(value.ok());
  return *value;
}

std::string ScratchStore::Text(const std::string& sql) {
  std::string text;
  store::Statement statement(*reader_, sql);
  const absl::Status status = statement.Query([&](const Row& row) {
    text = row.Text(0);
    return absl::OkStatus();
  });
  INFO(status);
  REQUIRE(status.ok());
  return text;
}

}  // namespace parc::test
