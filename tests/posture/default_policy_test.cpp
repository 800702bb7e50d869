#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "daemon/filter/match.h"
#include "daemon/inventory/reason.h"
#include "tests/posture/posture_support.h"

namespace parc::posture {

using inventory::FactSheet;

TEST_CASE("the shipped policy parses, and says everything in two languages") {
  const Policy& policy = DefaultPolicy();
  CHECK(policy.version >= 1);
  CHECK(policy.stale_after == kDay);
  std::set<std::string> ids;
  for (const Check& check : policy.checks) {
    INFO(check.id);
    CHECK(ids.insert(check.id).second);
    for (const std::string* text :
         {&check.title_en, &check.title_fr, &check.remedy_en, &check.remedy_fr})
      CHECK(!text->empty());
    CHECK(check.title_en != check.title_fr);
    CHECK(policy.Find(check.id) == &check);
    // Nothing is asked for without a reason that can be looked up or read.
    CHECK((!check.references.empty() || !check.rationale_en.empty()));
    CHECK(check.rationale_en.empty() == check.rationale_fr.empty());
  }
  CHECK(policy.Find("machine-identity") == &IdentityCheck());
  CHECK(policy.Find("nothing") == nullptr);
}

TEST_CASE("the shipped policy blocks on what keeps a laptop out of the VPN, and on nothing else") {
  std::set<std::string> blockers;
  for (const Check& check : DefaultPolicy().checks) {
    if (check.severity == Severity::kBlocker) blockers.insert(check.id);
  }
  CHECK(blockers ==
        std::set<std::string>{"vpn-client-installed", "vpn-profile-present", "vpn-profile-parse",
                              "vpn-cert-valid", "vpn-cert-key-match", "vpn-ca-trust", "net-online",
                              "captive-portal", "vpn-gateway-dns", "vpn-gateway-reach", "time-sync",
                              "time-sane", "disk-encryption", "os-supported"});
}

TEST_CASE("a laptop whose profile or certificate keeps it out of the VPN is not ready") {
  struct Row {
    const char* fact;
    const char* text;
  };
  for (const Row& row :
       {Row{"vpn.profile.count", "0"}, Row{"vpn.profile.valid", "0"},
        Row{"vpn.certificate.expires", "2020-03-20T10:59:59Z"},
        Row{"vpn.certificate.key_matches", "false"}, Row{"vpn.certificate.trusted", "false"},
        Row{"vpn.ca.expires", "2020-03-20T10:59:59Z"}}) {
    INFO(row.fact);
    FactSheet sheet = GoodFacts();
    Set(sheet, row.fact, row.text);
    CHECK(Judge(DefaultPolicy(), sheet, nullptr, kNoon).verdict == Verdict::kNotReady);
  }
}

TEST_CASE("a laptop that shows everything is ready") {
  const Judgement judgement = Judge(DefaultPolicy(), GoodFacts(), nullptr, kNoon);
  for (const CheckResult& result : judgement.checks) {
    INFO(result.check << ": " << result.evidence);
    CHECK(result.outcome == Outcome::kPass);
    CHECK(result.since == kNoon);
  }
  CHECK(judgement.verdict == Verdict::kReady);
  CHECK(judgement.checks.size() == DefaultPolicy().checks.size());
}

TEST_CASE("each check of the shipped policy reads its facts") {
  struct Row {
    const char* check;
    const char* fact;
    const char* text;  // null: the fact is absent
    Outcome outcome;
  };
  const Row rows[] = {
      {"vpn-client-installed", "vpn.clients", "", Outcome::kFail},
      {"vpn-client-installed", "vpn.clients", nullptr, Outcome::kUnknown},
      {"vpn-profile-present", "vpn.profile.count", "0", Outcome::kFail},
      {"vpn-profile-present", "vpn.profile.count", nullptr, Outcome::kUnknown},
      {"vpn-profile-parse", "vpn.profile.count", "0", Outcome::kNotApplicable},
      {"vpn-profile-parse", "vpn.profile.valid", "0", Outcome::kFail},
      {"vpn-cert-valid", "vpn.certificate.expires", "2020-03-20T10:59:59Z", Outcome::kFail},
      {"vpn-cert-valid", "vpn.certificate.expires", "2020-03-20T11:00:00Z", Outcome::kPass},
      {"vpn-cert-valid", "vpn.certificate.starts", "2020-03-20T11:00:01Z", Outcome::kFail},
      {"vpn-cert-valid", "vpn.certificate.starts", nullptr, Outcome::kUnknown},
      {"vpn-cert-valid", "vpn.certificate.expires", nullptr, Outcome::kNotApplicable},
      {"vpn-cert-expiry", "vpn.certificate.expires", "2020-04-04T11:00:00Z", Outcome::kPass},
      {"vpn-cert-expiry", "vpn.certificate.expires", "2020-04-04T10:59:59Z", Outcome::kFail},
      {"net-online", "network.online", "false", Outcome::kFail},
      {"net-online", "network.online", nullptr, Outcome::kUnknown},
      {"vpn-gateway-dns", "vpn.gateway.resolved", "false", Outcome::kFail},
      {"vpn-gateway-dns", "vpn.gateway.resolved", nullptr, Outcome::kUnknown},
      {"vpn-gateway-reach", "vpn.gateway.answer", "AUTHENTICATED", Outcome::kPass},
      {"vpn-gateway-reach", "vpn.gateway.answer", "REFUSED", Outcome::kFail},
      {"vpn-gateway-reach", "vpn.gateway.answer", "SILENT", Outcome::kFail},
      {"vpn-gateway-reach", "vpn.gateway.answer", "UNKNOWN", Outcome::kUnknown},
      {"vpn-gateway-reach", "vpn.gateway.answer", nullptr, Outcome::kUnknown},
      {"time-sync", "clock.synchronised", "false", Outcome::kFail},
      {"time-sync", "clock.max_error_micros", "16000000", Outcome::kFail},
      {"time-sync", "clock.max_error_micros", nullptr, Outcome::kUnknown},
      {"time-sane", "clock.skew_seconds", "299", Outcome::kPass},
      {"time-sane", "clock.skew_seconds", "300", Outcome::kFail},
      {"time-sane", "clock.skew_seconds", "-299", Outcome::kPass},
      {"time-sane", "clock.skew_seconds", "-300", Outcome::kFail},
      {"time-sane", "clock.skew_seconds", nullptr, Outcome::kUnknown},
      {"disk-encryption", "disk.encrypted", "false", Outcome::kFail},
      {"disk-encryption", "disk.root_encrypted", "false", Outcome::kFail},
      {"disk-encryption", "disk.root_encrypted", nullptr, Outcome::kUnknown},
      {"os-supported", "os.support_ends", "2020-03-20T11:00:00Z", Outcome::kPass},
      {"os-supported", "os.support_ends", "2020-03-20T10:59:59Z", Outcome::kFail},
      {"os-supported", "os.support_ends", nullptr, Outcome::kUnknown},
      {"firewall-active", "firewall.enabled", "false", Outcome::kFail},
      {"firewall-active", "firewall.enabled", nullptr, Outcome::kUnknown},
      {"updates-security", "updates.security_pending", "1", Outcome::kUnknown},
      {"updates-security", "updates.security_pending", nullptr, Outcome::kUnknown},
      {"vpn-cert-renewal", "vpn.certificate.expires", "2020-04-19T11:00:00Z", Outcome::kPass},
      {"vpn-cert-renewal", "vpn.certificate.expires", "2020-04-19T10:59:59Z", Outcome::kFail},
      {"vpn-cert-renewal", "vpn.certificate.expires", nullptr, Outcome::kNotApplicable},
      {"net-connectivity", "network.connectivity", "LIMITED", Outcome::kFail},
      {"net-connectivity", "network.connectivity", "PORTAL", Outcome::kPass},
      {"net-connectivity", "network.connectivity", nullptr, Outcome::kNotApplicable},
      {"vpn-handshake", "vpn.tunnel.handshake_fresh", "false", Outcome::kFail},
      {"vpn-handshake", "vpn.tunnel.handshake_fresh", nullptr, Outcome::kNotApplicable},
      {"vpn-handshake", "vpn.tunnel.up", "false", Outcome::kNotApplicable},
      {"time-past", "clock.sane", "false", Outcome::kFail},
      {"time-past", "clock.sane", nullptr, Outcome::kNotApplicable},
      {"firewall-filters", "firewall.filters", "false", Outcome::kFail},
      {"firewall-filters", "firewall.filters", nullptr, Outcome::kUnknown},
      {"disk-wear", "disk.wear_percent", "99", Outcome::kPass},
      {"disk-wear", "disk.wear_percent", "100", Outcome::kFail},
      {"disk-wear", "disk.wear_percent", nullptr, Outcome::kNotApplicable},
      {"agent-version", "agent.version", "0.0.9", Outcome::kFail},
      {"agent-version", "agent.version", "0.10.0", Outcome::kPass},
      {"agent-version", "agent.version", nullptr, Outcome::kUnknown},
      {"agent-cert", "agent.certificate.expires", "2020-03-30T11:00:00Z", Outcome::kPass},
      {"agent-cert", "agent.certificate.expires", "2020-03-30T10:59:59Z", Outcome::kFail},
      {"agent-cert", "agent.certificate.expires", nullptr, Outcome::kUnknown},
      {"agent-cert", "agent.certificate.renewal_due", "2020-03-17T11:00:01Z", Outcome::kPass},
      {"agent-cert", "agent.certificate.renewal_due", "2020-03-17T11:00:00Z", Outcome::kFail},
      {"updates-fresh", "updates.refreshed", "2020-03-13T11:00:00Z", Outcome::kFail},
      {"updates-fresh", "updates.refreshed", "2020-03-13T11:00:01Z", Outcome::kPass},
      {"reboot-required", "reboot_required", "true", Outcome::kFail},
      {"disk-space", "disk.least_free_percent", "4", Outcome::kFail},
      {"disk-space", "disk.least_free_percent", "5", Outcome::kPass},
      {"disk-space", "disk.least_free_bytes", "2147483647", Outcome::kFail},
      {"disk-space", "disk.least_free_bytes", nullptr, Outcome::kUnknown},
      {"disk-inodes", "disk.least_free_inodes_percent", "1", Outcome::kFail},
      {"disk-inodes", "disk.least_free_inodes_percent", nullptr, Outcome::kNotApplicable},
      {"disk-encryption-kdf", "disk.encryption_kdf", "pbkdf2", Outcome::kFail},
      {"disk-encryption-kdf", "disk.encrypted", "false", Outcome::kNotApplicable},
      {"disk-health", "disk.healthy", "false", Outcome::kFail},
      {"disk-health", "disk.healthy", nullptr, Outcome::kUnknown},
      {"captive-portal", "network.captive_portal", "true", Outcome::kFail},
      {"captive-portal", "network.captive_portal", nullptr, Outcome::kNotApplicable},
      {"vpn-profile-perms", "vpn.profile.root_only", "false", Outcome::kFail},
      {"vpn-profile-perms", "vpn.profile.count", "0", Outcome::kNotApplicable},
      {"vpn-cert-key-match", "vpn.certificate.key_matches", "false", Outcome::kFail},
      {"vpn-cert-key-match", "vpn.certificate.key_matches", nullptr, Outcome::kNotApplicable},
      {"vpn-cert-key-match", "vpn.certificate.expires", nullptr, Outcome::kNotApplicable},
      {"vpn-ca-trust", "vpn.certificate.trusted", "false", Outcome::kFail},
      {"vpn-ca-trust", "vpn.certificate.trusted", nullptr, Outcome::kNotApplicable},
      {"vpn-ca-trust", "vpn.ca.expires", "2020-03-20T10:59:59Z", Outcome::kFail},
      {"vpn-ca-trust", "vpn.ca.expires", "2020-03-20T11:00:00Z", Outcome::kPass},
      {"vpn-crl-fresh", "vpn.crl.next_update", "2020-03-20T10:59:59Z", Outcome::kFail},
      {"vpn-crl-fresh", "vpn.crl.next_update", nullptr, Outcome::kNotApplicable},
      {"vpn-autoconnect", "vpn.profile.autoconnect", "false", Outcome::kFail},
      {"ike-daemon", "vpn.ike_daemon", "false", Outcome::kFail},
      {"ike-daemon", "vpn.ike_daemon", nullptr, Outcome::kNotApplicable},
      {"vpn-gateway-cert", "vpn.gateway.certificate.trusted", "false", Outcome::kFail},
      {"vpn-gateway-cert", "vpn.gateway.certificate.expires", "2020-03-27T10:59:59Z",
       Outcome::kFail},
      {"vpn-gateway-cert", "vpn.gateway.certificate.expires", nullptr, Outcome::kNotApplicable},
      {"vpn-tunnel-state", "vpn.tunnel.up", "false", Outcome::kFail},
      {"vpn-tunnel-state", "vpn.tunnel.up", nullptr, Outcome::kUnknown},
      {"vpn-split-route", "vpn.tunnel.full_ipv4", "false", Outcome::kFail},
      {"vpn-split-route", "vpn.tunnel.up", "false", Outcome::kNotApplicable},
      {"vpn-split-route-ipv6", "vpn.tunnel.full_ipv6", "false", Outcome::kFail},
      {"vpn-split-route-ipv6", "vpn.tunnel.full_ipv6", nullptr, Outcome::kNotApplicable},
      {"vpn-dns-in-tunnel", "vpn.tunnel.dns", "false", Outcome::kFail},
      {"vpn-dns-in-tunnel", "vpn.tunnel.up", "false", Outcome::kNotApplicable},
      {"net-mtu", "vpn.tunnel.mtu", "1279", Outcome::kFail},
      {"net-mtu", "vpn.tunnel.mtu", nullptr, Outcome::kNotApplicable},
      {"applications-reachable", "applications.reachable_percent", "89", Outcome::kFail},
      {"applications-reachable", "applications.reachable_percent", "90", Outcome::kPass},
      {"applications-reachable", "applications.reachable_percent", nullptr, Outcome::kUnknown},
      {"applications-reachable", "applications.count", "0", Outcome::kNotApplicable},
      {"listen-exposed", "listen.exposed", "22", Outcome::kFail},
      {"listen-exposed", "listen.exposed", "5900", Outcome::kFail},
      {"listen-exposed", "listen.exposed", nullptr, Outcome::kUnknown},
      {"updates-auto", "updates.automatic", "false", Outcome::kFail},
      {"screen-lock", "screen_lock.enforced", "false", Outcome::kFail},
      {"screen-lock", "screen_lock.delay_seconds", "601", Outcome::kFail},
      {"screen-lock", "screen_lock.enforced", nullptr, Outcome::kNotApplicable},
      {"root-locked", "root.locked", "false", Outcome::kFail},
      {"root-locked", "accounts.open", "1", Outcome::kFail},
      {"root-locked", "root.locked", nullptr, Outcome::kUnknown},
      {"admin-users", "accounts.administrators", "2", Outcome::kPass},
      {"admin-users", "accounts.administrators", "3", Outcome::kFail},
      {"antivirus", "antivirus.enabled", "false", Outcome::kFail},
      {"antivirus-fresh", "antivirus.signatures", "2020-03-13T11:00:00Z", Outcome::kFail},
      {"antivirus-fresh", "antivirus.signatures", nullptr, Outcome::kNotApplicable},
      {"antivirus", "antivirus.tool", nullptr, Outcome::kNotApplicable},
      {"memory-ok", "memory.errors_uncorrected", "1", Outcome::kFail},
      {"memory-ok", "memory.errors_uncorrected", nullptr, Outcome::kNotApplicable},
      {"secure-boot", "secure_boot", "false", Outcome::kFail},
      {"secure-boot", "secure_boot", nullptr, Outcome::kNotApplicable},
      {"tpm-present", "tpm2", "false", Outcome::kFail},
      {"kernel-uptime", "os.uptime_hours", "720", Outcome::kFail},
      {"battery-health", "battery.health", "59", Outcome::kFail},
      {"battery-health", "battery.health", nullptr, Outcome::kNotApplicable},
      {"hw-identity", "hardware.serial", nullptr, Outcome::kUnknown},
  };
  for (const Row& row : rows) {
    INFO(row.check << " with " << row.fact << " = " << (row.text ? row.text : "(absent)"));
    FactSheet sheet = GoodFacts();
    // A tunnel that is up speaks for its gateway.
    if (std::string_view(row.fact).starts_with("vpn.gateway."))
      Set(sheet, "vpn.tunnel.up", "false");
    if (row.text == nullptr) {
      Remove(sheet, row.fact);
    } else {
      Set(sheet, row.fact, row.text);
    }
    const Judgement judgement = Judge(DefaultPolicy(), sheet, nullptr, kNoon);
    CHECK(ToString(Of(judgement, row.check).outcome) == ToString(row.outcome));
  }
}

TEST_CASE("a key that cannot be compared leaves the verdict unknown, and says why") {
  FactSheet sheet = GoodFacts();
  Remove(sheet, "vpn.certificate.key_matches");
  sheet.unreadable["vpn.certificate.key_matches"] = "a key is locked with a passphrase";
  const Judgement judgement = Judge(DefaultPolicy(), sheet, nullptr, kNoon);
  CHECK(Of(judgement, "vpn-cert-key-match").evidence ==
        "vpn.certificate.key_matches: a key is locked with a passphrase");
  CHECK(judgement.verdict == Verdict::kUnknown);
}

TEST_CASE("a damaged profile is told with what is wrong with it") {
  FactSheet sheet = GoodFacts();
  Set(sheet, "vpn.profile.valid", "0");
  const auto told = [&] {
    return Of(Judge(DefaultPolicy(), sheet, nullptr, kNoon), "vpn-profile-parse").evidence;
  };
  Remove(sheet, "vpn.profile.problems");
  CHECK(told() == "vpn.profile.valid = 0");
  Set(sheet, "vpn.profile.problems", "it names no gateway (remote)");
  CHECK(told() == "vpn.profile.valid = 0, vpn.profile.problems = it names no gateway (remote)");
}

TEST_CASE("a security update may wait for 30 days from when the laptop learned of it") {
  FactSheet sheet = GoodFacts();
  Set(sheet, "updates.security_pending", "3");
  struct Row {
    const char* since;
    Outcome outcome;
  };
  for (const Row& row :
       {Row{"2020-02-19T11:00:00Z", Outcome::kPass}, Row{"2020-02-18T11:00:00Z", Outcome::kFail}}) {
    Set(sheet, "updates.security_since", row.since);
    const Judgement judgement = Judge(DefaultPolicy(), sheet, nullptr, kNoon);
    INFO(row.since);
    CHECK(Of(judgement, "updates-security").outcome == row.outcome);
    CHECK(judgement.verdict ==
          (row.outcome == Outcome::kPass ? Verdict::kReady : Verdict::kDegraded));
  }
}

TEST_CASE("a gateway that nobody asked while the tunnel is up is no unknown") {
  FactSheet sheet = GoodFacts();
  for (const char* fact : {"vpn.gateway.resolved", "vpn.gateway.answer"}) Remove(sheet, fact);
  CHECK(Judge(DefaultPolicy(), sheet, nullptr, kNoon).verdict == Verdict::kReady);
  Set(sheet, "vpn.tunnel.up", "false");
  CHECK(Judge(DefaultPolicy(), sheet, nullptr, kNoon).verdict == Verdict::kUnknown);
}

TEST_CASE("a laptop that says nothing passes nothing, and its verdict is unknown") {
  const Judgement judgement = Judge(DefaultPolicy(), FactSheet(), nullptr, kNoon);
  for (const CheckResult& result : judgement.checks) {
    INFO(result.check);
    CHECK(result.outcome == Outcome::kUnknown);
    CHECK(!result.evidence.empty());
  }
  CHECK(judgement.verdict == Verdict::kUnknown);
}

TEST_CASE(
    "a laptop whose profiles only root can read is unknown without the collector, and says why") {
  FactSheet sheet = GoodFacts();
  sheet.vpn_profiles.clear();
  sheet.unreadable["vpn.profiles"] = "needs the root collector";
  Remove(sheet, "hardware.serial");
  sheet.unreadable["hardware.serial"] = "needs the root collector";
  DeriveFacts(sheet);
  const Judgement judgement = Judge(DefaultPolicy(), sheet, nullptr, kNoon);
  CHECK(judgement.verdict == Verdict::kUnknown);
  CHECK(Of(judgement, "vpn-profile-present").outcome == Outcome::kUnknown);
  CHECK(Of(judgement, "vpn-profile-present").evidence ==
        "vpn.profile.count: needs the root collector");
  CHECK(Of(judgement, "hw-identity").evidence == "hardware.serial: needs the root collector");
}

TEST_CASE("a secure boot state that could not be read is unknown, not inapplicable") {
  FactSheet sheet = GoodFacts();
  Remove(sheet, "secure_boot");
  sheet.unreadable["secure_boot"] = "permission denied";
  CHECK(Of(Judge(DefaultPolicy(), sheet, nullptr, kNoon), "secure-boot").evidence ==
        "secure_boot: permission denied");
  // A section that never came says nothing about its facts either.
  sheet = FactSheet();
  CHECK(Of(Judge(DefaultPolicy(), sheet, nullptr, kNoon), "secure-boot").outcome ==
        Outcome::kUnknown);
}

TEST_CASE("a policy that cannot be judged by is refused by the check's name") {
  struct Row {
    const char* id;
    const char* expression;
    const char* applies;
    std::int64_t grace;
  };
  const Row rows[] = {
      {"", "tpm2 = true", "", 0},
      {"Upper", "tpm2 = true", "", 0},
      {"no-expression", "", "", 0},
      {"syntax", "tpm2 =", "", 0},
      {"no-such-field", "tpm3 = true", "", 0},
      {"of-the-record", "state = ASSIGNED", "", 0},
      {"of-the-record-too", "tpm2 = true", "holder:*", 0},
      {"grace", "tpm2 = true", "", -1},
  };
  for (const Row& row : rows) {
    INFO(row.id);
    Check check = CheckOf(row.id, Severity::kInfo, row.expression, row.grace);
    check.applies = row.applies;
    const auto policy = MakePolicy(1, kDay, {check});
    REQUIRE(!policy.ok());
    CHECK(ReasonOf(policy.status()) == "BAD_POLICY");
    CHECK(std::string(policy.status().message()).find(row.id) != std::string::npos);
  }
  const Check twice = CheckOf("twice", Severity::kInfo, "tpm2 = true");
  CHECK(ReasonOf(MakePolicy(1, kDay, {twice, twice}).status()) == "BAD_POLICY");
  CHECK(ReasonOf(MakePolicy(0, kDay, {}).status()) == "BAD_POLICY");
  CHECK(ReasonOf(MakePolicy(1, 0, {}).status()) == "BAD_POLICY");
  const Check reserved = CheckOf("machine-identity", Severity::kInfo, "tpm2 = true");
  CHECK(ReasonOf(MakePolicy(1, kDay, {reserved}).status()) == "BAD_POLICY");
}

}  // namespace parc::posture
