#include "tests/bench/swarm/report.h"

#include <openssl/sha.h>

#include <cassert>
#include <cstring>

#include "fmt/format.h"
#include "parc/v1/facts.pb.h"

namespace parc::swarm {
namespace {

// Values of the template that are found again among its bytes. Each stands for a value of the same
// serialised length.
constexpr std::string_view kSerialMark = "SW99999999";
constexpr std::string_view kUuidMark = "4c4c4544-0000-4000-8000-999999999999";
constexpr std::string_view kMacMark = "d4:81:d7:99:99:99";
constexpr std::string_view kKernelMark = "6.1.0-99-amd64";
constexpr std::int64_t kFreeMark = std::int64_t{123'457}
                                   << 20;  // 6 bytes, as all from 32 GiB to 512 GiB
constexpr int kUpdatesMark = 101;
constexpr std::int64_t kTotalBytes = std::int64_t{512} << 30;

void AddDisk(v1::Facts& facts) {
  v1::Storage& storage = *facts.mutable_storage();
  v1::Disk& disk = *storage.add_disks();
  disk.set_name("nvme0n1");
  disk.set_model("PC711 NVMe SK hynix 512GB");
  disk.set_size_bytes(512'110'190'592);
  disk.set_rotational(false);
  storage.set_root_encrypted(true);
  storage.set_all_encrypted(true);
  storage.set_root_free_bytes(kFreeMark);
  storage.set_root_total_bytes(kTotalBytes);
}

void AddMachine(v1::Facts& facts) {
  v1::Os& os = *facts.mutable_os();
  os.set_id("debian");
  os.set_name("Debian GNU/Linux 12 (bookworm)");
  os.set_version("12");
  os.set_kernel(std::string(kKernelMark));
  os.set_architecture("x86_64");
  v1::Hardware& hardware = *facts.mutable_hardware();
  hardware.set_manufacturer("Dell Inc.");
  hardware.set_model("Latitude 5420");
  hardware.set_serial(std::string(kSerialMark));
  hardware.set_uuid(std::string(kUuidMark));
  hardware.set_board_serial("/7XK2Q93/CNWS20018B0123/");
  hardware.set_bios_version("1.24.2");
  hardware.set_cpu_model("11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz");
  hardware.set_cpu_threads(8);
  hardware.set_memory_bytes(16'492'679'168);
  v1::Battery& battery = *hardware.add_batteries();
  battery.set_name("BAT0");
  battery.set_health_percent(91);
  battery.set_cycle_count(143);
  hardware.set_tpm2(true);
  hardware.set_secure_boot(true);
}

void AddInterface(v1::Network& network, const char* name, std::string_view mac,
                  v1::InterfaceKind kind, bool up) {
  v1::NetworkInterface& interface = *network.add_interfaces();
  interface.set_name(name);
  interface.set_mac(std::string(mac));
  interface.set_kind(kind);
  interface.set_up(up);
  interface.set_mtu(1500);
}

void AddVpn(v1::Facts& facts) {
  v1::Vpn& vpn = *facts.mutable_vpn();
  v1::VpnClient& client = *vpn.add_clients();
  client.set_tool(v1::VPN_TOOL_OPENVPN);
  client.set_version("2.6.3-1+deb12u2");
  v1::VpnProfile& profile = *vpn.add_profiles();
  profile.set_tool(v1::VPN_TOOL_OPENVPN);
  profile.set_source("networkmanager");
  profile.set_fingerprint("9f86d081884c7d65");
  profile.set_valid(true);
  profile.set_gateway("vpn.example.org");
  profile.set_port(1194);
  profile.mutable_certificate()->mutable_not_before_time()->set_seconds(1'767'225'600);
  profile.mutable_certificate()->mutable_not_after_time()->set_seconds(1'893'456'000);
  profile.mutable_certificate()->set_issuer_hash(
      "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae");
  v1::VpnGateway& gateway = *vpn.add_gateways();
  gateway.set_protocol(v1::GATEWAY_PROTOCOL_OPENVPN_UDP);
  gateway.set_host("vpn.example.org");
  gateway.set_port(1194);
  gateway.set_resolved(true);
  gateway.set_answer(v1::GATEWAY_ANSWER_REACHABLE);
  gateway.set_latency_micros(18'400);
}

v1::Facts Template() {
  v1::Facts facts;
  AddMachine(facts);
  AddDisk(facts);
  v1::Network& network = *facts.mutable_network();
  AddInterface(network, "enp0s31f6", "d4:81:d7:00:00:01", v1::INTERFACE_KIND_ETHERNET, true);
  AddInterface(network, "tun0", "", v1::INTERFACE_KIND_TUNNEL, true);
  AddInterface(network, "wlp0s20f3", kMacMark, v1::INTERFACE_KIND_WIFI, true);
  network.set_online(true);
  facts.mutable_security()->set_firewall_enabled(true);
  facts.mutable_security()->set_firewall_tool("ufw");
  v1::Updates& updates = *facts.mutable_updates();
  updates.set_security_pending(0);
  updates.set_pending(kUpdatesMark);
  updates.mutable_refreshed_time()->set_seconds(1'767'225'600);
  updates.set_reboot_required(false);
  facts.mutable_clock()->set_synchronised(true);
  facts.mutable_clock()->set_max_error_micros(20'000);
  AddVpn(facts);
  return facts;
}

// Protocol buffers' wire format: https://protobuf.dev/programming-guides/encoding/
constexpr std::uint8_t kVarint = 0, kBytes = 2;

void AppendVarint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void AppendTag(std::string& out, int field, std::uint8_t type) {
  AppendVarint(out, static_cast<std::uint64_t>(field) << 3 | type);
}

void AppendBytes(std::string& out, int field, std::string_view bytes) {
  AppendTag(out, field, kBytes);
  AppendVarint(out, bytes.size());
  out.append(bytes);
}

std::string VarintOf(std::uint64_t value) {
  std::string bytes;
  AppendVarint(bytes, value);
  return bytes;
}

template <std::size_t kSize>
std::string_view View(const std::array<std::uint8_t, kSize>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

unsigned Live(Condition& condition, Dice& dice) {
  const std::uint32_t chance = dice.Below(100);
  if (chance < 40) {
    condition.free_mib = 32'768 + (condition.free_mib - 32'768 + 1 + dice.Below(8'192)) % 440'000;
    return Bit(Section::kStorage);
  }
  if (chance < 75) {
    condition.updates = static_cast<std::uint8_t>((condition.updates + 1 + dice.Below(9)) % 128);
    return Bit(Section::kUpdates);
  }
  if (chance < 95) {
    condition.tunnel = static_cast<std::uint8_t>(1 - condition.tunnel);
    return Bit(Section::kNetwork);
  }
  ++condition.boots;
  condition.kernel = static_cast<std::uint8_t>((condition.kernel + 1) % 100);
  return Bit(Section::kOs);
}

unsigned ChangeAll(Condition& condition, Dice& dice) {
  condition.free_mib = 32'768 + (condition.free_mib - 32'768 + 1 + dice.Below(8'192)) % 440'000;
  condition.updates = static_cast<std::uint8_t>((condition.updates + 1 + dice.Below(9)) % 128);
  condition.tunnel = static_cast<std::uint8_t>(1 - condition.tunnel);
  condition.kernel = static_cast<std::uint8_t>((condition.kernel + 1) % 100);
  return kAllSections;
}

std::string SerialOf(std::uint32_t number) { return fmt::format("SW{:08}", number); }
std::string AssetTagOf(std::uint32_t number) { return fmt::format("SWARM-{:08}", number); }

std::string BootIdOf(std::uint32_t number, std::uint8_t boots) {
  return fmt::format("b0070000-0000-4000-8{:03x}-{:012x}", boots, number);
}

ReportWriter::ReportWriter() {
  const v1::Facts facts = Template();
  facts_ = facts.SerializeAsString();
  std::size_t offset = 0;
  const auto place = [&](Section section, const google::protobuf::Message& message) {
    const std::size_t body = message.ByteSizeLong();
    const std::size_t size = 1 + VarintOf(body).size() + body;
    sections_[static_cast<std::size_t>(section)] = {offset, size};
    offset += size;
  };
  place(Section::kOs, facts.os());
  place(Section::kHardware, facts.hardware());
  place(Section::kStorage, facts.storage());
  place(Section::kNetwork, facts.network());
  place(Section::kSecurity, facts.security());
  place(Section::kUpdates, facts.updates());
  place(Section::kClock, facts.clock());
  place(Section::kVpn, facts.vpn());
  assert(offset == facts_.size());
  serial_ = Find(kSerialMark);
  uuid_ = Find(kUuidMark);
  mac_ = Find(kMacMark);
  kernel_ = Find(kKernelMark);
  std::string free;
  AppendTag(free, v1::Storage::kRootFreeBytesFieldNumber, kVarint);
  const Place found = Find(free + VarintOf(kFreeMark));
  free_ = {found.offset + 1, found.size - 1};
  std::string updates;
  AppendTag(updates, v1::Updates::kPendingFieldNumber, kVarint);
  const Place pending = Find(updates + VarintOf(kUpdatesMark));
  updates_ = {pending.offset + 1, 1};
  // `up` of the tunnel: the byte behind its tag, which follows `kind`.
  std::string up;
  AppendTag(up, v1::NetworkInterface::kKindFieldNumber, kVarint);
  AppendVarint(up, v1::INTERFACE_KIND_TUNNEL);
  AppendTag(up, v1::NetworkInterface::kUpFieldNumber, kVarint);
  const Place tunnel = Find(up);
  tunnel_ = {tunnel.offset + tunnel.size, 1};
}

ReportWriter::Place ReportWriter::Find(std::string_view mark) const {
  const std::size_t offset = facts_.find(mark);
  assert(offset != std::string::npos && facts_.find(mark, offset + 1) == std::string::npos);
  return {offset, mark.size()};
}

void ReportWriter::PutText(const Place& place, std::string_view text) {
  assert(text.size() == place.size);
  std::memcpy(facts_.data() + place.offset, text.data(), place.size);
}

void ReportWriter::PutVarint(const Place& place, std::uint64_t value) {
  for (std::size_t i = 0; i < place.size; ++i, value >>= 7) {
    const bool last = i + 1 == place.size;
    facts_[place.offset + i] = static_cast<char>(last ? value : value | 0x80);
  }
}

void ReportWriter::Fill(std::uint32_t number, const Condition& condition) {
  char text[40];
  const auto put = [&](const Place& place, auto end) {
    PutText(place, {text, static_cast<std::size_t>(end - text)});
  };
  put(serial_, fmt::format_to(text, "SW{:08}", number));
  put(uuid_, fmt::format_to(text, "4c4c4544-0000-4000-8000-{:012}", number));
  put(mac_, fmt::format_to(text, "d4:81:d7:{:02x}:{:02x}:{:02x}", number >> 16 & 0xFF,
                           number >> 8 & 0xFF, number & 0xFF));
  put(kernel_, fmt::format_to(text, "6.1.0-{:02}-amd64", condition.kernel));
  PutVarint(free_, std::uint64_t{condition.free_mib} << 20);
  PutVarint(updates_, condition.updates);
  PutVarint(tunnel_, condition.tunnel);
}

Digest ReportWriter::DigestOf(std::uint32_t number, const Condition& condition) {
  Fill(number, condition);
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(facts_.data()), facts_.size(), digest.data());
  return digest;
}

std::string_view ReportWriter::Write(const Report& report, Digest& digest) {
  digest = DigestOf(report.number, report.condition);
  request_.clear();
  AppendBytes(request_, 2, BootIdOf(report.number, report.condition.boots));
  AppendTag(request_, 3, kVarint);
  AppendVarint(request_, report.sequence);
  std::string_view version = "0.1.0";
  AppendTag(request_, 4, kBytes);
  const std::size_t length = request_.size();
  request_.push_back(0);
  AppendTag(request_, 1, kVarint);
  AppendVarint(request_, static_cast<std::uint64_t>(report.sent));
  request_[length] = static_cast<char>(request_.size() - length - 1);
  AppendBytes(request_, 5, version);
  AppendBytes(request_, 6, View(digest));
  if (report.problems != ProblemsDigest{}) AppendBytes(request_, 11, View(report.problems));
  if (report.base == nullptr) {
    AppendBytes(request_, 8, facts_);
    return request_;
  }
  AppendBytes(request_, 7, View(*report.base));
  std::size_t size = 0;
  for (std::size_t i = 0; i < kSections; ++i) {
    if ((report.sections >> i & 1) != 0) size += sections_[i].size;
  }
  if (size == 0) return request_;
  AppendTag(request_, 8, kBytes);
  AppendVarint(request_, size);
  for (std::size_t i = 0; i < kSections; ++i) {
    if ((report.sections >> i & 1) == 0) continue;
    request_.append(facts_, sections_[i].offset, sections_[i].size);
  }
  return request_;
}

}  // namespace parc::swarm
