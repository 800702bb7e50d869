#pragma once

#include <filesystem>

#include "absl/status/status.h"

namespace parc::store {

// Tells a write-ahead log that lost acknowledged writes from one that a crash cut short. SQLite
// takes a log up to its first frame that does not fit, and drops the rest without a word. That is
// right for the tail that a crash leaves: its transaction was never synced, nor acknowledged. But
// the writer syncs each transaction before it writes the next, so where a later one goes on behind
// the damage, the damaged one was on disk, complete.
//
// DATA_LOSS STORAGE_CORRUPT for such a log of `database`, and for one whose header is damaged.
// Damage to the last transaction cannot be told from a torn tail. Reads only, through SQLite's file
// layer. The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
absl::Status CheckLog(const std::filesystem::path& database);

}  // namespace parc::store
