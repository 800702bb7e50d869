#include "daemon/checkin/report.h"

#include <catch2/catch.hpp>
#include <functional>

#include "daemon/checkin/sanitise.h"
#include "daemon/inventory/reason.h"
#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

using inventory::FieldId;

namespace {

access::DeviceIdentity SomeDevice() {
  access::DeviceIdentity device;
  device.id = "01900000-0000-7000-8000-000000000001";
  return device;
}

}  // namespace

TEST_CASE("a good report is taken") {
  CHECK(CheckReport(ReportOf(1, 1, ReadyFacts()), SomeDevice()).ok());
  Report named = ReportOf(1, 1, ReadyFacts());
  named.claimed_device = SomeDevice().id;
  named.boot_id = "6f1c1a7e-0d5b-4c6e-9b1a-2f3c4d5e6f70";
  named.sequence = std::uint64_t{INT64_MAX};
  CHECK(CheckReport(named, SomeDevice()).ok());
}

TEST_CASE("bad input is refused by its reason and its field") {
  struct Row {
    std::string what;
    std::function<void(Report&)> spoil;
    absl::StatusCode code;
    std::string reason;
    std::string field;
  };
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  const std::string long_text(257, 'a');
  const auto put = [](FieldId id, std::int64_t number) {
    return [=](Report& report) { report.facts.values[id] = number; };
  };
  const Row rows[] = {
      {"another device", [](Report& r) { r.claimed_device = "someone"; },
       absl::StatusCode::kPermissionDenied, "IDENTITY_MISMATCH", "device_id"},
      {"nothing", [](Report& r) { r = Report(); }, kBad, "EMPTY_REPORT", "boot_id"},
      {"boot id of letters", [](Report& r) { r.boot_id = std::string(32, 'z'); }, kBad, "BAD_TEXT",
       "boot_id"},
      {"boot id too long", [](Report& r) { r.boot_id += "00"; }, kBad, "BAD_TEXT", "boot_id"},
      {"boot id of dashes", [](Report& r) { r.boot_id = std::string(64, '-') + r.boot_id; }, kBad,
       "BAD_TEXT", "boot_id"},
      {"sequence 0", [](Report& r) { r.sequence = 0; }, kBad, "SEQ_OUT_OF_RANGE", "report_seq"},
      {"sequence 2^63", [](Report& r) { r.sequence = std::uint64_t{1} << 63; }, kBad,
       "SEQ_OUT_OF_RANGE", "report_seq"},
      {"sequence 2^64 - 1", [](Report& r) { r.sequence = UINT64_MAX; }, kBad, "SEQ_OUT_OF_RANGE",
       "report_seq"},
      {"complete, without a fact", [](Report& r) { r.facts = {}; }, kBad, "EMPTY_REPORT", "facts"},
      {"short digest", [](Report& r) { r.digest = "abc"; }, kBad, "OUT_OF_RANGE", "facts_digest"},
      {"no digest", [](Report& r) { r.digest.clear(); }, kBad, "OUT_OF_RANGE", "facts_digest"},
      {"long base", [](Report& r) { r.base_digest = std::string(33, 'x'); }, kBad, "OUT_OF_RANGE",
       "base_digest"},
      {"long agent version", [=](Report& r) { r.agent_version = long_text; }, kBad, "BAD_TEXT",
       "agent_version"},
      {"long model", [=](Report& r) { r.facts.values[FieldId::kHardwareModel] = long_text; }, kBad,
       "BAD_TEXT", "facts.hardware.model"},
      {"long client",
       [=](Report& r) {
         r.facts.values[FieldId::kVpnClients] = std::vector<std::string>{long_text};
       },
       kBad, "BAD_TEXT", "facts.vpn.clients"},
      {"too many clients",
       [](Report& r) {
         r.facts.values[FieldId::kVpnClients] = std::vector<std::string>(257, "OPENVPN");
       },
       kBad, "OUT_OF_RANGE", "facts.vpn.clients"},
      {"battery -1", put(FieldId::kBatteryHealth, -1), kBad, "OUT_OF_RANGE",
       "facts.battery.health"},
      {"battery 201", put(FieldId::kBatteryHealth, 201), kBad, "OUT_OF_RANGE",
       "facts.battery.health"},
      {"free 101 %", put(FieldId::kDiskFreePercent, 101), kBad, "OUT_OF_RANGE",
       "facts.disk.free_percent"},
      {"free -1 %", put(FieldId::kDiskFreePercent, -1), kBad, "OUT_OF_RANGE",
       "facts.disk.free_percent"},
      {"no threads", put(FieldId::kCpuThreads, 0), kBad, "OUT_OF_RANGE",
       "facts.hardware.cpu_threads"},
      {"negative memory", put(FieldId::kMemoryBytes, -1), kBad, "OUT_OF_RANGE",
       "facts.hardware.memory_bytes"},
      {"endless memory", put(FieldId::kMemoryBytes, INT64_MAX), kBad, "OUT_OF_RANGE",
       "facts.hardware.memory_bytes"},
      {"refreshed before 1970", put(FieldId::kUpdatesRefreshed, -1), kBad, "OUT_OF_RANGE",
       "facts.updates.refreshed"},
      {"refreshed after 9999", put(FieldId::kUpdatesRefreshed, INT64_MAX), kBad, "OUT_OF_RANGE",
       "facts.updates.refreshed"},
      {"disk of negative size", [](Report& r) { r.facts.disks[1].size_bytes = -1; }, kBad,
       "OUT_OF_RANGE", "facts.storage.disks[1].size_bytes"},
      {"disk with a long name", [=](Report& r) { r.facts.disks[0].name = long_text; }, kBad,
       "BAD_TEXT", "facts.storage.disks[0].name"},
      {"257 disks", [](Report& r) { r.facts.disks.resize(257); }, kBad, "OUT_OF_RANGE",
       "facts.storage.disks"},
      {"257 interfaces", [](Report& r) { r.facts.interfaces.resize(257); }, kBad, "OUT_OF_RANGE",
       "facts.network.interfaces"},
      {"long mac", [=](Report& r) { r.facts.interfaces[1].mac = long_text; }, kBad, "BAD_TEXT",
       "facts.network.interfaces[1].mac"},
      {"port 65536", [](Report& r) { r.facts.vpn_profiles[0].port = 65'536; }, kBad, "OUT_OF_RANGE",
       "facts.vpn.profiles[0].port"},
      {"certificate after 9999",
       [](Report& r) { r.facts.vpn_profiles[0].certificate_expires = INT64_MAX; }, kBad,
       "OUT_OF_RANGE", "facts.vpn.profiles[0].certificate.not_after_time"},
      {"gateway at port -1", [](Report& r) { r.facts.vpn_gateways[0].port = -1; }, kBad,
       "OUT_OF_RANGE", "facts.vpn.gateways[0].port"},
      {"answer before the question", [](Report& r) { r.facts.vpn_gateways[0].latency_micros = -1; },
       kBad, "OUT_OF_RANGE", "facts.vpn.gateways[0].latency_micros"},
      {"long reason", [=](Report& r) { r.facts.unreadable["tpm2"] = long_text; }, kBad, "BAD_TEXT",
       "facts.unreadable.reason"},
      {"sent after 9999", [](Report& r) { r.sent = INT64_MAX; }, kBad, "OUT_OF_RANGE", "sent_time"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Report report = ReportOf(1, 1, ReadyFacts());
    row.spoil(report);
    const absl::Status status = CheckReport(report, SomeDevice());
    CHECK(status.code() == row.code);
    CHECK(ReasonOf(status) == row.reason);
    CHECK(FieldOf(status) == row.field);
  }
}

TEST_CASE("text that steers a terminal is made harmless") {
  struct Row {
    std::string text;
    std::string clean;
  };
  const Row rows[] = {
      {"Latitude 5400", "Latitude 5400"},
      {"Élan d'été", "Élan d'été"},
      {std::string("a\0b", 3), "a b"},
      {"red \x1b[31m alert", "red  [31m alert"},
      {"line\nbreak\ttab", "line break tab"},
      {"\x7f", ""},
      {"a\xc2\x9b"
       "b",
       "a b"},                                    // C1: a control sequence in one character
      {"abc\xe2\x80\xaetxt.exe", "abc txt.exe"},  // U+202E turns the writing round
      {"x\xe2\x81\xa6y\xe2\x81\xa9z", "x y z"},
      {"\xe2\x80\x8f\xe2\x80\x8e", ""},
      {"\xd8\x9c"
       "k",
       "k"},
      {"  both ends \r\n", "both ends"},
      {"5 \xe2\x82\xac", "5 \xe2\x82\xac"},
      {"\xe2", "\xe2"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(Sanitised(row.text) == row.clean);
  }
}

TEST_CASE("a report is sanitised everywhere, and text that leaves nothing is absent") {
  Report report = ReportOf(1, 1, ReadyFacts());
  inventory::FactSheet& facts = report.facts;
  facts.values[FieldId::kHardwareModel] = std::string("Lati\ntude");
  facts.values[FieldId::kBiosVersion] = std::string("\x1b");
  facts.values[FieldId::kVpnClients] = std::vector<std::string>{"OPEN\nVPN", "\n"};
  facts.disks[0].model =
      "a\x1b"
      "b";
  facts.interfaces[0].name = "eth\t0";
  facts.vpn_profiles[0].problem = "bad\x07";
  facts.vpn_gateways[0].host = "vpn\x7f.example.org";
  facts.unreadable = {{"tp\x01m2", "no\nway"}};
  report.agent_version = "0.1\n";
  Sanitise(report);
  CHECK(facts.values.at(FieldId::kHardwareModel) == inventory::Value(std::string("Lati tude")));
  CHECK(!facts.values.contains(FieldId::kBiosVersion));
  CHECK(facts.values.at(FieldId::kVpnClients) ==
        inventory::Value(std::vector<std::string>{"OPEN VPN"}));
  CHECK(facts.disks[0].model == "a b");
  CHECK(facts.interfaces[0].name == "eth 0");
  CHECK(facts.vpn_profiles[0].problem == "bad");
  CHECK(facts.vpn_gateways[0].host == "vpn .example.org");
  CHECK(facts.unreadable == std::map<std::string, std::string>{{"tp m2", "no way"}});
  CHECK(report.agent_version == "0.1");
}

}  // namespace parc::checkin
