// Rows of the check catalogue that are facts of files: one test for each, on the laptops of
// fixtures/ and on files that somebody prepared to hurt.

#include <catch2/catch.hpp>

#include "agent/probes/luks.h"
#include "agent/probes/probes.h"
#include "agent/probes/tools.h"
#include "agent/probes/units.h"
#include "tests/agent/agent_support.h"

namespace parc::agent {
namespace {

v1::Security SecurityOf(const Root& root, Notes& notes, const BusView& bus = {}) {
  const World world = PlainWorld(root);
  return ProbeSecurity(world, bus, ReadPackages(world), notes).value_or(v1::Security());
}

v1::Security SecurityOf(const char* fixture) {
  const Root root(Fixture(fixture));
  Notes notes;
  return SecurityOf(root, notes);
}

std::vector<int> PortsOf(const v1::Security& security) {
  return {security.exposed().ports().begin(), security.exposed().ports().end()};
}

// A LUKS2 header with these key slots.
std::string Luks2(std::initializer_list<std::string_view> kdfs) {
  std::string json = "{\"keyslots\":{";
  for (const std::string_view kdf : kdfs) {
    json += "\"0\":{\"kdf\":{\"type\":\"" + std::string(kdf) + "\",\"time\":4}},";
  }
  std::string bytes("LUKS\xba\xbe\0\2\0\0\0\0\0\0\x40\0", 16);
  bytes.resize(4096, '\0');
  return bytes + json + "}}";
}

}  // namespace

TEST_CASE("ports of remote administration that others can reach are told") {
  CHECK(PortsOf(SecurityOf("debian12")).empty());
  CHECK(SecurityOf("debian12").has_exposed());
  CHECK(PortsOf(SecurityOf("ubuntu2404")) == std::vector<int>{22, 445, 3389});
  CHECK(PortsOf(SecurityOf("ubuntu2204-broken")) == std::vector<int>{5900});
  CHECK_FALSE(SecurityOf("fedora40").has_exposed());  // no table, no claim
  CHECK(ExposedPorts("").empty());
  CHECK(ExposedPorts("0: zz:0016 x 0A\n1: 00000000 x 0A\n2: 00000000:zz x 0A\n").count(22) == 1);
  CHECK(ExposedPorts("0: 0000000000000000FFFF00000100007F:0016 x 0A\n").empty());
  CHECK(ExposedPorts("0: 0000000000000000FFFF00000101A8C0:0016 x 0A\n").size() == 1);
}

TEST_CASE("a screen lock counts when users cannot change it") {
  const auto debian = SecurityOf("debian12");
  CHECK(debian.screen_lock_enforced());
  CHECK(debian.screen_lock_seconds() == 330);
  const auto fedora = SecurityOf("fedora40");
  CHECK(fedora.screen_lock_enforced());
  CHECK(fedora.screen_lock_seconds() == 605);
  CHECK(SecurityOf("ubuntu2204").screen_lock_seconds() == 600);
  CHECK(SecurityOf("ubuntu2404").has_screen_lock_enforced());
  CHECK_FALSE(SecurityOf("ubuntu2404").screen_lock_enforced());
  CHECK_FALSE(SecurityOf("ubuntu2204-broken").screen_lock_seconds() > 1800);

  Tree open;
  open.File("etc/dconf/db/local.d/10-lock",
            "[org/gnome/desktop/screensaver]\nlock-enabled=true\n"
            "[org/gnome/desktop/session]\nidle-delay=uint32 300\n");
  Notes notes;
  CHECK_FALSE(SecurityOf(Root(open.path()), notes).screen_lock_enforced());
  Tree never;
  never.File("etc/systemd/logind.conf", "[Login]\nIdleAction=lock\nIdleActionSec=0\n");
  CHECK_FALSE(SecurityOf(Root(never.path()), notes).screen_lock_enforced());
  CHECK(notes.Sorted().empty());

  Tree none;
  none.Directory("etc");
  CHECK_FALSE(SecurityOf(Root(none.path()), notes).has_screen_lock_enforced());
  CHECK(ReasonFor(notes, "screen_lock.enforced") ==
        "no policy is set, and users' own settings are not read");
}

TEST_CASE("accounts are counted, never named") {
  const auto debian = SecurityOf("debian12");
  CHECK(debian.root_locked());
  CHECK(debian.open_accounts() == 0);
  CHECK(debian.administrators() == 2);
  CHECK(debian.ShortDebugString().find("alice") == std::string::npos);
  const auto ubuntu = SecurityOf("ubuntu2404");
  CHECK_FALSE(ubuntu.root_locked());
  CHECK(ubuntu.open_accounts() == 1);
  CHECK(ubuntu.administrators() == 0);
  const auto broken = SecurityOf("ubuntu2204-broken");
  CHECK_FALSE(broken.root_locked());
  CHECK(broken.open_accounts() == 1);
  CHECK(broken.administrators() == 5);
  CHECK(SecurityOf("ubuntu2204").root_locked());
  CHECK_FALSE(ParseShadow("nobody here\n::::\n").root_locked);
  CHECK(CountAdministrators("sudo:x:27:,, ,\nsudo\nwheel:x:1:a,a\n") == 1);
}

TEST_CASE("protection against malware is found by its package, with the age of its signatures") {
  const auto debian = SecurityOf("debian12");
  CHECK(debian.antivirus_tool() == "clamav");
  CHECK(debian.antivirus_enabled());
  CHECK(debian.antivirus_signatures_time().seconds() > 0);
  const auto broken = SecurityOf("ubuntu2204-broken");
  CHECK(broken.antivirus_tool() == "mdatp");
  CHECK_FALSE(broken.antivirus_enabled());
  CHECK(SecurityOf("ubuntu2404").antivirus_tool().empty());
}

TEST_CASE("firewalld's own word counts more than that it starts with the system") {
  const Root root(Fixture("fedora40"));
  Notes notes;
  BusView bus;
  bus.firewalld_running = false;
  CHECK_FALSE(SecurityOf(root, notes, bus).firewall_enabled());
  bus.firewalld_running = true;
  CHECK(SecurityOf(root, notes, bus).firewall_tool() == "firewalld");
}

TEST_CASE("updates that install themselves are told") {
  const auto automatic = [](const char* fixture) {
    const Root root(Fixture(fixture));
    Notes notes;
    return ProbeUpdates(PlainWorld(root), notes)->automatic();
  };
  CHECK(automatic("debian12"));
  CHECK(automatic("fedora40"));
  CHECK(automatic("ubuntu2204"));
  CHECK_FALSE(automatic("ubuntu2404"));
  CHECK_FALSE(automatic("ubuntu2204-broken"));  // switched on, and not installed
}

TEST_CASE("the weakest key derivation of the encrypted disks is told") {
  const auto kdf = [](const char* fixture) {
    const Root root(Fixture(fixture));
    Notes notes;
    const auto storage = ProbeStorage(PlainWorld(root), notes);
    CHECK(notes.Sorted().empty());
    return storage->encryption_kdf();
  };
  CHECK(kdf("debian12") == "argon2id");
  CHECK(kdf("fedora40") == "pbkdf2");
  CHECK(kdf("ubuntu2404").empty());  // not encrypted
}

TEST_CASE("a LUKS header is read, and nothing else passes for one") {
  CHECK(ParseLuksHeader(Luks2({"argon2id"})) == "argon2id");
  CHECK(ParseLuksHeader(Luks2({"argon2id", "pbkdf2"})) == "pbkdf2");
  CHECK(ParseLuksHeader(Luks2({"argon2id", "argon2i", "unheard-of"})) == "argon2i");
  CHECK(ParseLuksHeader(std::string("LUKS\xba\xbe\0\1aes\0\0\0\0\0", 16)) == "luks1");
  CHECK_FALSE(ParseLuksHeader(Luks2({})));
  CHECK_FALSE(ParseLuksHeader(""));
  CHECK_FALSE(ParseLuksHeader(std::string(8192, '\0')));
  CHECK_FALSE(ParseLuksHeader(Luks2({"argon2id"}).substr(0, 4096)));
  std::string huge = Luks2({"argon2id"});
  huge[8] = '\x7f';
  CHECK_FALSE(ParseLuksHeader(huge));
}

TEST_CASE("a device of an encrypted disk that cannot be opened needs the collector") {
  Tree tree;
  tree.File("proc/self/mountinfo", "22 1 253:0 / / rw - ext4 /dev/mapper/root rw\n")
      .File("sys/devices/virtual/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123\n")
      .File("sys/devices/virtual/block/dm-0/slaves/sda3/size", "1\n")
      .Link("sys/dev/block/253:0", "../../devices/virtual/block/dm-0");
  const Root root(tree.path());
  Notes notes;
  CHECK(ProbeStorage(PlainWorld(root), notes)->encryption_kdf().empty());
  CHECK(ReasonFor(notes, "disk.encryption_kdf") == "needs the root collector");
}

TEST_CASE("the fullest of the three file systems is told, in steps") {
  const Root root(Fixture("debian12"));
  World world = PlainWorld(root);
  constexpr std::int64_t kGib = std::int64_t{1} << 30;
  world.space = [](std::string_view path) -> std::optional<Space> {
    if (path == "/") return Space{100 * kGib, 60 * kGib, 1000, 900};
    if (path == "/var") return Space{10 * kGib, kGib + 12'345, 1000, 15};
    return std::nullopt;
  };
  Notes notes;
  const auto storage = ProbeStorage(world, notes);
  CHECK(storage->least_free_percent() == 10);
  CHECK(storage->least_free_bytes() == kGib);
  CHECK(storage->least_free_inodes_percent() == 1);
  CHECK(storage->root_total_bytes() == 100 * kGib);
}

TEST_CASE("EFI, memory errors and the smallest MTU are told") {
  const Root debian(Fixture("debian12"));
  Notes notes;
  const auto hardware = ProbeHardware(PlainWorld(debian), notes);
  CHECK(hardware->efi());
  CHECK(hardware->memory_errors_corrected() == 3);
  CHECK(hardware->memory_errors_uncorrected() == 0);
  const Root broken(Fixture("ubuntu2204-broken"));
  CHECK_FALSE(ProbeHardware(PlainWorld(broken), notes)->efi());
  CHECK_FALSE(ProbeHardware(PlainWorld(broken), notes)->has_memory_errors_corrected());
  CHECK(ProbeNetwork(PlainWorld(broken), {}, notes)->mtu() == 1200);
}

TEST_CASE("a portal is told by NetworkManager's word, and no word is no fact") {
  const Root root(Fixture("ubuntu2204"));
  Notes notes;
  BusView bus;
  CHECK_FALSE(ProbeNetwork(PlainWorld(root), bus, notes)->has_captive_portal());
  bus.connectivity = v1::CONNECTIVITY_PORTAL;
  CHECK(ProbeNetwork(PlainWorld(root), bus, notes)->captive_portal());
  bus.connectivity = v1::CONNECTIVITY_FULL;
  const auto network = ProbeNetwork(PlainWorld(root), bus, notes);
  CHECK(network->connectivity() == v1::CONNECTIVITY_FULL);
  CHECK(network->has_captive_portal());
  CHECK_FALSE(network->captive_portal());
}

TEST_CASE("a clock before a time that is known to be past is not sane") {
  const Root root(Fixture("debian12"));
  World world = PlainWorld(root);
  world.not_before = kNoon;
  world.now = kNoon - 1;
  CHECK_FALSE(ProbeClock(world)->sane());
  world.now = kNoon;
  CHECK(ProbeClock(world)->sane());
}

TEST_CASE("a tunnel is judged by where the kernel would send packets") {
  const Root root(Fixture("ubuntu2204-broken"));  // tun0 is up
  World world = PlainWorld(root);
  Notes notes;
  const auto network = ProbeNetwork(world, {}, notes);
  const auto ask = [&](std::map<std::string, std::string> routes, const BusView& bus = {}) {
    world.route = [routes](const std::string& address) -> std::optional<std::string> {
      const auto found = routes.find(address);
      if (found == routes.end()) return std::nullopt;
      return found->second;
    };
    return ProbeTunnel(world, *network, bus);
  };
  SECTION("everything goes through it") {
    const auto tunnel = ask({{"9.9.9.9", "tun0"}, {"198.51.100.1", "tun0"}});
    CHECK(tunnel.up());
    CHECK(tunnel.mtu() == 1400);
    CHECK(tunnel.full_ipv4());
    CHECK_FALSE(tunnel.has_full_ipv6());  // there is no IPv6 at all
  }
  SECTION("one half of the Internet does not") {
    CHECK_FALSE(ask({{"9.9.9.9", "tun0"}, {"198.51.100.1", "wlp2s0"}}).full_ipv4());
  }
  SECTION("IPv6 leaks") {
    const auto tunnel = ask({{"9.9.9.9", "tun0"}, {"2620:fe::fe", "wlp2s0"}});
    CHECK(tunnel.full_ipv4());
    CHECK_FALSE(tunnel.full_ipv6());
  }
  SECTION("names are asked for by resolved's word") {
    BusView bus;
    bus.has_resolved = true;
    bus.name_servers = {{3, 1}};
    CHECK_FALSE(ask({}, bus).dns());
    bus.name_servers = {{3, 1}, {7, 1}};
    CHECK(ask({}, bus).dns());
  }
  SECTION("names are asked for by resolv.conf") {
    Tree tree;
    tree.File("sys/class/net/tun0/type", "65534\n")
        .File("sys/class/net/tun0/operstate", "unknown\n")
        .File("sys/class/net/tun0/flags", "0x1003\n")
        .File("etc/resolv.conf", "# x\nnameserver 127.0.0.53\nnameserver 10.8.0.1\n");
    const Root other(tree.path());
    World inside = PlainWorld(other);
    inside.route = [](const std::string& address) -> std::optional<std::string> {
      return address == "10.8.0.1" ? "tun0" : "wlp2s0";
    };
    const auto up = ProbeNetwork(inside, {}, notes);
    CHECK(ProbeTunnel(inside, *up, {}).dns());
    inside.route = [](const std::string&) { return std::optional<std::string>("wlp2s0"); };
    CHECK_FALSE(ProbeTunnel(inside, *up, {}).dns());
  }
}

TEST_CASE("without a tunnel there is nothing to tell but that") {
  const Root root(Fixture("ubuntu2204"));
  World world = PlainWorld(root);
  world.route = [](const std::string&) { return std::optional<std::string>("wlp2s0"); };
  Notes notes;
  const auto network = ProbeNetwork(world, {}, notes);
  CHECK(ProbeTunnel(world, *network, {}).ShortDebugString() == "up: false");
  BusView bus;
  bus.vpn_active = true;  // IPsec has no interface
  CHECK(ProbeTunnel(world, *network, bus).ShortDebugString() == "up: true");
}

TEST_CASE("named tools are told, and what else somebody installs is not") {
  const Root root(Fixture("debian12"));
  World world = PlainWorld(root);
  Notes notes;
  const auto tools = ProbeTools(world, ReadPackages(world), notes);
  REQUIRE(tools);
  std::vector<std::string> names;
  for (const v1::Tool& tool : tools->tools()) names.push_back(tool.name());
  CHECK(names == std::vector<std::string>{"clamav", "firefox", "openvpn", "wireguard"});
  CHECK(tools->tools(1).version() == "128.5.0esr-1~deb12u1");

  world.tools = {"libc6"};
  CHECK(ProbeTools(world, ReadPackages(world), notes)->tools_size() == 5);

  const Root fedora(Fixture("fedora40"));
  const World without = PlainWorld(fedora);
  const auto programs = ProbeTools(without, ReadPackages(without), notes);
  REQUIRE(programs);
  CHECK(programs->tools_size() == 2);
  CHECK(programs->tools(0).version().empty());
  Tree empty;
  const Root nothing(empty.path());
  CHECK_FALSE(ProbeTools(PlainWorld(nothing), ReadPackages(PlainWorld(nothing)), notes));
}

TEST_CASE("catalogue sources with nonsense in them give no crash and no names") {
  Tree tree;
  const std::string noise("\xff\0\x80=:\n[\n]\n\"", 10);
  for (const char* path :
       {"etc/shadow", "etc/group", "etc/dconf/db/local.d/x", "etc/dconf/db/local.d/locks/x",
        "etc/xdg/kscreenlockerrc", "etc/systemd/logind.conf", "proc/net/tcp", "proc/net/tcp6",
        "var/lib/dpkg/status", "etc/apt/apt.conf.d/x", "etc/resolv.conf",
        "sys/devices/system/edac/mc/mc0/ce_count"}) {
    tree.File(path, noise);
  }
  tree.File("etc/dconf/db/big.d/x", std::string(10 * 1024 * 1024, 'a'))
      .Link("etc/dconf/db/out.d/x", "/etc/shadow");
  const Root root(tree.path());
  Notes notes;
  const World world = PlainWorld(root);
  const auto security = SecurityOf(root, notes);
  CHECK_FALSE(security.has_root_locked());
  CHECK_FALSE(security.screen_lock_enforced());
  CHECK(security.administrators() == 0);
  CHECK(ProbeTools(world, ReadPackages(world), notes)->tools_size() == 0);
  CHECK_FALSE(ProbeUpdates(world, notes)->automatic());
}

}  // namespace parc::agent
