#include <algorithm>
#include <array>
#include <set>

#include "agent/files/text.h"
#include "agent/probes/luks.h"
#include "agent/probes/probes.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

// Deeper stacks of block devices (LUKS on LVM on RAID on partitions …) are not believed.
constexpr int kMaxDepth = 12;
constexpr std::size_t kMaxDisks = 64;
constexpr std::size_t kMaxMounts = 4 * 1024 * 1024;

bool HasPrefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool IsDiskName(std::string_view name) {
  constexpr std::array<std::string_view, 10> kOthers = {"loop", "ram", "zram", "dm-",  "md",
                                                        "sr",   "fd",  "nbd",  "drbd", "zd"};
  return std::none_of(kOthers.begin(), kOthers.end(),
                      [&](std::string_view other) { return HasPrefix(name, other); });
}

bool IsInternal(const Root& root, const std::string& name) {
  if (const auto removable = root.ReadWord(fmt::format("sys/block/{}/removable", name));
      removable.ok() && *removable == "1") {
    return false;
  }
  const auto target = root.LinkTarget(fmt::format("sys/block/{}", name));
  return !target.ok() || target->find("/usb") == std::string::npos;
}

v1::Disk ReadDisk(const Root& root, const std::string& name) {
  const std::string folder = "sys/block/" + name + "/";
  v1::Disk disk;
  disk.set_name(Printable(name));
  if (const auto model = root.ReadWord(folder + "device/model"); model.ok()) {
    disk.set_model(Printable(*model));
  }
  if (const auto size = root.ReadWord(folder + "size"); size.ok()) {
    constexpr std::int64_t kSector = 512;  // always, whatever the disk's own block size is
    constexpr std::int64_t kMost = std::int64_t{1} << 53;
    if (const auto sectors = ToInt<std::int64_t>(*size);
        sectors && *sectors > 0 && *sectors < kMost)
      disk.set_size_bytes(*sectors * kSector);
  }
  if (const auto turns = root.ReadWord(folder + "queue/rotational"); turns.ok()) {
    disk.set_rotational(*turns == "1");
  }
  return disk;
}

// True when everything under block device `number` ("253:0") is LUKS.
bool IsEncrypted(const Root& root, const std::string& device, int depth = 0) {
  if (depth > kMaxDepth) return false;
  if (const auto uuid = root.ReadWord(device + "/dm/uuid");
      uuid.ok() && HasPrefix(*uuid, "CRYPT-LUKS")) {
    return true;
  }
  const auto slaves = root.List(device + "/slaves");
  if (!slaves.ok() || slaves->empty()) return false;
  return std::all_of(slaves->begin(), slaves->end(), [&](const std::string& slave) {
    return IsEncrypted(root, "sys/class/block/" + slave, depth + 1);
  });
}

// True when an internal disk is at the bottom of `device`.
bool LiesOnDisk(const Root& root, const std::string& device, int depth = 0) {
  if (depth > kMaxDepth) return false;
  const auto slaves = root.List(device + "/slaves");
  if (slaves.ok() && !slaves->empty()) {
    return std::any_of(slaves->begin(), slaves->end(), [&](const std::string& slave) {
      return LiesOnDisk(root, "sys/class/block/" + slave, depth + 1);
    });
  }
  // sys/class/block/<name> is a link to …/block/<disk>[/<partition>].
  std::string path = device;
  if (const auto target = root.LinkTarget(device); target.ok()) path = *target;
  const auto block = path.rfind("/block/");
  if (block == std::string::npos) return false;
  const std::string disk = path.substr(block + 7, path.find('/', block + 7) - block - 7);
  return IsDiskName(disk) && IsInternal(root, disk);
}

// The sysfs folder of a mounted device, by number and, for btrfs and the like whose number is of no
// device, by the name of the source. Empty when it is no block device.
std::string DeviceFolder(const Root& root, std::string_view number, std::string_view source) {
  const std::string by_number = fmt::format("sys/dev/block/{}", number);
  if (root.Exists(by_number)) return by_number;
  if (!HasPrefix(source, "/dev/")) return {};
  const std::string_view name = source.substr(source.rfind('/') + 1);
  const std::string by_name = fmt::format("sys/class/block/{}", name);
  if (root.Exists(by_name)) return by_name;
  const auto devices = root.List("sys/class/block");
  if (!devices.ok()) return {};
  for (const std::string& device : *devices) {
    if (!HasPrefix(device, "dm-")) continue;
    const auto mapped = root.ReadWord(fmt::format("sys/class/block/{}/dm/name", device));
    if (mapped.ok() && *mapped == name) return "sys/class/block/" + device;
  }
  return {};
}

struct Mount {
  std::string point;
  std::string folder;
};

std::vector<Mount> ReadMounts(const Root& root) {
  std::vector<Mount> mounts;
  // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
  const auto read = root.ReadLines("proc/self/mountinfo", kMaxMounts, [&](std::string_view line) {
    const auto words = SplitWords(line);
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 6 || words.end() - dash < 3) return;
    if (HasPrefix(words[2], "0:") && !HasPrefix(dash[2], "/dev/")) return;
    std::string folder = DeviceFolder(root, words[2], dash[2]);
    if (!folder.empty()) mounts.push_back({std::string(words[4]), std::move(folder)});
  });
  if (!read.ok()) mounts.clear();
  if (const auto swaps = root.Read("proc/swaps"); swaps.ok()) {
    for (const std::string_view line : SplitLines(*swaps)) {
      const auto words = SplitWords(line);
      if (words.size() < 2 || words[1] != "partition") continue;
      std::string folder = DeviceFolder(root, "none", words[0]);
      if (!folder.empty()) mounts.push_back({"swap", std::move(folder)});
    }
  }
  return mounts;
}

// A boot loader must read these before any key is known; they hold nobody's data.
bool IsBootPartition(std::string_view point) {
  return point == "/boot" || point == "/boot/efi" || point == "/efi";
}

// The kernel names of the devices that hold the LUKS volumes under `device`.
void GatherVolumes(const Root& root, const std::string& device, std::set<std::string>& volumes,
                   int depth = 0) {
  if (depth > kMaxDepth) return;
  const auto slaves = root.List(device + "/slaves");
  if (!slaves.ok()) return;
  const auto uuid = root.ReadWord(device + "/dm/uuid");
  const bool crypt = uuid.ok() && HasPrefix(*uuid, "CRYPT-LUKS");
  for (const std::string& slave : *slaves) {
    if (crypt) {
      volumes.insert(slave);
    } else {
      GatherVolumes(root, "sys/class/block/" + slave, volumes, depth + 1);
    }
  }
}

// What is known of none is not told of the others: the weakest may be the one that is missing.
void ReadKdf(const Root& root, const std::set<std::string>& volumes, v1::Storage& storage,
             Notes& notes) {
  constexpr std::size_t kHeader = 64 * 1024;
  std::string weakest;
  for (const std::string& volume : volumes) {
    const auto start = root.ReadStart("dev/" + volume, kHeader);
    if (!start.ok()) {
      notes.Unreadable("disk.encryption_kdf", absl::IsNotFound(start.status())
                                                  ? absl::PermissionDeniedError(volume)
                                                  : start.status());
      return;
    }
    const auto kdf = ParseLuksHeader(*start);
    if (!kdf) {
      notes.Unreadable("disk.encryption_kdf", "the header of an encrypted disk is not understood");
      return;
    }
    weakest = WeakerKdf(weakest, *kdf);
  }
  storage.set_encryption_kdf(weakest);
}

void ReadEncryption(const Root& root, v1::Storage& storage, Notes& notes) {
  std::set<std::string> volumes;
  bool any = false;
  bool all = true;
  // A later mount on the same point covers the earlier one.
  for (const Mount& mount : ReadMounts(root)) {
    const bool encrypted = IsEncrypted(root, mount.folder);
    GatherVolumes(root, mount.folder, volumes);
    if (mount.point == "/") storage.set_root_encrypted(encrypted);
    if (IsBootPartition(mount.point) || !LiesOnDisk(root, mount.folder)) continue;
    any = true;
    all = all && encrypted;
  }
  if (any) storage.set_all_encrypted(all);
  ReadKdf(root, volumes, storage, notes);
}

// A power of two below, so that a report does not change with every file.
std::int64_t CoarseBytes(std::int64_t bytes) {
  std::int64_t coarse = 1;
  while (coarse <= bytes / 2) coarse *= 2;
  // Eighths of it: 1.0, 1.125 … 1.875.
  return bytes <= 8 ? bytes : bytes / (coarse / 8 > 0 ? coarse / 8 : 1) * (coarse / 8);
}

std::int64_t Percent(std::int64_t part, std::int64_t whole) {
  return static_cast<std::int64_t>(static_cast<double>(part) * 100.0 / static_cast<double>(whole));
}

void ReadSpaces(const World& world, v1::Storage& storage) {
  if (!world.space) return;
  for (const char* const path : {"/", "/var", "/home"}) {
    const auto space = world.space(path);
    if (!space || space->total <= 0) continue;
    if (std::string_view(path) == "/") {
      storage.set_root_total_bytes(space->total);
      storage.set_root_free_bytes(CoarseFree(*space));
    }
    const std::int64_t bytes = CoarseBytes(space->free);
    if (!storage.has_least_free_bytes() || bytes < storage.least_free_bytes()) {
      storage.set_least_free_bytes(bytes);
    }
    const auto percent = static_cast<std::int32_t>(Percent(space->free, space->total));
    if (!storage.has_least_free_percent() || percent < storage.least_free_percent()) {
      storage.set_least_free_percent(percent);
    }
    if (space->inodes <= 0) continue;
    const auto inodes = static_cast<std::int32_t>(Percent(space->free_inodes, space->inodes));
    if (!storage.has_least_free_inodes_percent() || inodes < storage.least_free_inodes_percent()) {
      storage.set_least_free_inodes_percent(inodes);
    }
  }
}

}  // namespace

std::int64_t CoarseFree(const Space& space) {
  if (space.total <= 0) return 0;
  const double part = static_cast<double>(space.free) / static_cast<double>(space.total);
  return space.total / 100 * static_cast<std::int64_t>(part * 100);
}

std::optional<v1::Storage> ProbeStorage(const World& world, Notes& notes) {
  const Root& root = world.root;
  v1::Storage storage;
  const auto disks = root.List("sys/block");
  notes.Unreadable("disk.count", disks.status());
  if (disks.ok()) {
    for (const std::string& name : *disks) {
      if (!IsDiskName(name) || !IsInternal(root, name)) continue;
      if (static_cast<std::size_t>(storage.disks_size()) == kMaxDisks) break;
      *storage.add_disks() = ReadDisk(root, name);
    }
  }
  ReadEncryption(root, storage, notes);
  ReadSpaces(world, storage);
  if (storage.ByteSizeLong() == 0) return std::nullopt;
  return storage;
}

}  // namespace parc::agent
