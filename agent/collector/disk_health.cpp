#include "agent/collector/disk_health.h"

#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <string>

#include "agent/files/descriptor.h"

namespace parc::agent {
namespace {

constexpr std::size_t kLogBytes = 512;

absl::StatusOr<std::string> ReadLog(const std::string& device) {
  const Descriptor fd(open(device.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return absl::ErrnoToStatus(errno, device);
  std::string log(kLogBytes, '\0');
  nvme_admin_cmd command{};
  command.opcode = 0x02;      // Get Log Page
  command.nsid = 0xffffffff;  // of the controller
  command.addr = reinterpret_cast<std::uintptr_t>(log.data());
  command.data_len = kLogBytes;
  command.cdw10 = 0x02 | (kLogBytes / 4 - 1) << 16U;
  command.timeout_ms = 2000;
  const int result = ioctl(fd.get(), NVME_IOCTL_ADMIN_CMD, &command);
  if (result < 0) return absl::ErrnoToStatus(errno, device);
  if (result > 0) return absl::UnavailableError("the disk refuses to tell");
  return log;
}

bool IsController(const std::string& name) {
  return name.size() > 4 && name.compare(0, 4, "nvme") == 0 &&
         std::all_of(name.begin() + 4, name.end(),
                     [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
}

}  // namespace

std::optional<DiskHealth> ParseNvmeLog(std::string_view log) {
  constexpr std::size_t kWearAt = 5;
  if (log.size() <= kWearAt) return std::nullopt;
  return DiskHealth{log[0] == 0, static_cast<unsigned char>(log[kWearAt])};
}

absl::StatusOr<DiskHealth> NvmeHealth(const Root& root) {
  const auto names = root.List("sys/class/nvme");
  if (!names.ok()) return names.status();
  DiskHealth all;
  bool any = false;
  for (const std::string& name : *names) {
    if (!IsController(name)) continue;
    const auto log = ReadLog("/dev/" + name);
    if (!log.ok()) return log.status();
    const auto health = ParseNvmeLog(*log);
    if (!health) continue;
    any = true;
    all.healthy = all.healthy && health->healthy;
    all.wear_percent = std::max(all.wear_percent.value_or(0), health->wear_percent.value_or(0));
  }
  if (!any) return absl::NotFoundError("there is no NVMe disk");
  return all;
}

}  // namespace parc::agent
