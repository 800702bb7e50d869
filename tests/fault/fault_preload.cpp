// Loaded into a daemon by LD_PRELOAD, so that a disk breaks under the program as it is installed.
// $PARC_FAULT_FILE says, at any time, what the disk does; one thing, or nothing:
//   slow 200       every sync takes 200 ms
//   fail write     every operation of that kind fails: write, sync, truncate

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "tests/fault/fault_vfs.h"

namespace parc::fault {
namespace {

void Obey(FaultVfs& disk, const std::string& what, const std::string& how) {
  disk.SetSyncTime(what == "slow" ? std::atoi(how.c_str()) : 0);
  if (what != "fail") return;
  const Operation operation = how == "write"  ? Operation::kWrite
                              : how == "sync" ? Operation::kSync
                                              : Operation::kTruncate;
  disk.Fail(operation, 1, /*for_ever=*/true);
}

// Lives as long as the process: its files may be open to the end.
struct Loaded {
  Loaded() {
    const char* file = std::getenv("PARC_FAULT_FILE");
    if (file == nullptr) return;
    std::thread([disk = new FaultVfs, name = std::string(file)] {
      std::string before;
      while (true) {
        std::ifstream in(name);
        std::string what;
        std::string how;
        in >> what >> how;
        if (what + how != before) Obey(*disk, what, how);
        before = what + how;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }).detach();
  }
};

const Loaded kLoaded;

}  // namespace
}  // namespace parc::fault
