#include "daemon/inventory/fact_sheet.h"

#include <catch2/catch.hpp>

#include "daemon/inventory/os_support.h"

namespace parc::inventory {
namespace {

FactSheet Sheet(std::set<Section> sections) {
  FactSheet sheet;
  sheet.sections = std::move(sections);
  return sheet;
}

Value Of(const FactSheet& sheet, FieldId id) {
  const auto found = sheet.values.find(id);
  return found == sheet.values.end() ? Value() : found->second;
}

const Value kAbsent;
Value Int(std::int64_t number) { return number; }

}  // namespace

TEST_CASE("disks are counted and added up, and a size that is not told is left out") {
  FactSheet sheet = Sheet({Section::kStorage});
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kDiskCount) == Int(0));
  CHECK(Of(sheet, FieldId::kDiskBytes) == kAbsent);
  sheet.disks = {{"nvme0n1", "", 100, false}, {"sda", "", {}, {}}, {"sdb", "", 23, true}};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kDiskCount) == Int(3));
  CHECK(Of(sheet, FieldId::kDiskBytes) == Int(123));
}

TEST_CASE("only built-in network interfaces with an address of their own identify") {
  FactSheet sheet = Sheet({Section::kNetwork});
  sheet.interfaces = {{"wlan0", "D4-81-D7-00-00-02", "WIFI", true},
                      {"eth0", "d4:81:d7:00:00:01", "ETHERNET", true},
                      {"eth1", "d4:81:d7:00:00:01", "ETHERNET", true},  // the same card again
                      {"eth2", "00:00:00:00:00:00", "ETHERNET", true},
                      {"eth3", "02:81:d7:00:00:03", "ETHERNET", true},
                      {"tun0", "d4:81:d7:00:00:04", "TUNNEL", true},
                      {"docker0", "d4:81:d7:00:00:05", "VIRTUAL", true},
                      {"wwan0", "d4:81:d7:00:00:06", "MOBILE", true},
                      {"odd0", "d4:81:d7:00:00:07", "", true}};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kNetworkMacs) ==
        Value(std::vector<std::string>{"d4:81:d7:00:00:01", "d4:81:d7:00:00:02"}));
}

TEST_CASE("profiles are counted, and the certificates that bind most are shown") {
  FactSheet sheet = Sheet({Section::kVpn});
  sheet.vpn_profiles = {{"OPENVPN", "openvpn", true, "", "a", 1194, 100, 900},
                        {"WIREGUARD", "wireguard", false, "damaged", "", 0, {}, {}},
                        {"OPENVPN", "networkmanager", true, "", "b", 1194, 300, 1'000}};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnProfileCount) == Int(3));
  CHECK(Of(sheet, FieldId::kVpnProfileValid) == Int(2));
  CHECK(Of(sheet, FieldId::kVpnCertificateStarts) == Int(300));
  CHECK(Of(sheet, FieldId::kVpnCertificateExpires) == Int(900));
}

TEST_CASE("what guards VPN profiles: one that is open speaks for all, a claim for all needs all") {
  FactSheet sheet = Sheet({Section::kVpn});
  VpnProfileFact good{"OPENVPN", "openvpn", true, "", "a", 1194, {}, {}};
  good.root_only = true;
  good.autoconnect = false;
  good.key_matches = true;
  good.trusted = true;
  good.ca_expires = 900;
  good.crl_next_update = 700;
  VpnProfileFact bad = good;
  bad.problem = "its private key is missing";
  bad.root_only = false;
  bad.autoconnect = true;
  bad.key_matches = false;
  bad.ca_expires = 800;
  bad.crl_next_update = 750;
  sheet.vpn_profiles = {good};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnProfileRootOnly) == Value(true));
  CHECK(Of(sheet, FieldId::kVpnProfileAutoconnect) == Value(false));
  CHECK(Of(sheet, FieldId::kVpnProfileProblems) == Value(std::vector<std::string>()));
  sheet.vpn_profiles = {good, bad};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnProfileRootOnly) == Value(false));
  CHECK(Of(sheet, FieldId::kVpnProfileAutoconnect) == Value(true));
  CHECK(Of(sheet, FieldId::kVpnCertificateKeyMatches) == Value(false));
  CHECK(Of(sheet, FieldId::kVpnCertificateTrusted) == Value(true));
  CHECK(Of(sheet, FieldId::kVpnCaExpires) == Int(800));
  CHECK(Of(sheet, FieldId::kVpnCrlNextUpdate) == Int(700));
  CHECK(Of(sheet, FieldId::kVpnProfileProblems) ==
        Value(std::vector<std::string>{"its private key is missing"}));
  // Another profile could not be read: what is good of these is no claim about all.
  sheet.unreadable["vpn.profiles"] = "needs the root collector";
  sheet.unreadable["vpn.certificate.key_matches"] = "needs the root collector";
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnProfileRootOnly) == Value(false));
  CHECK(Of(sheet, FieldId::kVpnCertificateKeyMatches) == Value(false));
  sheet.vpn_profiles = {good};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnProfileRootOnly) == kAbsent);
  CHECK(Of(sheet, FieldId::kVpnProfileAutoconnect) == kAbsent);
  CHECK(Of(sheet, FieldId::kVpnCertificateKeyMatches) == kAbsent);
}

TEST_CASE("applications are counted, and what cannot be told counts for nothing") {
  FactSheet sheet = Sheet({Section::kApplications});
  sheet.values[FieldId::kApplicationsCount] = std::int64_t{104};
  sheet.values[FieldId::kApplicationsReachable] = std::vector<std::string>{"intranet", "mail"};
  sheet.values[FieldId::kApplicationsUnreachable] = std::vector<std::string>{"erp"};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kApplicationsReachableCount) == Int(2));
  CHECK(Of(sheet, FieldId::kApplicationsPercent) == Int(66));
  sheet.values.erase(FieldId::kApplicationsReachable);
  sheet.values.erase(FieldId::kApplicationsUnreachable);
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kApplicationsPercent) == kAbsent);
}

TEST_CASE("the best answer of a gateway counts, and one that cannot be told outweighs a refusal") {
  struct Row {
    std::vector<std::string> answers;
    Value best;
  };
  const auto text = [](const char* word) { return Value(std::string(word)); };
  const Row rows[] = {
      {{}, kAbsent},
      {{""}, kAbsent},
      {{"SILENT"}, text("SILENT")},
      {{"SILENT", "REFUSED"}, text("REFUSED")},
      {{"REFUSED", "UNKNOWN", "SILENT"}, text("UNKNOWN")},
      {{"UNKNOWN", "REACHABLE"}, text("REACHABLE")},
      {{"REACHABLE", "AUTHENTICATED", "SILENT"}, text("AUTHENTICATED")},
      {{"REACHABLE", "SOMETHING NEW"}, text("REACHABLE")},
  };
  for (const Row& row : rows) {
    FactSheet sheet = Sheet({Section::kVpn});
    for (const std::string& answer : row.answers)
      sheet.vpn_gateways.push_back({"OPENVPN_UDP", "a", 1194, {}, answer, {}});
    DeriveFacts(sheet);
    CHECK(Of(sheet, FieldId::kVpnGatewayAnswer) == row.best);
    CHECK(Of(sheet, FieldId::kVpnGatewayCount) ==
          Int(static_cast<std::int64_t>(row.answers.size())));
  }
}

TEST_CASE("a gateway resolves when one does, and is as quick as the quickest that answers") {
  FactSheet sheet = Sheet({Section::kVpn});
  sheet.vpn_gateways = {{"TLS", "a", 443, false, "SILENT", 10},
                        {"TLS", "b", 443, {}, "REACHABLE", 900},
                        {"TLS", "c", 443, true, "AUTHENTICATED", 700}};
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnGatewayResolved) == Value(true));
  CHECK(Of(sheet, FieldId::kVpnGatewayLatency) == Int(700));
  sheet.vpn_gateways.resize(1);
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnGatewayResolved) == Value(false));
  CHECK(Of(sheet, FieldId::kVpnGatewayLatency) == kAbsent);
}

TEST_CASE("what was read as empty is empty, what could not be read is absent") {
  FactSheet sheet = Sheet({Section::kVpn, Section::kStorage, Section::kNetwork});
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnClients) == Value(std::vector<std::string>()));
  CHECK(Of(sheet, FieldId::kVpnProfileCount) == Int(0));
  CHECK(Of(sheet, FieldId::kNetworkMacs) == Value(std::vector<std::string>()));

  sheet = Sheet({Section::kVpn, Section::kStorage, Section::kNetwork});
  for (const char* fact :
       {"vpn.clients", "vpn.profiles", "vpn.gateways", "disks", "disk.count", "network.macs"})
    sheet.unreadable[fact] = "needs the root collector";
  DeriveFacts(sheet);
  CHECK(sheet.values.empty());

  // One profile that was found is there, though another place could not be read.
  sheet.vpn_profiles.resize(1);
  DeriveFacts(sheet);
  CHECK(Of(sheet, FieldId::kVpnProfileCount) == Int(1));
}

TEST_CASE("nothing is derived of a section that did not come, and empty text is absent") {
  FactSheet sheet;
  sheet.disks = {{"sda", "", 1, {}}};
  sheet.values = {{FieldId::kOsId, std::string("debian")},
                  {FieldId::kOsVersion, std::string("12")},
                  {FieldId::kOsName, std::string()},
                  {FieldId::kOsKernel, Value()}};
  DeriveFacts(sheet);
  CHECK(sheet.values.size() == 2);
}

TEST_CASE("the end of support is that of the release") {
  struct Row {
    const char* id;
    const char* version;
    const char* last_day;  // null: nobody can tell
  };
  const Row rows[] = {
      {"debian", "12", "2028-06-30"},
      {"debian", "12.5", "2028-06-30"},
      {"debian", "1", nullptr},
      {"debian", "120", nullptr},
      {"debian", "", nullptr},
      {"ubuntu", "24.04", "2029-05-31"},
      {"ubuntu", "24.04.1", "2029-05-31"},
      {"ubuntu", "24", nullptr},
      {"fedora", "40", "2025-05-13"},
      {"rhel", "9.4", "2032-05-31"},
      {"arch", "", nullptr},
      {"", "", nullptr},
  };
  for (const Row& row : rows) {
    INFO(row.id << " " << row.version);
    const auto ends = SupportEnds(row.id, row.version);
    REQUIRE(ends.has_value() == (row.last_day != nullptr));
    if (ends.has_value()) CHECK(ToIsoTime(*ends) == std::string(row.last_day) + "T23:59:59Z");
    FactSheet sheet = Sheet({Section::kOs});
    sheet.values = {{FieldId::kOsId, std::string(row.id)},
                    {FieldId::kOsVersion, std::string(row.version)}};
    DeriveFacts(sheet);
    CHECK(Of(sheet, FieldId::kOsSupportEnds) == (ends.has_value() ? Int(*ends) : kAbsent));
  }
}

TEST_CASE("why a fact is unreadable is told by its name or by what it belongs to") {
  struct Row {
    const char* entry;
    const char* field;
    bool tells;
  };
  const Row rows[] = {
      {"vpn.profile.count", "vpn.profile.count", true},
      {"vpn.profiles", "vpn.profile.count", true},
      {"vpn.profile", "vpn.profile.valid", true},
      {"vpn", "vpn.gateway.answer", true},
      {"storage", "disk.encrypted", true},
      {"disk", "disk.encrypted", true},
      {"vpn.profiles", "vpn.gateway.answer", false},
      {"vpn.prof", "vpn.profile.count", false},
      {"hardware.serial", "hardware.uuid", false},
      {"tpm2", "secure_boot", false},
      {"", "tpm2", false},
  };
  for (const Row& row : rows) {
    INFO(row.entry << " of " << row.field);
    FactSheet sheet;
    sheet.unreadable[row.entry] = "why";
    CHECK(WhyUnreadable(sheet, *Find(Resource::kLaptops, row.field)) == (row.tells ? "why" : ""));
  }
}

TEST_CASE("a report replaces the sections that it speaks of, whole") {
  FactSheet stored = Sheet({Section::kOs, Section::kStorage, Section::kVpn});
  stored.values = {{FieldId::kOsId, std::string("debian")},
                   {FieldId::kOsKernel, std::string("6.1")},
                   {FieldId::kDiskEncrypted, true},
                   {FieldId::kVpnClients, std::vector<std::string>{"OPENVPN"}}};
  stored.disks = {{"sda", "", 1, {}}};
  stored.vpn_gateways = {{"TLS", "a", 443, true, "SILENT", {}}};
  stored.unreadable = {{"disk.count", "x"}, {"vpn.profiles", "y"}, {"hardware.serial", "z"}};
  FactSheet report = Sheet({Section::kOs, Section::kClock});
  report.values = {{FieldId::kOsId, std::string("debian")}, {FieldId::kClockSynchronised, true}};
  report.unreadable = {{"os.name", "w"}};

  SECTION("a part keeps the others") {
    const FactSheet after = Apply(stored, report, {Section::kVpn}, false);
    CHECK(after.sections == std::set<Section>{Section::kOs, Section::kStorage, Section::kClock});
    CHECK(after.values == FactValues{{FieldId::kOsId, std::string("debian")},
                                     {FieldId::kDiskEncrypted, true},
                                     {FieldId::kClockSynchronised, true}});
    CHECK(after.disks == stored.disks);
    CHECK(after.vpn_gateways.empty());
    CHECK(after.unreadable == std::map<std::string, std::string>{
                                  {"os.name", "w"}, {"disk.count", "x"}, {"hardware.serial", "z"}});
    CHECK(ChangedSections(stored, after) ==
          std::set<Section>{Section::kOs, Section::kVpn, Section::kClock});
  }
  SECTION("a complete one is all there is") {
    CHECK(Apply(stored, report, {}, true) == report);
    CHECK(ChangedSections(stored, stored).empty());
  }
  SECTION("a section that is both sent and removed is there") {
    const FactSheet after = Apply(stored, report, {Section::kOs}, false);
    CHECK(after.sections.contains(Section::kOs));
  }
  SECTION("lists of sections that were not sent are not taken") {
    report.disks = {{"sdb", "", 2, {}}};
    report.values[FieldId::kTpm2] = true;
    const FactSheet after = Apply(stored, report, {}, false);
    CHECK(after.disks == stored.disks);
    CHECK(!after.values.contains(FieldId::kTpm2));
  }
}

}  // namespace parc::inventory
