// What guards a VPN profile: who may read it, its certificate, key, authority and revocation list,
// and whether it comes up by itself.

#include <unistd.h>

#include <catch2/catch.hpp>

#include "agent/vpn/certificate.h"
#include "agent/vpn/find.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

std::string Ovpn(const std::string& more) { return "client\nremote vpn.example 1194\n" + more; }

// The only profile of `tree`.
v1::VpnProfile Only(const Tree& tree, Notes& notes) {
  const Root root(tree.path());
  FoundProfiles found = FindProfiles(root, notes);
  REQUIRE(found.profiles.size() == 1);
  return found.profiles.front();
}

}  // namespace

TEST_CASE("a profile's certificate, key, authority and list are judged, and none of them is told") {
  const TestAuthority authority("VPN authority", kNoon);
  const TestAuthority other("another", kNoon);
  const TestCertificate own = authority.IssueServer("me", kNoon - kOneDay, kNoon + kOneDay);
  const TestCertificate strange = other.IssueServer("me", kNoon - kOneDay, kNoon + kOneDay);
  Notes notes;
  Tree tree;
  tree.File("etc/openvpn/client/work.conf",
            Ovpn("ca ca.pem\ncert me.pem\nkey me.key\ncrl-verify crl.pem\n"), 0600)
      .File("etc/openvpn/client/ca.pem", authority.pem())
      .File("etc/openvpn/client/crl.pem", authority.RevocationList(kNoon + 2 * kOneDay))
      .File("etc/openvpn/client/me.pem", own.pem)
      .File("etc/openvpn/client/me.key", own.key_pem, 0600);
  SECTION("as it should be") {
    const auto profile = Only(tree, notes);
    CHECK(profile.valid());
    CHECK(profile.root_only());
    CHECK_FALSE(profile.autoconnect());
    CHECK(profile.certificate().key_matches());
    CHECK(profile.certificate().trusted());
    CHECK(profile.ca_not_after_time().seconds() == (kNoon + 3650 * kOneDay) / 1'000'000);
    CHECK(profile.crl_next_update_time().seconds() == (kNoon + 2 * kOneDay) / 1'000'000);
    CHECK(profile.ShortDebugString().find("BEGIN") == std::string::npos);
    CHECK(notes.Sorted().empty());
  }
  SECTION("the key of another certificate") {
    tree.File("etc/openvpn/client/me.key", strange.key_pem, 0600);
    CHECK_FALSE(Only(tree, notes).certificate().key_matches());
  }
  SECTION("a key that is damaged, or missing") {
    tree.File("etc/openvpn/client/me.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n", 0600);
    CHECK_FALSE(Only(tree, notes).certificate().key_matches());
    unlink((tree.path() / "etc/openvpn/client/me.key").c_str());
    const auto profile = Only(tree, notes);
    CHECK(profile.problem() == "its private key is missing");
    CHECK_FALSE(profile.certificate().key_matches());
  }
  SECTION("a key that is locked cannot be told") {
    tree.File("etc/openvpn/client/me.key",
              "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
              0600);
    CHECK_FALSE(Only(tree, notes).certificate().has_key_matches());
    CHECK(ReasonFor(notes, "vpn.certificate.key_matches") == "a key is locked with a passphrase");
  }
  SECTION("a key on a token cannot be told") {
    tree.File("etc/openvpn/client/work.conf",
              Ovpn("ca ca.pem\ncert me.pem\nkey pkcs11:object=me\n"), 0600);
    CHECK_FALSE(Only(tree, notes).certificate().has_key_matches());
    CHECK(ReasonFor(notes, "vpn.certificate.key_matches") ==
          "the key is on a token, which is not asked");
  }
  SECTION("a certificate of another authority") {
    tree.File("etc/openvpn/client/me.pem", strange.pem);
    const auto profile = Only(tree, notes);
    CHECK_FALSE(profile.certificate().trusted());
    CHECK_FALSE(profile.certificate().key_matches());
  }
  SECTION("an authority that is missing or damaged") {
    tree.File("etc/openvpn/client/ca.pem", "nonsense");
    CHECK(Only(tree, notes).problem() == "its authority's certificate is damaged");
    unlink((tree.path() / "etc/openvpn/client/ca.pem").c_str());
    CHECK(Only(tree, notes).problem() == "its authority's certificate (ca) is missing");
  }
  SECTION("a list that is damaged") {
    tree.File("etc/openvpn/client/crl.pem", "nonsense");
    CHECK_FALSE(Only(tree, notes).has_crl_next_update_time());
    CHECK(ReasonFor(notes, "vpn.crl.next_update") == "a revocation list is damaged");
  }
  SECTION("somebody else may read the profile, or its key") {
    tree.File("etc/openvpn/client/me.key", own.key_pem, 0640);
    CHECK_FALSE(Only(tree, notes).root_only());
    tree.File("etc/openvpn/client/me.key", own.key_pem, 0600);
    CHECK(Only(tree, notes).root_only());
    tree.File("etc/openvpn/client/work.conf", Ovpn("ca ca.pem\n"), 0644);
    CHECK_FALSE(Only(tree, notes).root_only());
  }
  SECTION("systemd starts it") {
    tree.Link("etc/systemd/system/multi-user.target.wants/openvpn-client@work.service",
              "/lib/systemd/system/openvpn-client@.service");
    CHECK(Only(tree, notes).autoconnect());
  }
}

TEST_CASE("what is inline is judged as what is in files") {
  const TestAuthority authority("VPN authority", kNoon);
  const TestCertificate own = authority.IssueServer("me", kNoon - kOneDay, kNoon + kOneDay);
  Tree tree;
  tree.File("etc/openvpn/client/inline.ovpn",
            Ovpn("<ca>\n" + authority.pem() + "</ca>\n<cert>\n" + own.pem + "</cert>\n<key>\n" +
                 own.key_pem + "</key>\n<tls-crypt>\nsecret\n</tls-crypt>\n"),
            0600);
  Notes notes;
  const auto profile = Only(tree, notes);
  CHECK(profile.valid());
  CHECK(profile.certificate().key_matches());
  CHECK(profile.certificate().trusted());
  CHECK(profile.ShortDebugString().find("secret") == std::string::npos);
}

TEST_CASE("certificates may be DER, and a chain may come with one") {
  const TestAuthority authority("VPN authority", kNoon);
  const TestCertificate own = authority.IssueServer("me", kNoon - kOneDay, kNoon + kOneDay);
  CHECK(ReadVpnCertificate(own.der).ok());
  CHECK(KeyMatches(own.der, own.key_pem) == true);
  CHECK(ReadAuthority(authority.pem(), own.pem + authority.pem())->signs);
  // Its dates are another fact.
  const TestCertificate old = authority.IssueServer("me", kNoon - 9 * kOneDay, kNoon - kOneDay);
  CHECK(ReadAuthority(authority.pem(), old.pem)->signs);
  CHECK_FALSE(ReadAuthority("", own.pem).ok());
  CHECK_FALSE(KeyMatches("", own.key_pem));
  CHECK_FALSE(ReadNextUpdate(own.pem).ok());
}

TEST_CASE("protection that a profile switches off is what is wrong with it") {
  for (const char* line : {"cipher none", "auth none", "data-ciphers \"none\""}) {
    INFO(line);
    const std::string problem =
        ParseOpenVpn(Ovpn("ca ca.pem\n" + std::string(line) + "\n")).problem;
    CHECK(problem.find("it switches protection off (") == 0);
  }
  CHECK(ParseOpenVpn(Ovpn("ca ca.pem\nauth SHA256\n")).problem.empty());
}

TEST_CASE("OpenVPN's wraps are read with their keys, directions and digests") {
  const auto auth = ParseOpenVpn(Ovpn("ca c\ntls-auth ta.key 1\nauth SHA256\n")).wrap;
  CHECK(auth == Wrap{Wrap::Kind::kTlsAuth, {{}, "ta.key", {}}, 1, "SHA256"});
  const auto inside =
      ParseOpenVpn(Ovpn("ca c\nkey-direction 1\n<tls-auth>\nKEY\n</tls-auth>\n")).wrap;
  CHECK(inside == Wrap{Wrap::Kind::kTlsAuth, {"KEY\n", {}, {}}, 1, "SHA1"});
  CHECK(ParseOpenVpn(Ovpn("ca c\ntls-crypt tc.key\n")).wrap.kind == Wrap::Kind::kTlsCrypt);
  CHECK(ParseOpenVpn(Ovpn("ca c\ntls-crypt-v2 tc.key\n")).wrap.kind == Wrap::Kind::kOther);
}

TEST_CASE("openfortivpn's configuration names a gateway, and the one of the package names none") {
  const auto profile = ParseOpenFortiVpn(
      "# comment\nhost = ssl.example.org\nport = 10443\nusername = alice\npassword = hush\n"
      "user-cert = /etc/ssl/me.pem\nuser-key = /etc/ssl/me.key\nca-file = /etc/ssl/ca.pem\n"
      "trusted-cert = " +
      std::string(64, 'A') + "\n");
  REQUIRE(profile);
  CHECK(profile->problem.empty());
  CHECK(profile->gateways.at(0).port == 10443);
  CHECK(profile->gateways.at(0).pinned_sha256 == std::string(64, 'a'));
  CHECK(profile->key.file == "/etc/ssl/me.key");
  CHECK_FALSE(ParseOpenFortiVpn("### configuration file for openfortivpn\n"));
  CHECK(ParseOpenFortiVpn("host = a\ninsecure-ssl = 1\n")->problem ==
        "it accepts any certificate of the gateway (insecure-ssl)");
  CHECK(ParseOpenFortiVpn("host = a b\n")->problem == "its gateway is no host name and port");
  CHECK(ParseOpenFortiVpn("host = a\nport = 0\n")->problem ==
        "its gateway is no host name and port");
  CHECK(ParseOpenFortiVpn("host = a\ntrusted-cert = zz\n")->problem ==
        "its trusted-cert is no SHA-256");
  CHECK(ParseOpenFortiVpn(std::string_view("host\0", 5))->problem == "it is not a text file");
}

TEST_CASE("NetworkManager brings a VPN up with another connection, and WireGuard by itself") {
  Notes notes;
  const Root healthy(Fixture("ubuntu2204"));
  const auto found = FindProfiles(healthy, notes).profiles;
  REQUIRE(found.size() == 1);
  CHECK(found[0].autoconnect());
  const Root broken(Fixture("ubuntu2204-broken"));
  const auto other = FindProfiles(broken, notes).profiles;
  REQUIRE(other.size() == 1);
  CHECK_FALSE(other[0].autoconnect());
  CHECK(other[0].problem() == "a remote is no host name and port");
  const std::string wireguard = "[connection]\ntype=wireguard\n";
  const std::string peer =
      "[wireguard-peer." + std::string(kWireGuardKey) + "]\nendpoint=wg.example:51820\n";
  CHECK(ParseNetworkManager(wireguard + peer)->autoconnect == true);
  CHECK(ParseNetworkManager(wireguard + "autoconnect=false\n" + peer)->autoconnect == false);
  const auto keyed = ParseNetworkManager(
      wireguard + "[wireguard]\nprivate-key=" + std::string(kWireGuardKey) + "\n" + peer);
  REQUIRE(keyed->peers.size() == 1);
  CHECK(keyed->peers[0] ==
        WireGuardKeys{std::string(kWireGuardKey), std::string(kWireGuardKey), {}});
  const auto any = ParseNetworkManager(
      "[connection]\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.openconnect\n"
      "gateway=ssl.example\nprotocol=gp\n");
  CHECK(any->gateways.at(0).protocol == v1::GATEWAY_PROTOCOL_TLS);
}

TEST_CASE("strongSwan's connections come up by themselves when they say so") {
  const auto starts = [](const std::string& action) {
    return ParseSwanctl("connections {\n a {\n remote_addrs = ike.example\n children {\n  n {\n" +
                        action + "  }\n }\n }\n}\n")
        .at(0)
        .autoconnect;
  };
  CHECK(starts("start_action = start\n") == true);
  CHECK(starts("start_action = trap|start\n") == true);
  CHECK(starts("start_action = none\n") == false);
  CHECK(starts("") == false);
  CHECK(ParseIpsecConf("conn a\n  right=b\n  auto=route\n").at(0).autoconnect == true);
  CHECK(ParseIpsecConf("conn a\n  right=b\n  auto=add\n").at(0).autoconnect == false);
}

TEST_CASE("a WireGuard profile keeps each gateway beside the keys of its peer") {
  const std::string other = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
  const auto profile = ParseWireGuard(
      "[Interface]\nPrivateKey=" + std::string(kWireGuardKey) + "\n[Peer]\nPublicKey=" + other +
      "\nEndpoint=a.example:1\n[Peer]\nPublicKey=" + std::string(kWireGuardKey) +
      "\nPresharedKey=" + other + "\nEndpoint=b.example:2\n");
  CHECK(profile.problem.empty());
  REQUIRE(profile.gateways.size() == 2);
  REQUIRE(profile.peers.size() == 2);
  CHECK(profile.gateways[0].host == "a.example");
  CHECK(profile.peers[0].peer_public == other);
  CHECK(profile.peers[1].preshared == other);
  CHECK(profile.peers[1].own_private == kWireGuardKey);
}

TEST_CASE("gateways that speak TLS come with what they are to be known by") {
  const TestAuthority authority("VPN authority", kNoon);
  Tree tree;
  tree.File("etc/openfortivpn/config", "host = ssl.example\nca-file = /etc/vpn/ca.pem\n", 0600)
      .File("etc/vpn/ca.pem", authority.pem());
  Notes notes;
  const Root root(tree.path());
  const auto found = FindProfiles(root, notes);
  REQUIRE(found.gateways.size() == 1);
  CHECK(found.gateways[0].trusted_pem == authority.pem());
  CHECK(found.profiles.at(0).root_only());
}

}  // namespace parc::agent
