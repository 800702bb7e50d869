#include "daemon/checkin/report.h"

#include <optional>
#include <string>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::checkin {

using inventory::FieldId;
using inventory::Kind;
using inventory::Value;

namespace {

constexpr std::size_t kMaxText = 256;  // bytes
constexpr std::size_t kMaxRows = 256;  // of one list
constexpr std::size_t kDigestSize = 32;
constexpr std::int64_t kLatest = 253'402'300'799'999'999;  // 9999-12-31T23:59:59.999999Z
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 60;

// "facts.storage.disks[2].name", put together only where something is wrong with it: a report has
// dozens of fields, and their names cost more than all that is checked of them.
struct FieldName {
  std::string_view head;
  std::string_view tail = {};
  std::optional<std::size_t> row = {};

  std::string Text() const {
    std::string text(head);
    if (row.has_value()) text += fmt::format("[{}]", *row);
    if (!tail.empty()) text.append(".").append(tail);
    return text;
  }
};

absl::Status OutOfRange(const FieldName& field, std::string_view what) {
  const std::string name = field.Text();
  return Refuse(absl::StatusCode::kInvalidArgument, "OUT_OF_RANGE",
                fmt::format("{}: {}", name, what), name);
}

absl::Status CheckText(const FieldName& field, std::string_view text) {
  if (text.size() <= kMaxText) return absl::OkStatus();
  const std::string name = field.Text();
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TEXT",
                fmt::format("{}: longer than {} bytes", name, kMaxText), name);
}

absl::Status CheckNumber(const FieldName& field, std::int64_t value, std::int64_t least,
                         std::int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return OutOfRange(field, fmt::format("{} is not between {} and {}", value, least, most));
}

absl::Status CheckOptional(const FieldName& field, const std::optional<std::int64_t>& value,
                           std::int64_t most) {
  return value.has_value() ? CheckNumber(field, *value, 0, most) : absl::OkStatus();
}

struct Range {
  FieldId field;
  std::int64_t least;
  std::int64_t most;
};

// Numbers that are not only "not negative and below 2^60".
constexpr Range kRanges[] = {
    {FieldId::kBatteryHealth, 0, 200},  // a new battery holds more than its design says
    {FieldId::kDiskFreePercent, 0, 100},
    {FieldId::kCpuThreads, 1, 65'536},
    {FieldId::kOsUptimeHours, 0, 10'000'000},
    {FieldId::kUpdatesSecurity, 0, 1'000'000},
    {FieldId::kUpdatesPending, 0, 1'000'000},
    {FieldId::kClockSkewSeconds, -kLatest, kLatest},
    {FieldId::kDiskLeastFreePercent, 0, 100},
    {FieldId::kDiskLeastFreeInodes, 0, 100},
    {FieldId::kDiskWear, 0, 255},
    {FieldId::kNetworkMtu, 0, 1'000'000},
    {FieldId::kVpnTunnelMtu, 0, 1'000'000},
    {FieldId::kApplicationsPercent, 0, 100},
};

absl::Status CheckInt(const inventory::Field& field, const FieldName& path, std::int64_t value) {
  if (field.kind == Kind::kTime) return CheckNumber(path, value, 0, kLatest);
  for (const Range& range : kRanges) {
    if (range.field == field.id) return CheckNumber(path, value, range.least, range.most);
  }
  return CheckNumber(path, value, 0, kMaxBytes);
}

absl::Status CheckValue(const inventory::Field& field, const Value& value) {
  const FieldName path{"facts", field.name};
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return CheckInt(field, path, *integer);
  if (const auto* text = std::get_if<std::string>(&value)) return CheckText(path, *text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    if (list->size() > kMaxRows)
      return OutOfRange(path, fmt::format("more than {} elements", kMaxRows));
    for (const std::string& element : *list) PARC_TRY(CheckText(path, element));
  }
  return absl::OkStatus();
}

absl::Status CheckSizes(const inventory::FactSheet& facts) {
  const struct {
    std::string_view field;
    std::size_t size;
  } lists[] = {{"facts.storage.disks", facts.disks.size()},
               {"facts.network.interfaces", facts.interfaces.size()},
               {"facts.vpn.profiles", facts.vpn_profiles.size()},
               {"facts.vpn.gateways", facts.vpn_gateways.size()},
               {"facts.unreadable", facts.unreadable.size()}};
  for (const auto& list : lists) {
    if (list.size > kMaxRows)
      return OutOfRange({list.field}, fmt::format("more than {} rows", kMaxRows));
  }
  return absl::OkStatus();
}

absl::Status CheckDevices(const inventory::FactSheet& facts) {
  for (std::size_t i = 0; i < facts.disks.size(); ++i) {
    const inventory::DiskFact& disk = facts.disks[i];
    const std::string_view path = "facts.storage.disks";
    PARC_TRY(CheckText({path, "name", i}, disk.name));
    PARC_TRY(CheckText({path, "model", i}, disk.model));
    PARC_TRY(CheckOptional({path, "size_bytes", i}, disk.size_bytes, kMaxBytes / kMaxRows));
  }
  for (std::size_t i = 0; i < facts.interfaces.size(); ++i) {
    const inventory::InterfaceFact& interface = facts.interfaces[i];
    const std::string_view path = "facts.network.interfaces";
    PARC_TRY(CheckText({path, "name", i}, interface.name));
    PARC_TRY(CheckText({path, "mac", i}, interface.mac));
    PARC_TRY(CheckText({path, "kind", i}, interface.kind));
  }
  return absl::OkStatus();
}

absl::Status CheckVpn(const inventory::FactSheet& facts) {
  for (std::size_t i = 0; i < facts.vpn_profiles.size(); ++i) {
    const inventory::VpnProfileFact& profile = facts.vpn_profiles[i];
    const std::string_view path = "facts.vpn.profiles";
    PARC_TRY(CheckText({path, "tool", i}, profile.tool));
    PARC_TRY(CheckText({path, "source", i}, profile.source));
    PARC_TRY(CheckText({path, "problem", i}, profile.problem));
    PARC_TRY(CheckText({path, "gateway", i}, profile.gateway));
    PARC_TRY(CheckNumber({path, "port", i}, profile.port, 0, 65'535));
    PARC_TRY(CheckOptional({path, "certificate.not_before_time", i}, profile.certificate_starts,
                           kLatest));
    PARC_TRY(CheckOptional({path, "certificate.not_after_time", i}, profile.certificate_expires,
                           kLatest));
    PARC_TRY(CheckOptional({path, "ca_not_after_time", i}, profile.ca_expires, kLatest));
    PARC_TRY(CheckOptional({path, "crl_next_update_time", i}, profile.crl_next_update, kLatest));
  }
  for (std::size_t i = 0; i < facts.vpn_gateways.size(); ++i) {
    const inventory::VpnGatewayFact& gateway = facts.vpn_gateways[i];
    const std::string_view path = "facts.vpn.gateways";
    PARC_TRY(CheckText({path, "protocol", i}, gateway.protocol));
    PARC_TRY(CheckText({path, "host", i}, gateway.host));
    PARC_TRY(CheckText({path, "answer", i}, gateway.answer));
    PARC_TRY(CheckNumber({path, "port", i}, gateway.port, 0, 65'535));
    PARC_TRY(CheckOptional({path, "latency_micros", i}, gateway.latency_micros, kMaxBytes));
    PARC_TRY(CheckOptional({path, "certificate_not_after_time", i}, gateway.certificate_expires,
                           kLatest));
  }
  return absl::OkStatus();
}

// 32 hex digits, dashes allowed, as the kernel prints it.
bool IsBootId(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!hex) return false;
    ++digits;
  }
  return digits == 32 && text.size() <= 36;
}

}  // namespace

absl::Status CheckReport(const Report& report, const access::DeviceIdentity& device) {
  if (!report.claimed_device.empty() && report.claimed_device != device.id) {
    return Refuse(absl::StatusCode::kPermissionDenied, "IDENTITY_MISMATCH",
                  "the report names another device than the certificate", "device_id");
  }
  if (report.boot_id.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "EMPTY_REPORT", "report has no boot_id",
                  "boot_id");
  }
  if (!IsBootId(report.boot_id)) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TEXT",
                  "boot_id: not 32 hexadecimal digits", "boot_id");
  }
  if (report.sequence == 0 || report.sequence > std::uint64_t{INT64_MAX}) {
    return Refuse(absl::StatusCode::kInvalidArgument, "SEQ_OUT_OF_RANGE",
                  "report_seq: not between 1 and 2^63 - 1", "report_seq");
  }
  PARC_TRY(CheckText({"agent_version"}, report.agent_version));
  if (report.sent != 0) PARC_TRY(CheckNumber({"sent_time"}, report.sent, -kLatest, kLatest));
  if (report.digest.size() != kDigestSize) return OutOfRange({"facts_digest"}, "not 32 bytes");
  if (!report.base_digest.empty() && report.base_digest.size() != kDigestSize)
    return OutOfRange({"base_digest"}, "not 32 bytes");
  if (report.base_digest.empty() && report.facts.sections.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "EMPTY_REPORT",
                  "report has neither facts nor a base_digest", "facts");
  }
  for (const auto& [id, value] : report.facts.values)
    PARC_TRY(CheckValue(inventory::Get(id), value));
  PARC_TRY(CheckSizes(report.facts));
  for (const auto& [fact, reason] : report.facts.unreadable) {
    PARC_TRY(CheckText({"facts.unreadable.fact"}, fact));
    PARC_TRY(CheckText({"facts.unreadable.reason"}, reason));
  }
  PARC_TRY(CheckDevices(report.facts));
  return CheckVpn(report.facts);
}

}  // namespace parc::checkin
