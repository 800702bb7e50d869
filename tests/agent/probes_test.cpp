#include "agent/probes/probes.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/agent/agent_support.h"

namespace parc::agent {
namespace {

const v1::NetworkInterface* Find(const v1::Network& network, std::string_view name) {
  for (const auto& interface : network.interfaces()) {
    if (interface.name() == name) return &interface;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a healthy Debian laptop is told as it is") {
  const Root root(Fixture("debian12"));
  Notes notes;
  const World world = PlainWorld(root);

  const auto os = ProbeOs(world, notes);
  REQUIRE(os);
  CHECK(os->id() == "debian");
  CHECK(os->name() == "Debian GNU/Linux 12 (bookworm)");
  CHECK(os->version() == "12");
  CHECK(os->kernel() == "6.1.0-18-amd64");
  CHECK(os->architecture() == "x86_64");
  CHECK(os->uptime_seconds() == 86'400);

  const auto hardware = ProbeHardware(world, notes);
  REQUIRE(hardware);
  CHECK(hardware->manufacturer() == "LENOVO");
  CHECK(hardware->model() == "20W0CTO1WW");
  CHECK(hardware->serial() == "PF0ABCDE");
  CHECK(hardware->uuid() == "4c4c4544-0042-3510-8052-b4c04f564433");
  CHECK(hardware->bios_version() == "N34ET47W (1.47 )");
  CHECK(hardware->cpu_model() == "11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz");
  CHECK(hardware->cpu_threads() == 8);
  CHECK(hardware->memory_bytes() == std::int64_t{16'179'872} * 1024);
  REQUIRE(hardware->batteries_size() == 1);
  CHECK(hardware->batteries(0).name() == "BAT0");
  CHECK(hardware->batteries(0).health_percent() == 79);
  CHECK(hardware->batteries(0).cycle_count() == 212);
  CHECK(hardware->tpm2());
  CHECK(hardware->secure_boot());

  const auto storage = ProbeStorage(world, notes);
  REQUIRE(storage);
  REQUIRE(storage->disks_size() == 1);
  CHECK(storage->disks(0).name() == "nvme0n1");
  CHECK(storage->disks(0).model() == "SAMSUNG MZVLB512HBJQ-000L7");
  CHECK(storage->disks(0).size_bytes() == std::int64_t{1'000'215'216} * 512);
  CHECK_FALSE(storage->disks(0).rotational());
  CHECK(storage->root_encrypted());
  CHECK(storage->all_encrypted());

  const auto network = ProbeNetwork(world, BusView(), notes);
  REQUIRE(network);
  CHECK(network->online());
  REQUIRE(network->interfaces_size() == 2);
  const auto* cable = Find(*network, "enp0s31f6");
  REQUIRE(cable != nullptr);
  CHECK(cable->kind() == v1::INTERFACE_KIND_ETHERNET);
  CHECK(cable->mac() == "e8:80:88:0a:0b:0c");
  CHECK_FALSE(cable->up());
  const auto* wifi = Find(*network, "wlp0s20f3");
  REQUIRE(wifi != nullptr);
  CHECK(wifi->kind() == v1::INTERFACE_KIND_WIFI);
  CHECK(wifi->up());
  CHECK_FALSE(TunnelIsUp(*network));

  const auto security = ProbeSecurity(world, BusView(), ReadPackages(world), notes);
  REQUIRE(security);
  CHECK(security->firewall_enabled());
  CHECK(security->firewall_tool() == "ufw");

  const auto updates = ProbeUpdates(world, notes);
  REQUIRE(updates);
  CHECK(updates->refreshed_time().seconds() > 0);
  CHECK_FALSE(updates->reboot_required());
  CHECK_FALSE(updates->has_pending());
  CHECK(notes.Sorted().empty());
}

TEST_CASE("a neglected Ubuntu laptop is told as it is") {
  const Root root(Fixture("ubuntu2404"));
  Notes notes;
  World world = PlainWorld(root);
  world.updates = PendingUpdates{14, 6, kNoon};

  const auto storage = ProbeStorage(world, notes);
  REQUIRE(storage);
  REQUIRE(storage->disks_size() == 1);  // the USB stick is no internal disk
  CHECK(storage->disks(0).name() == "sda");
  CHECK_FALSE(storage->root_encrypted());
  CHECK_FALSE(storage->all_encrypted());

  const auto network = ProbeNetwork(world, BusView(), notes);
  REQUIRE(network);
  CHECK_FALSE(network->online());  // its IPv6 default route is the kernel's "unreachable" on lo
  CHECK(Find(*network, "wwan0")->kind() == v1::INTERFACE_KIND_MOBILE);
  CHECK(Find(*network, "tun0")->kind() == v1::INTERFACE_KIND_TUNNEL);
  CHECK(TunnelIsUp(*network));

  const auto security = ProbeSecurity(world, BusView(), ReadPackages(world), notes);
  REQUIRE(security);
  CHECK(security->has_firewall_enabled());
  CHECK_FALSE(security->firewall_enabled());

  const auto updates = ProbeUpdates(world, notes);
  REQUIRE(updates);
  CHECK(updates->pending() == 14);
  CHECK(updates->security_pending() == 6);
  CHECK(updates->security_since_time().seconds() == kNoon / 1'000'000);
  CHECK(updates->reboot_required());
  CHECK_FALSE(ProbeHardware(world, notes)->tpm2());  // it has a TPM 1.2
  CHECK_FALSE(ProbeHardware(world, notes)->has_secure_boot());
  CHECK(ProbeOs(world, notes)->uptime_seconds() == 3600);
}

TEST_CASE("a Fedora laptop on btrfs is told as it is") {
  const Root root(Fixture("fedora40"));
  Notes notes;
  const World world = PlainWorld(root);
  CHECK(ProbeOs(world, notes)->id() == "fedora");
  const auto storage = ProbeStorage(world, notes);
  REQUIRE(storage);
  CHECK(storage->root_encrypted());
  CHECK(storage->all_encrypted());
  const auto network = ProbeNetwork(world, BusView(), notes);
  REQUIRE(network);
  CHECK(network->online());
  CHECK(Find(*network, "wlp1s0")->mac().empty());  // randomised by NetworkManager
  CHECK_FALSE(TunnelIsUp(*network));               // wg0 exists and is down
  const auto security = ProbeSecurity(world, BusView(), ReadPackages(world), notes);
  CHECK(security->firewall_enabled());
  CHECK(security->firewall_tool() == "firewalld");
  const auto updates = ProbeUpdates(world, notes);
  CHECK_FALSE(updates->reboot_required());
  CHECK_FALSE(updates->has_security_pending());
  CHECK(ReasonFor(notes, "updates.security_pending") ==
        "dnf could not tell by what it has at hand");

  World asked = PlainWorld(root);
  asked.updates = PendingUpdates{std::nullopt, 2, kNoon};
  Notes fewer;
  const auto told = ProbeUpdates(asked, fewer);
  CHECK(told->security_pending() == 2);
  CHECK(told->security_since_time().seconds() == kNoon / 1'000'000);
  CHECK_FALSE(told->has_pending());
  CHECK(ReasonFor(fewer, "updates.security_pending").empty());
  CHECK(ReasonFor(fewer, "updates.pending") == "dnf is asked for security updates only");
  asked.updates->security = 0;
  CHECK_FALSE(ProbeUpdates(asked, fewer)->has_security_since_time());
}

TEST_CASE("an empty root has no facts and nothing unreadable") {
  const Tree tree;
  const Root root(tree.path());
  Notes notes;
  World world = PlainWorld(root);
  world.architecture.clear();
  CHECK_FALSE(ProbeOs(world, notes));
  CHECK_FALSE(ProbeHardware(world, notes));
  CHECK_FALSE(ProbeStorage(world, notes));
  CHECK_FALSE(ProbeNetwork(world, BusView(), notes));
  CHECK_FALSE(ProbeSecurity(world, BusView(), ReadPackages(world), notes));
  CHECK_FALSE(ProbeUpdates(world, notes));
  CHECK_FALSE(ProbeClock(world));
  CHECK(notes.Sorted().empty());
}

TEST_CASE("sources with nonsense in them give no facts and no crash") {
  Tree tree;
  tree.File("etc/os-release",
            std::string("ID=\x01\xff\nVERSION_ID=\"12\nPRETTY_NAME=\"a\x1b[31mb\"\n"))
      .File("proc/uptime", "soon\n")
      .File("proc/cpuinfo", ":::\nprocessor\n")
      .File("proc/meminfo", "MemTotal: -5 kB\n")
      .File("proc/self/mountinfo", "1 2 3\n- - -\n22 1 8:2 / / rw -\n")
      .File("proc/swaps", "x partition\n")
      .File("sys/block/sda/size", "-1\n")
      .File("sys/class/power_supply/BAT0/type", "Battery\n")
      .File("sys/class/power_supply/BAT0/energy_full", "99999999999999999999\n")
      .File("sys/class/power_supply/BAT0/energy_full_design", "0\n")
      .File("proc/net/route", "a\nb c d e f g h i\n");
  const Root root(tree.path());
  Notes notes;
  const World world = PlainWorld(root);
  const auto os = ProbeOs(world, notes);
  REQUIRE(os);
  CHECK(os->id().empty());
  CHECK(os->version() == "\"12");
  CHECK(os->name() == "a[31mb");
  CHECK_FALSE(os->has_uptime_seconds());
  const auto hardware = ProbeHardware(world, notes);
  REQUIRE(hardware);
  CHECK_FALSE(hardware->has_memory_bytes());
  CHECK_FALSE(hardware->has_cpu_threads());
  CHECK_FALSE(hardware->batteries(0).has_health_percent());
  const auto storage = ProbeStorage(world, notes);
  REQUIRE(storage);
  CHECK_FALSE(storage->disks(0).has_size_bytes());
  CHECK_FALSE(storage->has_root_encrypted());
  CHECK_FALSE(ProbeNetwork(world, BusView(), notes)->online());
}

TEST_CASE("a source for root only is unreadable with its reason, not absent") {
  if (geteuid() == 0) {
    // Root reads everything: what the reason is made of is tested instead.
    Notes notes;
    notes.Unreadable("hardware.serial",
                     absl::PermissionDeniedError("sys/class/dmi/id/product_serial"));
    notes.Unreadable("hardware.uuid", absl::NotFoundError("sys/class/dmi/id/product_uuid"));
    REQUIRE(notes.Sorted().size() == 1);
    CHECK(notes.Sorted()[0].reason() == "needs the root collector");
    return;
  }
  Tree tree;
  tree.File("sys/class/dmi/id/product_serial", "PF0ABCDE\n", 0000);
  const Root root(tree.path());
  Notes notes;
  CHECK_FALSE(ProbeHardware(PlainWorld(root), notes));
  CHECK(ReasonFor(notes, "hardware.serial") == "needs the root collector");
}

TEST_CASE("a stack of block devices that never ends is not believed") {
  Tree tree;
  tree.File("sys/class/block/dm-0/dm/uuid", "LVM-loop\n")
      .Link("sys/class/block/dm-0/slaves/dm-0", "../../dm-0")
      .Link("sys/dev/block/253:0", "../../class/block/dm-0")
      .File("proc/self/mountinfo", "22 1 253:0 / / rw,relatime - ext4 /dev/dm-0 rw\n");
  const Root root(tree.path());
  Notes notes;
  const auto storage = ProbeStorage(PlainWorld(root), notes);
  REQUIRE(storage);
  CHECK_FALSE(storage->root_encrypted());
}

TEST_CASE("volatile values are told coarsely") {
  CHECK(CoarseUptime(59) == 0);
  CHECK(CoarseUptime(7'199) == 3'600);
  CHECK(CoarseUptime(86'399) == 82'800);
  CHECK(CoarseUptime(86'400 * 3 + 5'000) == 86'400 * 3);
  CHECK(CoarseFree({1000, 999}) == 990);
  CHECK(CoarseFree({1'000'000'000'000, 519'999'999'999}) == 510'000'000'000);
  CHECK(CoarseFree({0, 5}) == 0);
  CHECK(CoarseClockError(1) == 1'000);
  CHECK(CoarseClockError(1'001) == 10'000);
  CHECK(CoarseClockError(16'000'000) == 100'000'000);
}

TEST_CASE("the package manager's simulation is counted") {
  const WaitingPackages updates = ParseAptSimulation(
      "NOTE: This is only a simulation!\n"
      "Inst openssl [3.0.11-1] (3.0.14-1~deb12u2 Debian-Security:12/stable-security [amd64])\n"
      "Inst tzdata [2024a-0] (2024b-0 Debian:12.8/stable [all])\n"
      "Inst libssl3 [3.0.2] (3.0.2-0ubuntu1.18 Ubuntu:22.04/jammy-updates, "
      "Ubuntu:22.04/jammy-security [amd64])\n"
      "Inst broken\n"
      "Conf openssl (3.0.14-1~deb12u2 Debian-Security:12/stable-security [amd64])\n");
  CHECK(updates.pending == 4);
  CHECK(updates.security == std::set<std::string>{"libssl3", "openssl"});
}

TEST_CASE("dnf's advisories name packages, by either version of it") {
  const std::set<std::string> expected = {"openssl", "openssl-libs", "kernel-core"};
  const WaitingPackages four = ParseDnfAdvisories(
      "FEDORA-2024-8d2a5b6c19 Important/Sec. openssl-1:3.1.1-4.fc39.x86_64\n"
      "FEDORA-2024-8d2a5b6c19 Important/Sec. openssl-libs-1:3.1.1-4.fc39.x86_64\n"
      "FEDORA-2024-1111111111 Unknown/Sec.   kernel-core-6.8.9-200.fc39.x86_64\n"
      "FEDORA-2024-2222222222 Critical/Sec.  kernel-core-6.8.10-200.fc39.x86_64\n"
      "FEDORA-2024-3333333333 bugfix         vim-9.1.1-1.fc39.x86_64\n");
  CHECK(four.security == expected);
  CHECK_FALSE(four.pending);
  const WaitingPackages five = ParseDnfAdvisories(
      "Name                   Type     Severity  Package                              Issued\n"
      "FEDORA-2024-8d2a5b6c19 security Important openssl-1:3.1.1-4.fc40.x86_64 2024-05-01 "
      "01:02:03\n"
      "FEDORA-2024-8d2a5b6c19 security Important openssl-libs-1:3.1.1-4.fc40.x86_64 2024-05-01\n"
      "FEDORA-2024-1111111111 security Moderate  kernel-core-6.8.9-300.fc40.x86_64 2024-05-02\n"
      "FEDORA-2024-3333333333 bugfix   None      vim-9.1.1-1.fc40.x86_64 2024-05-02\n");
  CHECK(five.security == expected);
  for (const char* text : {"", "\n", "a b/Sec. c", "a security b nodashes", "a b/Sec. -1-2"}) {
    CHECK(ParseDnfAdvisories(text).security.empty());
  }
}

TEST_CASE("how long an update has waited is remembered while it waits") {
  const std::map<std::string, std::int64_t> before = {
      {"gone", kNoon - 9}, {"kernel", kNoon - 7}, {"clock", kNoon + 5}};
  CHECK(
      WaitingSince(before, {"clock", "kernel", "new"}, kNoon) ==
      std::map<std::string, std::int64_t>{{"clock", kNoon}, {"kernel", kNoon - 7}, {"new", kNoon}});
  std::set<std::string> many;
  for (int i = 0; i < 600; ++i) many.insert("package" + std::to_string(i));
  CHECK(WaitingSince({}, many, kNoon).size() == 512);
}

TEST_CASE("a portal is looked for where there is a way out and no tunnel") {
  struct Row {
    const char* fixture;
    std::optional<v1::Connectivity> connectivity;
    std::optional<bool> answer;
    int asked;
    std::optional<bool> portal;
  };
  const Row rows[] = {
      {"debian12", {}, true, 1, true},
      {"debian12", {}, false, 1, false},
      {"debian12", {}, std::nullopt, 1, std::nullopt},
      {"debian12", v1::CONNECTIVITY_FULL, true, 1, true},
      {"debian12", v1::CONNECTIVITY_FULL, std::nullopt, 1, false},
      {"debian12", v1::CONNECTIVITY_PORTAL, false, 0, true},
      {"ubuntu2404", {}, true, 0, std::nullopt},  // a tunnel, and no way out
  };
  for (const Row& row : rows) {
    const Root root(Fixture(row.fixture));
    World world = PlainWorld(root);
    int asked = 0;
    world.portal = [&] {
      ++asked;
      return row.answer;
    };
    BusView bus;
    bus.connectivity = row.connectivity;
    Notes notes;
    const auto network = ProbeNetwork(world, bus, notes);
    REQUIRE(network);
    CHECK(asked == row.asked);
    CHECK(network->has_captive_portal() == row.portal.has_value());
    CHECK(network->captive_portal() == row.portal.value_or(false));
  }
}

TEST_CASE("kernels are compared by number, not by letter or flavour") {
  CHECK(OlderKernel("6.1.0-9-amd64", "6.1.0-18-amd64"));
  CHECK(OlderKernel("6.1.0-9-amd64", "6.1.0-18-cloud-amd64"));
  CHECK_FALSE(OlderKernel("6.1.0-18-amd64", "6.1.0-18-rt-amd64"));
  CHECK_FALSE(OlderKernel("6.8.5-301.fc40.x86_64", "6.8.4-300.fc40.x86_64"));
  CHECK(OlderKernel("6.8.0", "6.10.0"));
}

}  // namespace parc::agent
