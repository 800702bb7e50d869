#include "tests/fault/fault_vfs.h"

#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace parc::fault {

namespace fs = std::filesystem;

// SQLite sees `vfs`; `real` does the work.
struct FaultVfs::Layer {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  FaultVfs* owner = nullptr;
};

namespace {

FaultVfs::Layer& LayerOf(sqlite3_vfs* vfs) { return *static_cast<FaultVfs::Layer*>(vfs->pAppData); }

// What SQLite allocates for an open file: this, and the real one behind it.
struct File {
  sqlite3_file base;
  FaultVfs* owner;
  const char* name;  // SQLite keeps it while the file is open
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& FileOf(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* RealOf(sqlite3_file* file) { return FileOf(file).real(); }

int NoSpace(int code) {
  errno = ENOSPC;
  return code;
}

int Broken(int code) {
  errno = EIO;
  return code;
}

int Close(sqlite3_file* file) { return RealOf(file)->pMethods->xClose(RealOf(file)); }

int Read(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  return RealOf(file)->pMethods->xRead(RealOf(file), into, amount, offset);
}

int Write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  sqlite3_file* real = RealOf(file);
  if (!FileOf(file).owner->Pass(Operation::kWrite)) return Broken(SQLITE_IOERR_WRITE);
  sqlite3_int64 size = 0;
  if (real->pMethods->xFileSize(real, &size) == SQLITE_OK && offset + amount > size &&
      !FileOf(file).owner->HasRoom(offset + amount - size)) {
    return NoSpace(SQLITE_FULL);
  }
  return real->pMethods->xWrite(real, from, amount, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (!FileOf(file).owner->Pass(Operation::kTruncate)) return Broken(SQLITE_IOERR_TRUNCATE);
  return RealOf(file)->pMethods->xTruncate(RealOf(file), size);
}

int Sync(sqlite3_file* file, int flags) {
  FileOf(file).owner->WaitForSync();
  if (!FileOf(file).owner->Pass(Operation::kSync)) return Broken(SQLITE_IOERR_FSYNC);
  return RealOf(file)->pMethods->xSync(RealOf(file), flags);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return RealOf(file)->pMethods->xFileSize(RealOf(file), size);
}

int LockFile(sqlite3_file* file, int level) {
  return RealOf(file)->pMethods->xLock(RealOf(file), level);
}

int UnlockFile(sqlite3_file* file, int level) {
  return RealOf(file)->pMethods->xUnlock(RealOf(file), level);
}

int CheckReservedLock(sqlite3_file* file, int* held) {
  return RealOf(file)->pMethods->xCheckReservedLock(RealOf(file), held);
}

int FileControl(sqlite3_file* file, int operation, void* argument) {
  return RealOf(file)->pMethods->xFileControl(RealOf(file), operation, argument);
}

int SectorSize(sqlite3_file* file) { return RealOf(file)->pMethods->xSectorSize(RealOf(file)); }

int Characteristics(sqlite3_file* file) {
  return RealOf(file)->pMethods->xDeviceCharacteristics(RealOf(file));
}

int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  if (!FileOf(file).owner->Pass(Operation::kShmMap)) return Broken(SQLITE_IOERR_SHMMAP);
  std::error_code error;
  const auto now = fs::file_size(std::string(FileOf(file).name) + "-shm", error);
  const std::int64_t grows =
      static_cast<std::int64_t>(region + 1) * size - (error ? 0 : static_cast<std::int64_t>(now));
  if (extend != 0 && grows > 0 && !FileOf(file).owner->HasRoom(grows)) {
    return NoSpace(SQLITE_IOERR_SHMSIZE);
  }
  return RealOf(file)->pMethods->xShmMap(RealOf(file), region, size, extend, memory);
}

int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return RealOf(file)->pMethods->xShmLock(RealOf(file), offset, count, flags);
}

void ShmBarrier(sqlite3_file* file) { RealOf(file)->pMethods->xShmBarrier(RealOf(file)); }

int ShmUnmap(sqlite3_file* file, int remove) {
  return RealOf(file)->pMethods->xShmUnmap(RealOf(file), remove);
}

// Version 2: without memory-mapped reads, which would go past this layer.
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

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  const FaultVfs::Layer& layer = LayerOf(vfs);
  File* opened = new (file) File{{nullptr}, layer.owner, name};
  const int code = layer.real->xOpen(layer.real, name, opened->real(), flags, out);
  if (opened->real()->pMethods != nullptr) opened->base.pMethods = &kMethods;
  return code;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
  return LayerOf(vfs).real->xDelete(LayerOf(vfs).real, name, sync);
}

int Access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  return LayerOf(vfs).real->xAccess(LayerOf(vfs).real, name, flags, result);
}

int FullPathname(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return LayerOf(vfs).real->xFullPathname(LayerOf(vfs).real, name, size, out);
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  return LayerOf(vfs).real->xRandomness(LayerOf(vfs).real, size, out);
}

int Sleep(sqlite3_vfs* vfs, int micros) {
  return LayerOf(vfs).real->xSleep(LayerOf(vfs).real, micros);
}

int CurrentTime(sqlite3_vfs* vfs, double* time) {
  return LayerOf(vfs).real->xCurrentTime(LayerOf(vfs).real, time);
}

int LastError(sqlite3_vfs* vfs, int size, char* text) {
  return LayerOf(vfs).real->xGetLastError(LayerOf(vfs).real, size, text);
}

int CurrentTime64(sqlite3_vfs* vfs, sqlite3_int64* time) {
  return LayerOf(vfs).real->xCurrentTimeInt64(LayerOf(vfs).real, time);
}

}  // namespace

FaultVfs::FaultVfs() : layer_(std::make_unique<Layer>()) {
  sqlite3_initialize();
  layer_->owner = this;
  layer_->real = sqlite3_vfs_find("unix");
  sqlite3_vfs& vfs = layer_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + layer_->real->szOsFile;
  vfs.mxPathname = layer_->real->mxPathname;
  vfs.zName = "fault";
  vfs.pAppData = layer_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = LastError;
  vfs.xCurrentTimeInt64 = CurrentTime64;
  sqlite3_vfs_register(&vfs, /*makeDflt=*/1);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&layer_->vfs); }

void FaultVfs::Fail(Operation operation, std::int64_t n, bool for_ever) {
  const std::lock_guard lock(mutex_);
  failing_ = operation;
  at_ = n;
  for_ever_ = for_ever;
  failed_ = false;
  for (auto& count : counts_) count = 0;
}

std::int64_t FaultVfs::count(Operation operation) const {
  return counts_[static_cast<std::size_t>(operation)];
}

void FaultVfs::SetCapacity(fs::path directory, std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  directory_ = std::move(directory);
  capacity_ = bytes;
}

bool FaultVfs::Pass(Operation operation) {
  const std::lock_guard lock(mutex_);
  const std::int64_t number = ++counts_[static_cast<std::size_t>(operation)];
  if (operation != failing_ || at_ == 0) return true;
  if (number != at_ && !(for_ever_ && number > at_)) return true;
  failed_ = true;
  return false;
}

bool FaultVfs::HasRoom(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (capacity_ < 0) return true;
  std::int64_t used = 0;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_, error)) {
    const auto size = entry.is_regular_file(error) ? entry.file_size(error) : 0;
    if (!error) used += static_cast<std::int64_t>(size);
  }
  return used + bytes <= capacity_;
}

void FaultVfs::WaitForSync() const {
  std::this_thread::sleep_for(std::chrono::milliseconds(sync_milliseconds_.load()));
}

}  // namespace parc::fault
