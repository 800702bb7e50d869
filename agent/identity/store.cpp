#include "agent/identity/store.h"

#include <algorithm>
#include <vector>

#include "agent/files/durable.h"
#include "agent/files/text.h"
#include "agent/identity/keys.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;
constexpr const char* kCurrent = "current";
constexpr const char* kPending = "pending";

using Files = std::map<std::string, std::string>;

// The directory appears with all of its files or not at all.
absl::Status WriteFolder(const fs::path& folder, const Files& files) {
  fs::path beside = folder;
  beside += ".new";
  PARC_TRY(RemoveDurably(beside));
  PARC_TRY(MakePrivateDirectory(beside));
  for (const auto& [name, bytes] : files) PARC_TRY(WriteDurably(beside / name, bytes));
  PARC_TRY(RemoveDurably(folder));
  return RenameDurably(beside, folder);
}

std::vector<int> Numbers(const fs::path& directory) {
  std::vector<int> numbers;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (const auto number = ToInt<int>(entry.path().filename().string())) {
      numbers.push_back(*number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

std::optional<int> IdentityStore::CurrentNumber() const {
  const auto text = ReadWhole(directory_ / kCurrent, 64);
  if (!text.ok()) return std::nullopt;
  return ToInt<int>(Trim(*text));
}

std::optional<int> IdentityStore::NextNumber() const {
  const int current = CurrentNumber().value_or(0);
  const auto numbers = Numbers(directory_);
  if (numbers.empty() || numbers.back() <= current) return std::nullopt;
  return numbers.back();
}

absl::StatusOr<Identity> IdentityStore::Read(int number) const {
  const fs::path folder = directory_ / std::to_string(number);
  Identity identity;
  const auto read = [&](const char* name, std::string& into) -> absl::Status {
    auto text = ReadWhole(folder / name, kMaxFile);
    if (!text.ok()) {
      return absl::DataLossError(fmt::format("the identity of this laptop is damaged: {}",
                                             std::string(text.status().message())));
    }
    into = *std::move(text);
    return absl::OkStatus();
  };
  std::string about;
  PARC_TRY(read("key.pem", identity.key_pem));
  PARC_TRY(read("chain.pem", identity.chain_pem));
  PARC_TRY(read("root.pem", identity.root_pem));
  PARC_TRY(read("about", about));
  auto values = ParseKeyValues(about);
  identity.device_id = values["device_id"];
  identity.endpoint = values["endpoint"];
  identity.renew_at = ToInt<std::int64_t>(values["renew_at"]).value_or(0);
  const auto dates = DatesOf(identity.chain_pem);
  if (!dates.ok() || identity.endpoint.empty() || !IsOfKey(identity.chain_pem, identity.key_pem)) {
    return absl::DataLossError(
        fmt::format("the identity of this laptop is damaged: {}", folder.string()));
  }
  identity.not_after = dates->not_after;
  return identity;
}

absl::StatusOr<Identity> IdentityStore::Current() const {
  const auto number = CurrentNumber();
  if (!number) return absl::NotFoundError("this laptop is not enrolled");
  return Read(*number);
}

absl::StatusOr<Identity> IdentityStore::Next() const {
  const auto number = NextNumber();
  if (!number) return absl::NotFoundError("there is no renewed certificate");
  return Read(*number);
}

absl::Status IdentityStore::PutNext(const Identity& identity) {
  if (!IsOfKey(identity.chain_pem, identity.key_pem)) {
    return absl::DataLossError("the certificate that the server sent is not of this laptop's key");
  }
  PARC_TRY(MakePrivateDirectory(directory_));
  const int number = NextNumber().value_or(CurrentNumber().value_or(0) + 1);
  return WriteFolder(
      directory_ / std::to_string(number),
      {{"key.pem", identity.key_pem},
       {"chain.pem", identity.chain_pem},
       {"root.pem", identity.root_pem},
       {"about", fmt::format("device_id={}\nendpoint={}\nrenew_at={}\n", identity.device_id,
                             identity.endpoint, identity.renew_at)}});
}

absl::Status IdentityStore::PromoteNext() {
  const auto next = NextNumber();
  if (!next) return absl::OkStatus();
  PARC_TRY(WriteDurably(directory_ / kCurrent, fmt::format("{}\n", *next)));
  for (const int number : Numbers(directory_)) {
    if (number != *next) PARC_TRY(RemoveDurably(directory_ / std::to_string(number)));
  }
  return absl::OkStatus();
}

absl::Status IdentityStore::DropNext() {
  const auto next = NextNumber();
  return next ? RemoveDurably(directory_ / std::to_string(*next)) : absl::OkStatus();
}

absl::Status IdentityStore::PutPending(const PendingEnrolment& pending) {
  PARC_TRY(MakePrivateDirectory(directory_));
  return WriteFolder(
      directory_ / kPending,
      {{"url", pending.url}, {"key.pem", pending.key_pem}, {"request", pending.request}});
}

absl::StatusOr<PendingEnrolment> IdentityStore::Pending() const {
  PendingEnrolment pending;
  const fs::path folder = directory_ / kPending;
  PARC_ASSIGN(pending.url, ReadWhole(folder / "url", kMaxFile));
  PARC_ASSIGN(pending.key_pem, ReadWhole(folder / "key.pem", kMaxFile));
  PARC_ASSIGN(pending.request, ReadWhole(folder / "request", kMaxFile));
  pending.words = ReadWhole(folder / "words", kMaxFile).value_or("");
  return pending;
}

absl::Status IdentityStore::PutPendingWords(std::string_view words) {
  return WriteDurably(directory_ / kPending / "words", words);
}

absl::Status IdentityStore::DropPending() { return RemoveDurably(directory_ / kPending); }

}  // namespace parc::agent
