// The root collector: what it sees, how the agent takes it, and what the agent says without it.

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/wireguard.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

#include "agent/collector/client.h"
#include "agent/collector/disk_health.h"
#include "agent/collector/netfilter.h"
#include "agent/collector/root_facts.h"
#include "agent/collector/wireguard_device.h"
#include "tests/agent/agent_support.h"

namespace parc::agent {
namespace {

template <typename T>
void Append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string Attribute(int type, const std::string& value) {
  nlattr head{};
  head.nla_len = static_cast<unsigned short>(NLA_HDRLEN + value.size());
  head.nla_type = static_cast<unsigned short>(type);
  std::string bytes;
  Append(bytes, head);
  bytes += value;
  bytes.resize(NLA_ALIGN(bytes.size()), '\0');
  return bytes;
}

std::string Text(int type, const std::string& text) {
  return Attribute(type, std::string(text.c_str(), text.size() + 1));
}

std::string Number(int type, std::uint32_t number) {
  std::string bytes;
  Append(bytes, htonl(number));
  return Attribute(type, bytes);
}

std::string Message(int kind, int family, const std::string& attributes) {
  nfgenmsg general{};
  general.nfgen_family = static_cast<unsigned char>(family);
  nlmsghdr head{};
  head.nlmsg_len = static_cast<unsigned>(NLMSG_HDRLEN + sizeof general + attributes.size());
  head.nlmsg_type = static_cast<unsigned short>(NFNL_SUBSYS_NFTABLES << 8 | kind);
  std::string bytes;
  Append(bytes, head);
  Append(bytes, general);
  return bytes + attributes;
}

std::string Chain(int family, const std::string& name, std::uint32_t hook, std::uint32_t policy) {
  return Message(NFT_MSG_NEWCHAIN, family,
                 Text(NFTA_CHAIN_TABLE, "filter") + Text(NFTA_CHAIN_NAME, name) +
                     Attribute(NFTA_CHAIN_HOOK, Number(NFTA_HOOK_HOOKNUM, hook)) +
                     Number(NFTA_CHAIN_POLICY, policy));
}

std::string Expression(const std::string& name, const std::string& data = {}) {
  return Attribute(NFTA_LIST_ELEM, Text(NFTA_EXPR_NAME, name) + Attribute(NFTA_EXPR_DATA, data));
}

std::string Drop() {
  return Expression("immediate",
                    Attribute(NFTA_IMMEDIATE_DATA,
                              Attribute(NFTA_DATA_VERDICT, Number(NFTA_VERDICT_CODE, NF_DROP))));
}

std::string Rule(int family, const std::string& chain, const std::string& expressions) {
  return Message(NFT_MSG_NEWRULE, family,
                 Text(NFTA_RULE_TABLE, "filter") + Text(NFTA_RULE_CHAIN, chain) +
                     Attribute(NFTA_RULE_EXPRESSIONS, expressions));
}

bool Judge(const std::string& chains, const std::string& rules) {
  auto parsed = ParseChains(chains);
  ParseRules(rules, parsed);
  return Filters(parsed);
}

constexpr std::uint32_t kIn = NF_INET_LOCAL_IN;

}  // namespace

TEST_CASE("a firewall filters when what nothing lets in is dropped, for both families") {
  const std::string open = Chain(NFPROTO_INET, "input", kIn, NF_ACCEPT);
  CHECK_FALSE(Judge("", ""));
  CHECK_FALSE(Judge(open, ""));
  CHECK(Judge(Chain(NFPROTO_INET, "input", kIn, NF_DROP), ""));
  CHECK_FALSE(Judge(Chain(NFPROTO_INET, "output", NF_INET_LOCAL_OUT, NF_DROP), ""));
  CHECK_FALSE(Judge(Chain(NFPROTO_IPV4, "input", kIn, NF_DROP), ""));
  CHECK(Judge(
      Chain(NFPROTO_IPV4, "input", kIn, NF_DROP) + Chain(NFPROTO_IPV6, "input", kIn, NF_DROP), ""));
  CHECK(Judge(open, Rule(NFPROTO_INET, "input", Expression("counter") + Drop())));
  CHECK(Judge(open, Rule(NFPROTO_INET, "input", Expression("reject"))));
  // A drop under a condition, in another chain, or before the last rule ends nothing.
  CHECK_FALSE(Judge(open, Rule(NFPROTO_INET, "input", Expression("cmp") + Drop())));
  CHECK_FALSE(Judge(open, Rule(NFPROTO_INET, "other", Drop())));
  CHECK_FALSE(Judge(
      open, Rule(NFPROTO_INET, "input", Drop()) + Rule(NFPROTO_INET, "input", Expression("cmp"))));
}

TEST_CASE("a kernel's dump that is cut off is read as far as it is whole") {
  const std::string whole = Chain(NFPROTO_INET, "input", kIn, NF_DROP) +
                            Rule(NFPROTO_INET, "input", Expression("counter") + Drop());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto chains = ParseChains(std::string(whole.substr(0, size)));
    ParseRules(std::string(whole.substr(0, size)), chains);
    CHECK(chains.size() <= 1);
  }
}

TEST_CASE("an NVMe disk warns by the first byte, and tells its wear by the sixth") {
  std::string log(512, '\0');
  log[5] = 3;
  CHECK(ParseNvmeLog(log) == DiskHealth{true, 3});
  log[0] = 4;
  log[5] = '\xff';
  CHECK(ParseNvmeLog(log) == DiskHealth{false, 255});
  CHECK_FALSE(ParseNvmeLog(""));
  Tree tree;
  CHECK(absl::IsNotFound(NvmeHealth(Root(tree.path())).status()));
}

TEST_CASE("WireGuard's newest handshake is read from its programs and from the kernel") {
  CHECK(ParseUserspaceDevice("private_key=00\npublic_key=11\nlast_handshake_time_sec=5\n"
                             "public_key=22\nlast_handshake_time_sec=9\nerrno=0\n\n") == 9);
  CHECK(ParseUserspaceDevice("errno=0\n\n") == 0);
  CHECK_FALSE(ParseUserspaceDevice("last_handshake_time_sec=9\nerrno=1\n\n"));
  CHECK_FALSE(ParseUserspaceDevice(""));
  const auto peer = [](std::int64_t seconds) {
    std::string time;
    Append(time, seconds);
    Append(time, std::int64_t{0});
    return Attribute(0, Attribute(WGPEER_A_LAST_HANDSHAKE_TIME, time));
  };
  std::string bytes;
  const std::string attributes = Attribute(WGDEVICE_A_PEERS, peer(7) + peer(3));
  nlmsghdr head{};
  head.nlmsg_len = static_cast<unsigned>(NLMSG_HDRLEN + GENL_HDRLEN + attributes.size());
  head.nlmsg_type = 40;
  Append(bytes, head);
  bytes += std::string(GENL_HDRLEN, '\0') + attributes;
  CHECK(ParseKernelDevice(bytes) == 7);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(ParseKernelDevice(std::string(bytes.substr(0, size))).value_or(0) <= 7);
  }
  CHECK_FALSE(ParseKernelDevice(""));
}

TEST_CASE("the collector tells what only root can see, and the agent takes it over") {
  const Root root(Fixture("debian12"));
  World world = PlainWorld(root);
  world.now = kNoon;
  KernelQuestions kernel;
  kernel.firewall_filters = [] { return true; };
  kernel.disk_health = [] { return DiskHealth{true, 12}; };
  const v1::Facts collected = CollectForRoot(world, kernel);
  CHECK(collected.hardware().serial() == "PF0ABCDE");
  CHECK(collected.hardware().manufacturer().empty());  // anybody can read it
  CHECK(collected.storage().encryption_kdf() == "argon2id");
  CHECK(collected.storage().disk_wear_percent() == 12);
  CHECK(collected.security().root_locked());
  CHECK(collected.security().firewall_filters());
  CHECK_FALSE(collected.security().has_firewall_enabled());

  v1::Facts facts;
  facts.mutable_hardware()->set_model("20W0");
  facts.mutable_vpn()->mutable_tunnel()->set_up(false);
  for (const char* fact : {"disk.encryption_kdf", "hardware.serial", "os.id", "vpn.profiles"}) {
    facts.add_unreadable()->set_fact(fact);
  }
  MergeCollected(collected, facts);
  CHECK(facts.hardware().serial() == "PF0ABCDE");
  CHECK(facts.hardware().model() == "20W0");
  CHECK(facts.storage().disks_healthy());
  CHECK(facts.security().open_accounts() == 0);
  REQUIRE(facts.unreadable_size() == 1);  // what the collector has nothing to do with
  CHECK(facts.unreadable(0).fact() == "os.id");
  CHECK_FALSE(facts.vpn().tunnel().up());
}

TEST_CASE("profiles that only root can read come with their gateways") {
  Tree tree;
  tree.File("etc/openvpn/client/work.conf", "remote vpn.example 1194\nca ca.crt\ntls-crypt k\n",
            0600)
      .File("etc/openvpn/client/k", "no key");
  const Root root(tree.path());
  const v1::Facts collected = CollectForRoot(PlainWorld(root), {});
  REQUIRE(collected.vpn().profiles_size() == 1);
  REQUIRE(collected.vpn().gateways_size() == 1);
  CHECK(collected.vpn().gateways(0).host() == "vpn.example");
  // Nobody knows its key but the keyed collector.
  CHECK(collected.vpn().gateways(0).answer() == v1::GATEWAY_ANSWER_UNKNOWN);
  v1::Facts facts;
  facts.mutable_vpn()->add_profiles()->set_source("of the agent");
  MergeCollected(collected, facts);
  REQUIRE(facts.vpn().profiles_size() == 1);
  CHECK(facts.vpn().profiles(0).source() == "openvpn");
}

TEST_CASE("what the kernel does not tell the collector is told with its reason") {
  const Root root(Fixture("debian12"));
  KernelQuestions kernel;
  kernel.firewall_filters = [] { return absl::PermissionDeniedError("no"); };
  kernel.disk_health = [] { return absl::PermissionDeniedError("no"); };
  const v1::Facts facts = CollectForRoot(PlainWorld(root), kernel);
  CHECK(ReasonFor(facts, "firewall.filters") == "the kernel's rules cannot be read");
  CHECK(ReasonFor(facts, "disk.healthy").find("CAP_SYS_ADMIN") != std::string::npos);

  Tree tree;
  tree.File("etc/group", "").File("proc/net/ip_tables_names", "filter\n");
  const Root legacy(tree.path());
  kernel.firewall_filters = [] { return false; };
  const v1::Facts other = CollectForRoot(PlainWorld(legacy), kernel);
  CHECK_FALSE(other.security().has_firewall_filters());
  CHECK(ReasonFor(other, "firewall.filters") == "rules of iptables-legacy are not read");
}

TEST_CASE("without a collector the agent says so, of what nobody else can see") {
  v1::Facts facts;
  facts.mutable_security()->set_firewall_enabled(true);
  facts.mutable_storage()->add_disks()->set_name("sda");
  NoteMissingCollector(absl::NotFoundError("none"), facts);
  CHECK(ReasonFor(facts, "firewall.filters") == "needs the root collector");
  CHECK(ReasonFor(facts, "disk.healthy") == "needs the root collector");
  v1::Facts silent;
  silent.mutable_security()->set_firewall_enabled(true);
  NoteMissingCollector(absl::DeadlineExceededError("slow"), silent);
  CHECK(ReasonFor(silent, "firewall.filters") == "the root collector did not answer");
}

namespace {

// Answers one connection with `bytes`; without any, it keeps the caller waiting.
class SocketServer {
 public:
  SocketServer(const std::filesystem::path& path, std::optional<std::string> bytes) {
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener_, 1) == 0);
    if (!bytes) return;
    thread_ = std::jthread([fd = listener_, text = *bytes] {
      const int peer = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) return;
      for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t some = send(peer, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (some <= 0) break;
        sent += static_cast<std::size_t>(some);
      }
      close(peer);
    });
  }
  ~SocketServer() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }

 private:
  int listener_ = -1;
  std::jthread thread_;
};

}  // namespace

TEST_CASE("a collector without a key of any gateway says so, which is another thing than to die") {
  const Tree tree;
  const Root root(tree.path());
  Liveness options;
  options.random = LoadedBytes();
  const v1::Facts facts = CollectKeyed(PlainWorld(root), tree.path() / "gateways", options);
  CHECK(facts.vpn().gateways_size() == 0);
  CHECK_FALSE(facts.SerializeAsString().empty());
}

TEST_CASE("the agent reads the collector's answer, whatever it is, and never waits for ever") {
  const Tree tree;
  const auto path = tree.path() / "s";
  const auto soon = [] { return Deadline(std::chrono::milliseconds(200)); };
  SECTION("nobody is there") { CHECK(absl::IsNotFound(ReadCollector(path, soon()).status())); }
  SECTION("facts") {
    v1::Facts facts;
    facts.mutable_hardware()->set_serial("S1");
    const SocketServer server(path, facts.SerializeAsString());
    const auto answer = ReadCollector(path, Deadline(std::chrono::milliseconds(5000)));
    REQUIRE(answer.ok());
    CHECK(answer->hardware().serial() == "S1");
  }
  SECTION("nonsense, nothing, and too much") {
    {
      const SocketServer server(path, "\xff\xff\xff");
      CHECK(absl::IsDataLoss(
          ReadCollector(path, Deadline(std::chrono::milliseconds(5000))).status()));
    }
    unlink(path.c_str());
    {
      const SocketServer server(path, "");
      CHECK(absl::IsDataLoss(
          ReadCollector(path, Deadline(std::chrono::milliseconds(5000))).status()));
    }
    unlink(path.c_str());
    const SocketServer server(path, std::string(1024 * 1024, 'x'));
    CHECK(absl::IsResourceExhausted(
        ReadCollector(path, Deadline(std::chrono::milliseconds(5000))).status()));
  }
  SECTION("one that hangs") {
    const SocketServer server(path, std::nullopt);
    CHECK(absl::IsDeadlineExceeded(ReadCollector(path, soon()).status()));
  }
}

}  // namespace parc::agent
