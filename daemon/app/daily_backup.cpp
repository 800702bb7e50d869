#include "daemon/app/daily_backup.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace parc::app {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "daily-";
constexpr std::string_view kSuffix = ".db";

}  // namespace

fs::path DailyBackupOf(const fs::path& directory, const inventory::CivilDate& day) {
  return directory / (std::string(kPrefix) + inventory::ToIso(day) + std::string(kSuffix));
}

void RemoveOldBackups(const fs::path& directory, const inventory::CivilDate& today,
                      std::int64_t keep_days) {
  std::vector<inventory::CivilDate> days;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() < kPrefix.size() + kSuffix.size()) continue;
    const auto day = inventory::ParseIso(std::string_view(name).substr(
        kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size()));
    if (day.ok() && *day < today && entry.path() == DailyBackupOf(directory, *day)) {
      days.push_back(*day);
    }
  }
  if (days.empty()) return;
  const inventory::CivilDate oldest =
      inventory::AddDays(*std::max_element(days.begin(), days.end()), -keep_days);
  for (const inventory::CivilDate& day : days) {
    if (day < oldest) fs::remove(DailyBackupOf(directory, day), error);
  }
}

}  // namespace parc::app
