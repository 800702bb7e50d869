#include <algorithm>
#include <set>

#include "agent/files/text.h"
#include "agent/probes/probes.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

// One file of /sys/class/dmi/id; empty when it is absent.
std::string Dmi(const Root& root, std::string_view name, std::string_view fact, Notes& notes) {
  const auto word = root.ReadWord(fmt::format("sys/class/dmi/id/{}", name));
  notes.Unreadable(fact, word.status());
  return word.ok() ? Printable(*word) : std::string();
}

void ReadProcessor(const Root& root, v1::Hardware& hardware) {
  int threads = 0;
  const auto read = root.ReadLines("proc/cpuinfo", 4 * 1024 * 1024, [&](std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view key = Trim(line.substr(0, colon));
    if (key == "processor") ++threads;
    if (key == "model name" && hardware.cpu_model().empty()) {
      hardware.set_cpu_model(Printable(line.substr(colon + 1)));
    }
  });
  if (read.ok() && threads > 0) hardware.set_cpu_threads(threads);
}

void ReadMemory(const Root& root, v1::Hardware& hardware) {
  const auto text = root.Read("proc/meminfo");
  if (!text.ok()) return;
  for (const std::string_view line : SplitLines(*text)) {
    const auto words = SplitWords(line);
    if (words.size() < 2 || words[0] != "MemTotal:") continue;
    if (const auto kib = ToInt<std::int64_t>(words[1]); kib && *kib > 0) {
      hardware.set_memory_bytes(*kib * 1024);
    }
    return;
  }
}

std::optional<std::int64_t> Number(const Root& root, const std::string& path) {
  const auto word = root.ReadWord(path);
  if (!word.ok()) return std::nullopt;
  return ToInt<std::int64_t>(*word);
}

void ReadBattery(const Root& root, const std::string& name, v1::Hardware& hardware) {
  const std::string folder = "sys/class/power_supply/" + name + "/";
  const auto type = root.ReadWord(folder + "type");
  if (!type.ok() || *type != "Battery") return;
  // A mouse or a headset has scope "Device".
  if (const auto scope = root.ReadWord(folder + "scope"); scope.ok() && *scope == "Device") return;
  v1::Battery& battery = *hardware.add_batteries();
  battery.set_name(Printable(name));
  for (const std::string unit : {"energy", "charge"}) {
    const auto full = Number(root, folder + unit + "_full");
    const auto design = Number(root, folder + unit + "_full_design");
    if (!full || !design || *full < 0 || *design <= 0) continue;
    battery.set_health_percent(static_cast<std::int32_t>(
        std::min<std::int64_t>(*full / std::max<std::int64_t>(*design / 100, 1), 200)));
    break;
  }
  if (const auto cycles = Number(root, folder + "cycle_count"); cycles && *cycles > 0) {
    battery.set_cycle_count(static_cast<std::int32_t>(std::min<std::int64_t>(*cycles, 1'000'000)));
  }
}

void ReadTpm(const Root& root, v1::Hardware& hardware) {
  if (!root.Exists("sys/class")) return;
  const auto version = root.ReadWord("sys/class/tpm/tpm0/tpm_version_major");
  hardware.set_tpm2(version.ok() && *version == "2");
}

// Error detection and correction, as the memory controllers count it since the start.
void ReadMemoryErrors(const Root& root, v1::Hardware& hardware) {
  constexpr std::string_view kFolder = "sys/devices/system/edac/mc";
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto controllers = root.List(kFolder);
  if (!controllers.ok()) return;
  for (const std::string& name : *controllers) {
    if (name.substr(0, 2) != "mc") continue;
    const auto corrected = Number(root, fmt::format("{}/{}/ce_count", kFolder, name));
    const auto uncorrected = Number(root, fmt::format("{}/{}/ue_count", kFolder, name));
    if (corrected && *corrected >= 0) {
      hardware.set_memory_errors_corrected(
          std::min(hardware.memory_errors_corrected() + std::min(*corrected, kMost), kMost));
    }
    if (uncorrected && *uncorrected >= 0) {
      hardware.set_memory_errors_uncorrected(
          std::min(hardware.memory_errors_uncorrected() + std::min(*uncorrected, kMost), kMost));
    }
  }
}

void ReadSecureBoot(const Root& root, v1::Hardware& hardware, Notes& notes) {
  if (root.Exists("sys/firmware")) hardware.set_efi(root.Exists("sys/firmware/efi"));
  const auto variable =
      root.Read("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
  notes.Unreadable("secure_boot", variable.status());
  // Four bytes of attributes, then the value.
  if (variable.ok() && variable->size() >= 5) hardware.set_secure_boot((*variable)[4] == 1);
}

}  // namespace

std::optional<v1::Hardware> ProbeHardware(const World& world, Notes& notes) {
  const Root& root = world.root;
  v1::Hardware hardware;
  hardware.set_manufacturer(Dmi(root, "sys_vendor", "hardware.manufacturer", notes));
  hardware.set_model(Dmi(root, "product_name", "hardware.model", notes));
  hardware.set_serial(Dmi(root, "product_serial", "hardware.serial", notes));
  hardware.set_uuid(Dmi(root, "product_uuid", "hardware.uuid", notes));
  hardware.set_board_serial(Dmi(root, "board_serial", "hardware.board_serial", notes));
  hardware.set_bios_version(Dmi(root, "bios_version", "hardware.bios_version", notes));
  ReadProcessor(root, hardware);
  ReadMemory(root, hardware);
  ReadMemoryErrors(root, hardware);
  if (const auto supplies = root.List("sys/class/power_supply"); supplies.ok()) {
    for (const std::string& name : *supplies) ReadBattery(root, name, hardware);
  }
  ReadTpm(root, hardware);
  ReadSecureBoot(root, hardware, notes);
  if (hardware.ByteSizeLong() == 0) return std::nullopt;
  return hardware;
}

}  // namespace parc::agent
