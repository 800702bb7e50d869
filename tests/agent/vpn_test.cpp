#include <catch2/catch.hpp>
#include <chrono>

#include "agent/vpn/certificate.h"
#include "agent/vpn/find.h"
#include "agent/vpn/profile.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

constexpr std::string_view kGoodOvpn = R"(client
dev tun
proto udp
remote vpn.example.org 1194
remote vpn2.example.org 443 tcp-client
<ca>
-----BEGIN CERTIFICATE-----
remote evil.example 1 udp
-----END CERTIFICATE-----
</ca>
; remote commented.example 1194
key /etc/openvpn/client/me.key
)";

std::string WireGuardFile(std::string_view endpoint, std::string_view key = kWireGuardKey) {
  return std::string("[Interface]\nPrivateKey = ") + std::string(key) +
         "\nAddress = 10.0.0.2/32\n[Peer]\nPublicKey = " + std::string(kWireGuardKey) +
         "\nEndpoint = " + std::string(endpoint) + "\nAllowedIPs = 0.0.0.0/0\n";
}

}  // namespace

TEST_CASE("an OpenVPN profile names its gateways") {
  const Profile profile = ParseOpenVpn(kGoodOvpn);
  CHECK(profile.problem.empty());
  REQUIRE(profile.gateways.size() == 2);
  CHECK(profile.gateways[0] ==
        Gateway{v1::GATEWAY_PROTOCOL_OPENVPN_UDP, "vpn.example.org", 1194, false});
  CHECK(profile.gateways[1] ==
        Gateway{v1::GATEWAY_PROTOCOL_OPENVPN_TCP, "vpn2.example.org", 443, false});
}

TEST_CASE("OpenVPN files of every kind are read, and what is wrong is said") {
  struct Row {
    std::string_view text;
    std::string_view problem;
  };
  const std::string binary = std::string("remote a 1\0ca b\n", 16);
  const Row rows[] = {
      {"remote vpn.example 1194\nca ca.crt\n", ""},
      {"remote vpn.example\r\nca ca.crt\r\n", ""},
      {"remote 2001:db8::1 1194\nca ca.crt\n", ""},
      {"<connection>\nremote vpn.example 1194 tcp\n</connection>\nca ca.crt\n", ""},
      {"", "it names no gateway (remote)"},
      {"ca ca.crt\n", "it names no gateway (remote)"},
      {"remote vpn.example 1194\n", "it names no authority (ca) to know the gateway by"},
      {"remote vpn.example 0\nca ca.crt\n", "a remote is no host name and port"},
      {"remote vpn.example 99999\nca ca.crt\n", "a remote is no host name and port"},
      {"remote $(reboot) 1194\nca ca.crt\n", "a remote is no host name and port"},
      {"remote vpn.example 1194\n<ca>\nabc\n", "an inline block is not closed"},
      {"remote vpn.example 1194\n<ca>\nabc\n</cert>\n", "an inline block is not closed"},
      {binary, "it is not a text file"},
      {"\x7f\x45LF\x02\x01", "it is not a text file"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(ParseOpenVpn(row.text).problem == row.problem);
  }
  CHECK(ParseOpenVpn("remote a 1\nca c\ntls-crypt ta.key\n").gateways.at(0).wrapped);
  CHECK(ParseOpenVpn("remote a 1\nca c\n<tls-auth>\nx\n</tls-auth>\n").gateways.at(0).wrapped);
}

TEST_CASE("a WireGuard file needs keys of 32 bytes and an endpoint") {
  CHECK(ParseWireGuard(WireGuardFile("vpn.example:51820")).problem.empty());
  CHECK(ParseWireGuard(WireGuardFile("[2001:db8::1]:51820")).gateways.at(0).host == "2001:db8::1");
  CHECK(ParseWireGuard(WireGuardFile("vpn.example")).problem ==
        "an endpoint is no host name and port");
  CHECK(ParseWireGuard(WireGuardFile("vpn.example:51820", "short")).problem ==
        "its private key is not 32 bytes in base64");
  CHECK(ParseWireGuard("[Interface]\n").problem == "it names no gateway (Endpoint)");
  CHECK(ParseWireGuard("").problem == "it names no gateway (Endpoint)");
  CHECK(IsWireGuardKey(kWireGuardKey));
  CHECK_FALSE(IsWireGuardKey("yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBml="));  // 258 bits
}

TEST_CASE("NetworkManager's connections are VPNs or none of our business") {
  CHECK_FALSE(ParseNetworkManager("[connection]\nid=Home\ntype=wifi\n[wifi]\nssid=secret\n"));
  CHECK_FALSE(ParseNetworkManager(""));
  const auto openvpn = ParseNetworkManager(
      "[connection]\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.openvpn\n"
      "remote=vpn.example:1194:udp, vpn2.example:443:tcp\nca=/etc/ca.pem\ncert=/etc/me.pem\n"
      "ta=/etc/ta.key\n");
  REQUIRE(openvpn);
  CHECK(openvpn->problem.empty());
  REQUIRE(openvpn->gateways.size() == 2);
  CHECK(openvpn->gateways[1].protocol == v1::GATEWAY_PROTOCOL_OPENVPN_TCP);
  CHECK(openvpn->gateways[0].wrapped);
  CHECK(openvpn->certificate.file == "/etc/me.pem");
  const auto ike = ParseNetworkManager(
      "[connection]\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.strongswan\n"
      "address=ike.example\n");
  REQUIRE(ike);
  CHECK(ike->gateways.at(0) == Gateway{v1::GATEWAY_PROTOCOL_IKEV2, "ike.example", 500, false});
  const auto tls = ParseNetworkManager(
      "[connection]\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.openconnect\n"
      "gateway=ssl.example:4443\n");
  CHECK(tls->gateways.at(0) ==
        Gateway{v1::GATEWAY_PROTOCOL_ANYCONNECT, "ssl.example", 4443, false});
  const auto wireguard =
      ParseNetworkManager("[connection]\ntype=wireguard\n[wireguard-peer." +
                          std::string(kWireGuardKey) + "]\nendpoint=wg.example:51820\n");
  CHECK(wireguard->problem.empty());
  CHECK(wireguard->tool == v1::VPN_TOOL_WIREGUARD);
  CHECK(ParseNetworkManager("[connection]\ntype=vpn\n[vpn]\nservice-type=x\n")->problem ==
        "its kind of VPN is not known to this version");
  CHECK(ParseNetworkManager(std::string_view("[connection]\0", 13))->problem ==
        "it is not a text file");
}

TEST_CASE("strongSwan's files give the connections that dial out") {
  const auto profiles = ParseSwanctl(
      "# the office\nconnections {\n  office {\n    remote_addrs = ike.example, ike2.example\n"
      "    local-1 { auth = pubkey\n certs = me.pem }\n    children { net { } }\n  }\n"
      "  responder { remote_addrs = %any }\n}\nsecrets { ike { secret = \"hush\" } }\n");
  REQUIRE(profiles.size() == 1);
  CHECK(profiles[0].name == "office");
  CHECK(profiles[0].gateways.at(0).host == "ike.example");
  CHECK(profiles[0].certificate.file == "/etc/swanctl/x509/me.pem");
  CHECK(ParseSwanctl("include conf.d/*.conf\n").empty());
  CHECK(ParseSwanctl("connections {\n").at(0).problem == "its braces do not balance");
  CHECK(ParseSwanctl("}").at(0).problem == "its braces do not balance");
  CHECK(ParseSwanctl(std::string(100'000, '{')).at(0).problem == "its braces do not balance");

  const auto conns = ParseIpsecConf(
      "config setup\n  uniqueids = no\nconn %default\n  leftcert=me.pem\nconn office\n"
      "  right=ike.example  # here\nconn in\n  right=%any\n");
  REQUIRE(conns.size() == 1);
  CHECK(conns[0].name == "office");
  CHECK(conns[0].certificate.file == "/etc/ipsec.d/certs/me.pem");
}

TEST_CASE("profiles are found where the tools keep them") {
  const TestCertificate certificate = MakeSelfSigned("alice", kNoon, kNoon + kOneDay);
  Tree tree;
  tree.File("etc/openvpn/client/work.ovpn",
            "remote vpn.example 1194\nca ca.crt\n<cert>\n" + certificate.pem + "</cert>\n")
      .File("etc/openvpn/client/file.conf", "remote vpn.example 1194\nca ca.crt\ncert me.crt\n")
      .File("etc/openvpn/client/me.crt", certificate.pem)
      .File("etc/openvpn/client/ca.crt", certificate.pem)
      .File("etc/openvpn/client/missing.conf", "remote vpn.example 1194\nca ca.crt\ncert no.crt\n")
      .File("etc/openvpn/client/token.conf",
            "remote vpn.example 1194\nca ca.crt\ncert pkcs11:object=me\n")
      .File("etc/wireguard/wg0.conf", WireGuardFile("wg.example:51820"))
      .File("etc/swanctl/swanctl.conf", "connections { a { remote_addrs = ike.example } }\n")
      .File("etc/NetworkManager/system-connections/home.nmconnection",
            "[connection]\ntype=wifi\n[wifi]\nssid=HomeNet\n");
  const Root root(tree.path());
  Notes notes;
  const FoundProfiles found = FindProfiles(root, notes);
  REQUIRE(found.profiles.size() == 6);
  int with_certificate = 0;
  for (const v1::VpnProfile& profile : found.profiles) {
    INFO(profile.ShortDebugString());
    CHECK(profile.fingerprint().size() == 16);
    if (profile.has_certificate()) {
      ++with_certificate;
      CHECK(profile.valid());
      CHECK(profile.certificate().not_after_time().seconds() == (kNoon + kOneDay) / 1'000'000);
      CHECK(profile.certificate().issuer_hash().size() == 64);
    }
    if (!profile.valid()) CHECK(profile.problem() == "its client certificate is missing");
    CHECK(profile.ShortDebugString().find("HomeNet") == std::string::npos);
  }
  CHECK(with_certificate == 2);
  REQUIRE(found.gateways.size() == 3);  // each once
  CHECK(found.gateways[0].host == "vpn.example");
  CHECK(notes.Sorted().empty());
}

TEST_CASE("hostile VPN files are told as broken, quickly, and nothing of them is sent") {
  Tree outside;
  outside.File("shadow", "root:$6$secret:19000\n");
  Tree tree;
  tree.File("etc/openvpn/client/huge.ovpn",
            "remote vpn.example 1194\nca c\n" + std::string(10 * 1024 * 1024, '#'))
      .File("etc/openvpn/client/unclosed.ovpn", "remote vpn.example 1194\n<ca>\nsecret-body\n")
      .Link("etc/openvpn/client/shadow.conf", outside.path().string() + "/shadow")
      .Link("etc/openvpn/client/climb.conf", "../../../../../../etc/shadow")
      .File("etc/openvpn/client/binary.conf", std::string("\x7f"
                                                          "ELF\0\1\2",
                                                          7))
      .File("etc/openvpn/client/empty.conf", "")
      .File("etc/openvpn/client/certificate.conf",
            "remote vpn.example 1194\nca c\ncert ../../shadow\n")
      .File("etc/shadow", "root:$6$secret:19000\n")
      .Directory("etc/wireguard/folder.conf");
  const Root root(tree.path());
  Notes notes;
  const auto start = std::chrono::steady_clock::now();
  const FoundProfiles found = FindProfiles(root, notes);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  REQUIRE(found.profiles.size() == 8);
  std::map<std::string, int> problems;
  for (const v1::VpnProfile& profile : found.profiles) {
    CHECK_FALSE(profile.valid());
    CHECK_FALSE(profile.has_certificate());
    CHECK(profile.ShortDebugString().find("secret") == std::string::npos);
    ++problems[profile.problem()];
  }
  CHECK(problems["it is larger than 256 KiB"] == 1);
  CHECK(problems["an inline block is not closed"] == 1);
  CHECK(problems["it is no file of its folder"] == 3);
  CHECK(problems["it is not a text file"] == 1);
  CHECK(problems["it names no gateway (remote)"] == 1);
  CHECK(problems["its client certificate is damaged"] == 1);
}

TEST_CASE("clients are read from the package manager, and by their programs without it") {
  Notes notes;
  const auto clients_of = [&](const char* fixture) {
    const Root root(Fixture(fixture));
    return FindClients(root, ReadPackages(PlainWorld(root)), notes);
  };
  const auto clients = clients_of("debian12");
  REQUIRE(clients.size() == 2);
  CHECK(clients[0].tool() == v1::VPN_TOOL_OPENVPN);
  CHECK(clients[0].version() == "2.6.3-1+deb12u2");
  CHECK(clients[1].tool() == v1::VPN_TOOL_WIREGUARD);
  REQUIRE(clients_of("ubuntu2404").size() == 2);
  CHECK(clients_of("ubuntu2404")[1].tool() == v1::VPN_TOOL_FORTISSL);
  REQUIRE(clients_of("fedora40").size() == 2);
  CHECK(clients_of("fedora40")[0].version().empty());
  CHECK(notes.Sorted().empty());

  const Root fedora(Fixture("fedora40"));
  World world = PlainWorld(fedora);
  world.rpm_packages = ParseRpmList("openvpn\t2.6.12-1.fc40\nbash\t5.2-1\nodd line\n\tno name\n");
  const auto by_rpm = FindClients(fedora, ReadPackages(world), notes);
  REQUIRE(by_rpm.size() == 1);
  CHECK(by_rpm[0].version() == "2.6.12-1.fc40");
}

TEST_CASE("hosts and ports are split, and nothing else passes for one") {
  CHECK(SplitHostPort("vpn.example:443")->port == 443);
  CHECK(SplitHostPort("vpn.example")->port == 0);
  CHECK(SplitHostPort("[::1]:443")->host == "::1");
  CHECK(SplitHostPort("2001:db8::1")->host == "2001:db8::1");
  for (const char* bad : {"", ":443", "a:", "a:x", "a:0", "a:65536", "[::1", "[::1]x",
                          "[::1]:", "a b", "a;b:1", "-rf:1", "é:1"}) {
    INFO(bad);
    CHECK_FALSE(SplitHostPort(bad));
  }
}

}  // namespace parc::agent
