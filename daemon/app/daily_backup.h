#pragma once

#include <filesystem>

#include "daemon/inventory/civil_date.h"

// One backup a day, kept for some weeks: "daily-2020-03-12.db".
namespace parc::app {

std::filesystem::path DailyBackupOf(const std::filesystem::path& directory,
                                    const inventory::CivilDate& day);

// Removes the daily backups that are more than `keep_days` older than the newest one before
// `today`, so that what people asked to be forgotten does not live on in old copies. So two days
// must agree that a backup is old: a clock that jumps ahead removes none. Files of other names
// stay.
void RemoveOldBackups(const std::filesystem::path& directory, const inventory::CivilDate& today,
                      std::int64_t keep_days);

}  // namespace parc::app
