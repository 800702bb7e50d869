"""Asks real VPN servers (OpenVPN, strongSwan, ocserv, WireGuard in user space) in a network namespace of its own: each
answers as it should, and with a key, an authority or a port that is wrong on purpose it does not.

Needs root, TUN and the servers; without, it is skipped and says why."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from namespaces import enter_namespaces

PATIENCE = 20.0
ASK = os.environ["PARC_ASK_GATEWAYS"]
NEEDED = ["/usr/sbin/openvpn", "/usr/sbin/ocserv", "/usr/lib/ipsec/charon", "/usr/bin/wireguard-go", "/usr/bin/wg", "/usr/sbin/nft"]


def fail(what):
    sys.exit(f"real_gateways_test: {what}")


def run(*words, text=None):
    ended = subprocess.run(words, input=text, capture_output=True, text=True, timeout=PATIENCE)
    if ended.returncode != 0:
        fail(f"{' '.join(words)}: {ended.stdout}{ended.stderr}")
    return ended.stdout


class World:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.root = self.folder / "root"
        self.servers = []

    def path(self, name):
        return str(self.folder / name)

    def profile(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)

    def serve(self, name, words, sign, env=None):
        """Starts a server and waits for the line that says that it serves."""
        log = open(self.path(name + ".log"), "w+")
        server = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        self.servers.append(server)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            said = pathlib.Path(log.name).read_text()
            if sign(said):
                return
            if server.poll() is not None:
                fail(f"{name} ended with {server.returncode}: {said}")
            time.sleep(0.05)
        fail(f"{name} does not serve: {pathlib.Path(log.name).read_text()}")

    def stop(self):
        for server in self.servers:
            server.send_signal(signal.SIGTERM)
        for server in self.servers:
            try:
                server.wait(timeout=5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def authority(self, name):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            f"/CN={name}", "-keyout", self.path(name + ".key"), "-out", self.path(name + ".pem"))

    def certificate(self, authority, name):
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", self.path(name + ".key"), "-out", self.path(name + ".csr"))
        pathlib.Path(self.path("ext")).write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        run("openssl", "x509", "-req", "-in", self.path(name + ".csr"), "-CA", self.path(authority + ".pem"), "-CAkey",
            self.path(authority + ".key"), "-CAcreateserial", "-days", "30", "-extfile", self.path("ext"), "-out",
            self.path(name + ".pem"))

    def ask(self):
        return run(ASK, str(self.root)).splitlines()


def openvpn(world, name, port, proto, wrap):
    words = ["/usr/sbin/openvpn", "--dev", "tun", "--proto", proto, "--local", "127.0.0.1", "--port", str(port), "--topology",
             "subnet", "--server", f"10.{port % 250}.0.0", "255.255.255.0", "--ca", world.path("vpn.pem"), "--cert",
             world.path("gateway.pem"), "--key", world.path("gateway.key"), "--dh", "none", "--verb", "3", *wrap]
    world.serve(name, words, lambda said: "Initialization Sequence Completed" in said)


def client(port, more="", proto="udp"):
    return f"client\nremote 127.0.0.1 {port} {proto}\nca /vpn.pem\n{more}"


def start_openvpn(world):
    run("openvpn", "--genkey", "secret", world.path("ta.key"))
    run("openvpn", "--genkey", "secret", world.path("other.key"))
    openvpn(world, "plain", 11941, "udp", [])
    openvpn(world, "auth", 11942, "udp", ["--tls-auth", world.path("ta.key"), "0"])
    openvpn(world, "crypt", 11943, "udp", ["--tls-crypt", world.path("ta.key")])
    openvpn(world, "auth256", 11944, "udp", ["--tls-auth", world.path("ta.key"), "0", "--auth", "SHA256"])
    openvpn(world, "tcp", 11945, "tcp-server", [])
    openvpn(world, "tcpcrypt", 11946, "tcp-server", ["--tls-crypt", world.path("ta.key")])
    folder = "etc/openvpn/client/"
    for name, key in (("ta.key", "ta.key"), ("other.key", "other.key")):
        world.profile(folder + name, pathlib.Path(world.path(key)).read_text())
    world.profile("vpn.pem", pathlib.Path(world.path("vpn.pem")).read_text())
    world.profile(folder + "plain.conf", client(11941))
    world.profile(folder + "auth.conf", client(11942, "tls-auth ta.key 1\n"))
    world.profile(folder + "crypt.conf", client(11943, "tls-crypt ta.key\n"))
    world.profile(folder + "auth256.conf", client(11944, "tls-auth ta.key 1\nauth SHA256\n"))
    world.profile(folder + "tcp.conf", client(11945, proto="tcp"))
    world.profile(folder + "tcpcrypt.conf", client(11946, "tls-crypt ta.key\n", "tcp"))
    return ["OPENVPN_UDP 11941 REACHABLE", "OPENVPN_UDP 11942 AUTHENTICATED", "OPENVPN_UDP 11943 AUTHENTICATED",
            "OPENVPN_UDP 11944 AUTHENTICATED", "OPENVPN_TCP 11945 REACHABLE", "OPENVPN_TCP 11946 AUTHENTICATED"]


def start_strongswan(world):
    pathlib.Path(world.path("strongswan.conf")).write_text(
        "charon {\n install_routes = no\n install_virtual_ip = no\n filelog {\n  stderr {\n   default = 1\n  }\n }\n}\n")
    world.serve("charon", ["/usr/lib/ipsec/charon"], lambda said: "spawning" in said, {"STRONGSWAN_CONF": world.path("strongswan.conf")})
    world.profile("etc/swanctl/conf.d/office.conf", "connections {\n office {\n remote_addrs = 127.0.0.1\n }\n nat {\n"
                  " remote_addrs = 127.0.0.1\n remote_port = 4500\n }\n}\n")
    return ["IKEV2 500 REACHABLE", "IKEV2 4500 REACHABLE"]


def start_ocserv(world):
    pathlib.Path(world.path("passwd")).write_text("")
    pathlib.Path(world.path("ocserv.conf")).write_text(
        f"auth = \"plain[passwd={world.path('passwd')}]\"\nlisten-host = 127.0.0.1\ntcp-port = 11947\nrun-as-user = nobody\n"
        f"run-as-group = daemon\nsocket-file = /run/ocserv.sock\nserver-cert = {world.path('gateway.pem')}\n"
        f"server-key = {world.path('gateway.key')}\nisolate-workers = false\nmax-clients = 4\nkeepalive = 32400\n"
        "device = vpns\nipv4-network = 10.99.0.0\nipv4-netmask = 255.255.255.0\ncisco-client-compat = true\nuse-occtl = false\n"
        "tls-priorities = \"NORMAL\"\nauth-timeout = 20\ncookie-timeout = 30\nrekey-time = 1000\ndpd = 90\nmobile-dpd = 90\n")
    world.serve("ocserv", ["/usr/sbin/ocserv", "--foreground", "--config", world.path("ocserv.conf")],
                lambda said: "listening (TCP) on 127.0.0.1:11947" in said)
    connection = "[connection]\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.openconnect\n"
    folder = "etc/NetworkManager/system-connections/"
    world.profile(folder + "ssl.nmconnection", connection + "gateway=127.0.0.1:11947\ncacert=/vpn.pem\n")
    return ["ANYCONNECT 11947 AUTHENTICATED trusted"]


def start_wireguard(world):
    keys = {}
    for name in ("gateway", "laptop", "stranger"):
        keys[name] = run("wg", "genkey").strip()
        keys[name + ".pub"] = run("wg", "pubkey", text=keys[name]).strip()
    pathlib.Path(world.path("wg.key")).write_text(keys["gateway"])
    world.serve("wireguard", ["/usr/bin/wireguard-go", "wg0"], lambda said: os.path.exists("/run/wireguard/wg0.sock"),
                {"WG_PROCESS_FOREGROUND": "1"})
    run("wg", "set", "wg0", "listen-port", "11948", "private-key", world.path("wg.key"), "peer", keys["laptop.pub"],
        "allowed-ips", "10.98.0.2/32")
    run("ip", "link", "set", "wg0", "up")

    def profile(own, peer, port):
        return f"[Interface]\nPrivateKey = {own}\n[Peer]\nPublicKey = {peer}\nEndpoint = 127.0.0.1:{port}\nAllowedIPs = 0.0.0.0/0\n"

    world.profile("etc/wireguard/office.conf", profile(keys["laptop"], keys["gateway.pub"], 11948))
    return ["WIREGUARD 11948 AUTHENTICATED"], profile(keys["stranger"], keys["gateway.pub"], 11948)


def expect(world, expected, what):
    answers = world.ask()
    for line in expected:
        if line not in answers:
            fail(f"{what}: no \"{line}\" among\n" + "\n".join(answers))
    print(f"{what}: " + "; ".join(expected))


def break_things(world, stranger):
    """One thing is wrong at a time; the others go on as before."""
    folder = "etc/openvpn/client/"
    shutil.rmtree(world.root / "etc")
    for name in ("ta.key", "other.key"):
        world.profile(folder + name, pathlib.Path(world.path(name)).read_text())
    world.profile(folder + "auth.conf", client(11942, "tls-auth other.key 1\n"))
    world.profile(folder + "crypt.conf", client(11943, "tls-crypt other.key\n"))
    world.profile(folder + "v2.conf", client(11944, "tls-crypt-v2 v2.key\n"))
    world.profile(folder + "closed.conf", client(11950))
    world.profile(folder + "closedtcp.conf", client(11950, proto="tcp"))
    world.profile("etc/wireguard/office.conf", stranger)
    world.profile("other.pem", pathlib.Path(world.path("other.pem")).read_text())
    world.profile("etc/NetworkManager/system-connections/ssl.nmconnection",
                  "[connection]\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.openconnect\n"
                  "gateway=127.0.0.1:11947\ncacert=/other.pem\n")
    expect(world, ["OPENVPN_UDP 11942 SILENT", "OPENVPN_UDP 11943 SILENT", "OPENVPN_UDP 11944 UNKNOWN", "OPENVPN_UDP 11950 REFUSED",
                   "OPENVPN_TCP 11950 REFUSED", "WIREGUARD 11948 SILENT", "ANYCONNECT 11947 REACHABLE untrusted",
                   "firewall open", "handshake 0"], "wrong keys, ports and authorities")


def block_udp(world):
    shutil.rmtree(world.root / "etc")
    world.profile("etc/openvpn/client/plain.conf", client(11941))
    world.profile("etc/openvpn/client/tcp.conf", client(11945, proto="tcp"))
    run("nft", "add table inet f; add chain inet f input { type filter hook input priority 0; policy drop; }; "
        "add rule inet f input ip protocol tcp accept")
    expect(world, ["OPENVPN_UDP 11941 SILENT", "OPENVPN_TCP 11945 REACHABLE", "firewall filters"], "UDP is blocked")


def main():
    if sys.argv[1:] != ["inside"]:
        enter_namespaces(__file__, NEEDED)
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    run("ip", "link", "set", "lo", "up")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        world = World(folder)
        try:
            world.authority("vpn")
            world.authority("other")
            world.certificate("vpn", "gateway")
            expected = start_openvpn(world) + start_strongswan(world) + start_ocserv(world)
            wireguard, stranger = start_wireguard(world)
            expect(world, expected + wireguard + ["firewall open"], "real servers answer")
            break_things(world, stranger)
            block_udp(world)
        finally:
            world.stop()


main()
