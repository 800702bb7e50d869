#include "tests/fault/crash_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace parc::fault {
namespace {

constexpr std::int64_t kSector = 512;

// A change that is not durable yet.
struct Pending {
  std::int64_t offset;
  std::string bytes;
  bool truncates;  // to `offset`
};

void Put(std::string& content, std::int64_t offset, std::string_view bytes) {
  const auto at = static_cast<std::size_t>(offset);
  if (content.size() < at + bytes.size()) content.resize(at + bytes.size());
  content.replace(at, bytes.size(), bytes);
}

}  // namespace

struct CrashDisk::Node {
  std::string durable;
  std::string cached;
  std::vector<Pending> pending;
  bool name_is_durable = false;

  // SQLite's locks on the file, and the memory that connections share.
  std::array<int, SQLITE_LOCK_EXCLUSIVE + 1> locks{};  // how many hold each level
  std::vector<std::unique_ptr<std::vector<char>>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shared{};
  std::array<bool, SQLITE_SHM_NLOCK> exclusive{};
};

struct CrashDisk::Layer {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
};

namespace {

struct File {
  sqlite3_file base;
  CrashDisk* disk;
  std::shared_ptr<CrashDisk::Node>* node;
  std::string* name;
  int level;
  std::array<bool, SQLITE_SHM_NLOCK>* shared;
  std::array<bool, SQLITE_SHM_NLOCK>* exclusive;
};

File& FileOf(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
CrashDisk::Node& NodeOf(sqlite3_file* file) { return **FileOf(file).node; }
using Lock = std::lock_guard<std::recursive_mutex>;

int Close(sqlite3_file* file) {
  File& closed = FileOf(file);
  const Lock lock(closed.disk->mutex);
  delete closed.node;
  delete closed.name;
  delete closed.shared;
  delete closed.exclusive;
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  const Lock lock(FileOf(file).disk->mutex);
  if (FileOf(file).disk->failed()) return SQLITE_IOERR_READ;
  const std::string& content = NodeOf(file).cached;
  const std::int64_t left = static_cast<std::int64_t>(content.size()) - offset;
  const std::int64_t got = std::clamp<std::int64_t>(left, 0, amount);
  std::memset(into, 0, static_cast<std::size_t>(amount));
  if (got > 0) std::memcpy(into, content.data() + offset, static_cast<std::size_t>(got));
  return got == amount ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  const Lock lock(FileOf(file).disk->mutex);
  if (!FileOf(file).disk->Change()) return SQLITE_IOERR_WRITE;
  CrashDisk::Node& node = NodeOf(file);
  std::string bytes(static_cast<const char*>(from), static_cast<std::size_t>(amount));
  Put(node.cached, offset, bytes);
  node.pending.push_back({offset, std::move(bytes), false});
  return SQLITE_OK;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const Lock lock(FileOf(file).disk->mutex);
  if (!FileOf(file).disk->Change()) return SQLITE_IOERR_TRUNCATE;
  NodeOf(file).cached.resize(static_cast<std::size_t>(size));
  NodeOf(file).pending.push_back({size, {}, true});
  return SQLITE_OK;
}

int Sync(sqlite3_file* file, int) {
  const Lock lock(FileOf(file).disk->mutex);
  if (!FileOf(file).disk->Change()) return SQLITE_IOERR_FSYNC;
  FileOf(file).disk->Sync(NodeOf(file), *FileOf(file).name);
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const Lock lock(FileOf(file).disk->mutex);
  *size = static_cast<sqlite3_int64>(NodeOf(file).cached.size());
  return SQLITE_OK;
}

// How many others hold `level`.
int Others(sqlite3_file* file, int level) {
  const int own = FileOf(file).level >= level ? 1 : 0;
  return NodeOf(file).locks[static_cast<std::size_t>(level)] - own;
}

void SetLevel(sqlite3_file* file, int level) {
  for (int i = SQLITE_LOCK_SHARED; i <= SQLITE_LOCK_EXCLUSIVE; ++i) {
    NodeOf(file).locks[static_cast<std::size_t>(i)] +=
        (level >= i ? 1 : 0) - (FileOf(file).level >= i ? 1 : 0);
  }
  FileOf(file).level = level;
}

int LockFile(sqlite3_file* file, int level) {
  const Lock lock(FileOf(file).disk->mutex);
  if (FileOf(file).level >= level) return SQLITE_OK;
  const int in_the_way = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_PENDING
                         : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_RESERVED
                                                         : SQLITE_LOCK_SHARED;
  if (Others(file, in_the_way) > 0) return SQLITE_BUSY;
  SetLevel(file, level);
  return SQLITE_OK;
}

int UnlockFile(sqlite3_file* file, int level) {
  const Lock lock(FileOf(file).disk->mutex);
  if (FileOf(file).level > level) SetLevel(file, level);
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* file, int* held) {
  const Lock lock(FileOf(file).disk->mutex);
  *held = NodeOf(file).locks[SQLITE_LOCK_RESERVED] > 0 ? 1 : 0;
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
// As the unix VFS answers both.
int SectorSize(sqlite3_file*) { return 4096; }
int Characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  const Lock lock(FileOf(file).disk->mutex);
  if (FileOf(file).disk->failed()) return SQLITE_IOERR_SHMMAP;
  auto& regions = NodeOf(file).regions;
  const auto wanted = static_cast<std::size_t>(region) + 1;
  *memory = nullptr;
  if (regions.size() < wanted && extend == 0) return SQLITE_OK;
  while (regions.size() < wanted) {
    regions.push_back(std::make_unique<std::vector<char>>(static_cast<std::size_t>(size)));
  }
  *memory = regions[wanted - 1]->data();
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  const Lock lock(FileOf(file).disk->mutex);
  CrashDisk::Node& node = NodeOf(file);
  auto& own_shared = *FileOf(file).shared;
  auto& own_exclusive = *FileOf(file).exclusive;
  const auto first = static_cast<std::size_t>(offset);
  const auto end = first + static_cast<std::size_t>(count);
  const bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
  for (std::size_t i = first; (flags & SQLITE_SHM_LOCK) != 0 && i < end; ++i) {
    const bool others_share = node.shared[i] > (own_shared[i] ? 1 : 0);
    if (node.exclusive[i] && !own_exclusive[i]) return SQLITE_BUSY;
    if (!is_shared && others_share) return SQLITE_BUSY;
  }
  const bool take = (flags & SQLITE_SHM_LOCK) != 0;
  for (std::size_t i = first; i < end; ++i) {
    if (is_shared) {
      node.shared[i] += (take ? 1 : 0) - (own_shared[i] ? 1 : 0);
      own_shared[i] = take;
    } else {
      node.exclusive[i] = take;
      own_exclusive[i] = take;
    }
  }
  return SQLITE_OK;
}

// A mutex is a barrier, too, and one that the thread sanitizer knows.
void ShmBarrier(sqlite3_file* file) { const Lock lock(FileOf(file).disk->mutex); }

int ShmUnmap(sqlite3_file* file, int remove) {
  const Lock lock(FileOf(file).disk->mutex);
  if (remove != 0) NodeOf(file).regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         LockFile,
                                         UnlockFile,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         Characteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

CrashDisk& DiskOf(sqlite3_vfs* vfs) { return *static_cast<CrashDisk*>(vfs->pAppData); }

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  CrashDisk& disk = DiskOf(vfs);
  const Lock lock(disk.mutex);
  file->pMethods = nullptr;
  std::shared_ptr<CrashDisk::Node> node;
  if (name == nullptr) {
    node = std::make_shared<CrashDisk::Node>();  // a temporary file: no start finds it
  } else if (const auto found = disk.names.find(name); found != disk.names.end()) {
    node = found->second;
  } else {
    if ((flags & SQLITE_OPEN_CREATE) == 0 || !disk.Change()) return SQLITE_CANTOPEN;
    node = disk.names[name] = std::make_shared<CrashDisk::Node>();
  }
  new (file) File{{&kMethods},
                  &disk,
                  new std::shared_ptr<CrashDisk::Node>(std::move(node)),
                  new std::string(name == nullptr ? "" : name),
                  SQLITE_LOCK_NONE,
                  new std::array<bool, SQLITE_SHM_NLOCK>{},
                  new std::array<bool, SQLITE_SHM_NLOCK>{}};
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
  CrashDisk& disk = DiskOf(vfs);
  const Lock lock(disk.mutex);
  const auto found = disk.names.find(name);
  if (found == disk.names.end()) return SQLITE_IOERR_DELETE_NOENT;
  if (!disk.Change()) return SQLITE_IOERR_DELETE;
  if (found->second->name_is_durable) disk.before[name] = found->second;
  if (sync != 0) disk.before.erase(name);
  disk.names.erase(found);
  return SQLITE_OK;
}

int Access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  const Lock lock(DiskOf(vfs).mutex);
  *result = DiskOf(vfs).names.count(name) > 0 ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

sqlite3_vfs* Unix() { return sqlite3_vfs_find("unix"); }

int Randomness(sqlite3_vfs*, int size, char* out) { return Unix()->xRandomness(Unix(), size, out); }
int Sleep(sqlite3_vfs*, int micros) { return Unix()->xSleep(Unix(), micros); }
int CurrentTime(sqlite3_vfs*, double* time) { return Unix()->xCurrentTime(Unix(), time); }
int LastError(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

CrashDisk::CrashDisk(std::uint64_t seed) : layer_(std::make_unique<Layer>()), dice_(seed) {
  sqlite3_initialize();
  sqlite3_vfs& vfs = layer_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(File);
  vfs.mxPathname = 1024;
  vfs.zName = "crash";
  vfs.pAppData = this;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = LastError;
  sqlite3_vfs_register(&vfs, /*makeDflt=*/1);
}

CrashDisk::~CrashDisk() { sqlite3_vfs_unregister(&layer_->vfs); }

void CrashDisk::FailPowerAt(std::int64_t n) {
  const Lock lock(mutex);
  fail_at_ = n;
  kill_ = false;
  operations_ = 0;
}

void CrashDisk::KillAt(std::int64_t n) {
  FailPowerAt(n);
  kill_ = true;
}

void CrashDisk::FailPower() { Fail(/*power=*/true); }

bool CrashDisk::failed() const {
  const Lock lock(mutex);
  return failed_;
}

std::int64_t CrashDisk::operations() const {
  const Lock lock(mutex);
  return operations_;
}

bool CrashDisk::Change() {
  if (++operations_ == fail_at_) Fail(!kill_);
  return !failed_;
}

void CrashDisk::Sync(Node& node, const std::string& name) {
  if (lies_) return;
  node.durable = node.cached;
  node.pending.clear();
  if (name.empty() || node.name_is_durable) return;
  node.name_is_durable = true;
  before.erase(name);
}

void CrashDisk::Fail(bool power) {
  const Lock lock(mutex);
  if (failed_) return;
  failed_ = true;
  // Some failures keep nearly all, some nearly nothing.
  const std::array<int, 6> chances = {0, 10, 50, 90, 99, 100};
  const int chance = chances[static_cast<std::size_t>(dice_.Below(chances.size()))];
  const auto keeps = [&] { return !power || dice_.Below(100) < chance; };
  const auto left_of = [&](const Node& node) {
    std::string content = node.durable;
    for (const Pending& change : node.pending) {
      if (change.truncates) {
        if (keeps()) content.resize(static_cast<std::size_t>(change.offset));
        continue;
      }
      const auto size = static_cast<std::int64_t>(change.bytes.size());
      for (std::int64_t from = 0; from < size;) {
        const std::int64_t to =
            std::min(size, ((change.offset + from) / kSector + 1) * kSector - change.offset);
        if (keeps()) {
          Put(content, change.offset + from,
              std::string_view(change.bytes)
                  .substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
        }
        from = to;
      }
    }
    return content;
  };
  after_.clear();
  for (const auto& [name, node] : names) {
    if (node->name_is_durable || keeps()) after_[name] = left_of(*node);
  }
  for (const auto& [name, node] : before) {
    if (after_.count(name) == 0 && power && !keeps()) after_[name] = left_of(*node);
  }
}

void CrashDisk::Restart() {
  const Lock lock(mutex);
  if (!failed_) Fail(/*power=*/false);
  Load(std::exchange(after_, {}));
}

std::map<std::string, std::string> CrashDisk::Image() const {
  const Lock lock(mutex);
  std::map<std::string, std::string> image;
  for (const auto& [name, node] : names) image[name] = node->durable;
  return image;
}

void CrashDisk::Load(const std::map<std::string, std::string>& image) {
  const Lock lock(mutex);
  names.clear();
  before.clear();
  for (const auto& [name, content] : image) {
    auto node = std::make_shared<Node>();
    node->durable = node->cached = content;
    node->name_is_durable = true;
    names[name] = std::move(node);
  }
  failed_ = false;
  fail_at_ = 0;
  operations_ = 0;
}

}  // namespace parc::fault
