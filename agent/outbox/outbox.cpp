#include "agent/outbox/outbox.h"

#include <algorithm>

#include "agent/files/durable.h"
#include "agent/files/sealed.h"
#include "agent/files/text.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".report";
constexpr std::string_view kLastNumber = "last-number";
// What sealing adds.
constexpr std::size_t kMaxFile = Outbox::kMaxBytes + 64;

}  // namespace

absl::StatusOr<Outbox> Outbox::Open(const fs::path& directory, std::int64_t now) {
  PARC_TRY(MakePrivateDirectory(directory));
  Outbox outbox(directory);
  PARC_TRY(outbox.List());
  PARC_TRY(outbox.ReadLastNumber(now));
  return outbox;
}

fs::path Outbox::FileOf(std::uint64_t number) const {
  return directory_ / fmt::format("{:020}{}", number, kSuffix);
}

absl::Status Outbox::List() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    // What a crash left of a file that was being written.
    if (entry.path().extension() == ".new") fs::remove(entry.path(), error);
    if (entry.path().extension() != kSuffix) continue;
    const auto number =
        ToInt<std::uint64_t>(std::string_view(name).substr(0, name.size() - kSuffix.size()));
    if (number) waiting_.push_back(*number);
  }
  if (error) return absl::ErrnoToStatus(error.value(), directory_.string());
  std::sort(waiting_.begin(), waiting_.end());
  return absl::OkStatus();
}

absl::Status Outbox::ReadLastNumber(std::int64_t now) {
  const std::uint64_t newest = waiting_.empty() ? 0 : waiting_.back();
  const fs::path file = directory_ / kLastNumber;
  const auto text = ReadWhole(file, 64);
  last_ = newest;
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  const auto number = text.ok() ? ToInt<std::uint64_t>(Trim(*text)) : std::nullopt;
  if (number) {
    last_ = std::max(newest, *number);
    return absl::OkStatus();
  }
  SetAside(file);
  // One report a second would not have reached this number.
  last_ = std::max(newest, static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0) / 1'000'000));
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> Outbox::Add(const std::function<std::string(std::uint64_t)>& make) {
  const std::uint64_t number = last_ + 1;
  const std::string sealed = Seal(make(number));
  if (sealed.size() > kMaxBytes) {
    return absl::ResourceExhaustedError("the report is larger than the outbox");
  }
  PARC_TRY(MakeRoom(sealed.size()));
  // The number first: a crash between the two loses a number, never gives one twice.
  PARC_TRY(SkipTo(number));
  PARC_TRY(WriteDurably(FileOf(number), sealed));
  waiting_.push_back(number);
  return number;
}

absl::Status Outbox::SkipTo(std::uint64_t number) {
  if (number <= last_) return absl::OkStatus();
  PARC_TRY(WriteDurably(directory_ / kLastNumber, fmt::format("{}\n", number)));
  last_ = number;
  return absl::OkStatus();
}

absl::Status Outbox::MakeRoom(std::size_t bytes) {
  std::size_t total = bytes;
  std::error_code error;
  for (const std::uint64_t number : waiting_) {
    const auto size = fs::file_size(FileOf(number), error);
    if (!error) total += size;
  }
  while (!waiting_.empty() && (waiting_.size() >= kMaxReports || total > kMaxBytes)) {
    const auto size = fs::file_size(FileOf(waiting_.front()), error);
    total -= error ? 0 : std::min<std::size_t>(size, total);
    PARC_TRY(Drop(waiting_.front()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Outbox::Read(std::uint64_t number) {
  const auto sealed = ReadWhole(FileOf(number), kMaxFile);
  auto bytes = sealed.ok() ? Unseal(*sealed) : absl::StatusOr<std::string>(sealed.status());
  if (bytes.ok()) return bytes;
  SetAside(FileOf(number));
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), number), waiting_.end());
  return absl::DataLossError(fmt::format("report {} is damaged and was set aside", number));
}

absl::Status Outbox::DropThrough(std::uint64_t number) {
  while (!waiting_.empty() && waiting_.front() <= number) PARC_TRY(Drop(waiting_.front()));
  return absl::OkStatus();
}

absl::Status Outbox::Drop(std::uint64_t number) {
  PARC_TRY(RemoveDurably(FileOf(number)));
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), number), waiting_.end());
  return absl::OkStatus();
}

void Outbox::SetAside(const fs::path& file) {
  fs::path aside = file;
  aside.replace_extension(".damaged");
  // One of a kind is enough to look at; failing to keep it is no reason to stop reporting.
  (void)RenameDurably(file, aside);
}

}  // namespace parc::agent
