"""A laptop behind real tunnels: in network namespaces of its own, parcd, the agent with its root collector behind systemd's
socket activation, and `parc`, with an OpenVPN and a WireGuard gateway. The tunnel is seen to be up, with its routes, its
name server and its handshake; then one thing at a time is broken on purpose, and `parc why` must name that rung, no other,
and its remedy.

Needs root, TUN and the servers; without, it is skipped and says why."""

import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from namespaces import enter_namespaces  # noqa: E402
from parc_world import BIN, World, wait_until  # noqa: E402

PATIENCE = 30.0
# After a first report the package manager may be asked, which has a minute.
LONGEST = 120.0
NEEDED = ["/usr/sbin/openvpn", "/usr/bin/wireguard-go", "/usr/bin/wg", "/usr/sbin/nft", "/usr/bin/faketime",
          "/usr/bin/systemd-socket-activate", "/usr/bin/nsenter", "/usr/sbin/ip"]
SERVER, LAPTOP, INSIDE, WG_INSIDE = "192.0.2.1", "192.0.2.2", "10.8.0.1", "10.9.0.1"
# The rungs of this test. The others are of the machine that it runs on.
OURS = re.compile(r"vpn-|net-|captive-portal|time-sane|time-past|applications-|agent-")
NOBODY = 65534


def fail(what):
    raise AssertionError(what)


def run(*words, text=None, ok=True):
    ended = subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True, timeout=LONGEST)
    if ok and ended.returncode != 0:
        fail(f"{' '.join(map(str, words))}: {ended.stdout}{ended.stderr}")
    return ended.stdout


class NameServer(threading.Thread):
    """Answers questions for IPv4 addresses over UDP; about the names in `silent`, nothing at all."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("0.0.0.0", 53))
        self.names = {name: SERVER for name in (b"vpn.test", b"portal.test", b"parcd.test")}
        self.silent = set()
        self.start()

    def run(self):
        while True:
            question, asker = self.socket.recvfrom(4096)
            answer = self.answer(question)
            if answer:
                self.socket.sendto(answer, asker)

    def answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]])
            at += 1 + question[at]
        kind = question[at + 1 : at + 3]
        name = b".".join(labels).lower()
        if name in self.silent:
            return None
        address = self.names.get(name)
        found = address is not None and kind == b"\0\1"
        head = question[:2] + (b"\x81\x80" if address else b"\x81\x83") + b"\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0"
        record = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 1, 4) + socket.inet_aton(address) if found else b""
        return head + question[12 : at + 5] + record


class HttpServer(threading.Thread):
    """Answers every connection with `answer`, as a portal's gateway does in the place of whoever was asked."""

    OPEN = b"HTTP/1.1 204 No Content\r\n\r\n"
    PORTAL = b"HTTP/1.1 302 Found\r\nLocation: http://login.hotel.test/\r\nContent-Length: 0\r\n\r\n"

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("0.0.0.0", 80))
        self.answer = self.OPEN
        self.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(4096)
                    connection.sendall(self.answer)
                except OSError:
                    pass


class Laptop:
    """A network and mounts of its own within the test's: profiles, names and units of the laptop alone."""

    def __init__(self, folder):
        self.folder = folder
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "--propagation", "private", "sleep", "infinity"])
        pid = self.holder.pid
        wait_until(lambda: os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net"), "the laptop's network")
        wait_until(lambda: os.path.exists(f"/proc/{pid}/exe") and os.readlink(f"/proc/{pid}/exe").endswith("sleep"), "the laptop")
        self.enter = ["nsenter", "--target", str(pid), "--net", "--mount", "--"]
        run("ip", "link", "add", "outside", "type", "veth", "peer", "name", "eth0", "netns", pid)
        run("ip", "addr", "add", f"{SERVER}/24", "dev", "outside")
        run("ip", "link", "set", "outside", "up")
        self.run("mount", "-t", "sysfs", "sysfs", "/sys")
        for name, text in (("hosts", "127.0.0.1 localhost\n"), ("resolv.conf", self.resolver(SERVER))):
            (folder / name).write_text(text)
            self.run("mount", "--bind", folder / name, f"/etc/{name}")
        for place in ("/etc/openvpn", "/etc/wireguard", "/etc/systemd/system"):
            self.run("mount", "-t", "tmpfs", "tmpfs", place)
        self.run("mkdir", "-p", "/etc/openvpn/client", "/etc/systemd/system/multi-user.target.wants")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "addr", "add", f"{LAPTOP}/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")
        self.run("ip", "route", "add", "default", "via", SERVER)

    @staticmethod
    def resolver(server):
        return f"nameserver {server}\noptions timeout:1 attempts:1\n"

    def run(self, *words, text=None, ok=True):
        return run(*self.enter, *words, text=text, ok=ok)

    def write(self, path, text, mode="600"):
        self.run("sh", "-c", 'cat >"$1" && chmod "$2" "$1"', "-", path, mode, text=text)

    def enable(self, unit):
        self.run("ln", "-sf", "/lib/systemd/system/any.service", f"/etc/systemd/system/multi-user.target.wants/{unit}")


def clock(offset):
    """The environment of a program whose clock is off by so many seconds."""
    (library,) = pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


class Bench:
    """The whole world of the test."""

    def __init__(self, world):
        self.world = world
        self.folder = world.root
        self.folder.chmod(0o755)
        self.started = []
        self.names, self.http = NameServer(), HttpServer()
        self.app = socket.create_server(("0.0.0.0", 8080))
        self.laptop = Laptop(self.folder)
        self.state = self.folder / "agent"
        self.state.mkdir()
        os.chown(self.state, NOBODY, NOBODY)
        self.clock = {}

    # ── what runs ──

    def start(self, name, words, sign=lambda said: True, inside=True, env=None):
        """Starts a program and waits for what it says when it serves."""
        words = [*(self.laptop.enter if inside else []), *map(str, words)]
        path = self.folder / f"{name}.log"
        with path.open("w") as log:
            program = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        self.started.append(program)
        try:
            wait_until(lambda: sign(path.read_text()) or program.poll() is not None, f"{name}'s serving", PATIENCE)
        except AssertionError as error:
            fail(f"{error}\n{path.read_text()}")
        if program.poll() is not None:
            fail(f"{name} ended with {program.returncode}: {path.read_text()}")
        return program

    def end(self, program):
        self.started.remove(program)
        program.terminate()
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def stop(self):
        for program in list(self.started):
            self.end(program)
        self.laptop.holder.kill()
        self.laptop.holder.wait()

    def start_parc(self):
        self.world.config.write_text(
            f'state_dir = "{self.world.state}"\n[listen]\nagent = "{SERVER}:8443"\ngateway = "{SERVER}:8444"\n'
            f'people = "127.0.0.1:8445"\nmetrics = "127.0.0.1:8446"\n[public]\nhost_names = ["localhost", "parcd.test"]\n'
            'agent_endpoint = "parcd.test:8443"\nenrolment_endpoint = "parcd.test:8444"\n[checkin]\nleast_seconds = 0\n')
        self.world.start()
        self.world.log_in()
        self.world.parc("import", "people", self.world.file("people.csv", b"Matricule;Nom;Population\np-1;Camille Roy;staff\n"))
        self.world.parc("import", "laptops", self.world.file("laptops.csv", "Étiquette;Modèle;État\nPC-1;X1;Prêt\n".encode()))
        self.world.parc("assign", "PC-1", "p-1")
        shipped = self.world.parc("policy", "show", "--toml").stdout
        policy = self.world.file("policy.toml", (
            shipped + f'\n[[application]]\nid = "intranet"\nhost = "{INSIDE}"\nport = 8080\nthrough_vpn = true\n').encode())
        self.world.parc("policy", "apply", policy, "--yes", "--reason", "the intranet")
        (self.folder / "agent.toml").write_text('[network]\nportal_test = "http://portal.test/"\n')
        self.agent("enrol", "-", text=self.world.parc("enrol", "new", "--laptop", "PC-1").stdout)

    def start_collectors(self, environment=None):
        """As the units of agent/install do: a process of root for each question, behind a socket."""
        pathlib.Path("/run/parc-collect").mkdir(exist_ok=True)
        memory = self.folder / "parc-collect"
        memory.mkdir(exist_ok=True)
        programs = []
        for what in ("facts", "gateways"):
            path = pathlib.Path(f"/run/parc-collect/{what}.sock")
            path.unlink(missing_ok=True)
            words = ["systemd-socket-activate", "--accept", "--inetd", f"--listen={path}", f"--setenv=STATE_DIRECTORY={memory}"]
            words += [f"--setenv={name}={value}" for name, value in (environment or {}).items()]
            programs.append(self.start(f"collect-{what}", [*words, BIN / "parc-collect", what], lambda said, path=path: path.exists()))
            path.chmod(0o666)
        return programs

    # ── what is asked ──

    def agent(self, *words, text=None):
        """The agent as its service runs it: as the owner of its state, which is not root."""
        environment = [f"{name}={value}" for name, value in self.clock.items()]
        return run(*self.laptop.enter, "env", *environment, BIN / "parc-agent", "--config", self.folder / "agent.toml", "--state-dir",
                   self.state, *words, text=text)

    def report(self):
        """A report for which gateways and applications are looked at anew, as after a quarter of an hour."""
        for memory in (self.state / "gateways", self.state / "applications", self.folder / "parc-collect/gateways"):
            memory.unlink(missing_ok=True)
        self.agent("once")
        checks = self.world.parc_json("why", "PC-1")["readiness"]["checks"]
        return {check["check"]: check for check in checks if OURS.match(check["check"])}

    def expect(self, what, failing, passing=(), headline=None):
        """`failing`: the rungs that fail, each with words of its evidence; no other of ours does. `headline`: the first broken
        rung, which `parc why` tells to mend first; without one it is of the machine that the test runs on."""
        checks = self.report()
        failed = {name: check for name, check in checks.items() if check["outcome"] == "CHECK_OUTCOME_FAIL"}
        told = "\n".join(f"{n}: {c['outcome']} {c.get('evidence', '')}" for n, c in checks.items())
        if set(failed) != set(failing):
            fail(f"{what}: {list(failed)} fail, not {list(failing)}\n{told}")
        for name, evidence in failing.items():
            if evidence not in failed[name].get("evidence", ""):
                fail(f"{what}: {name} fails by \"{failed[name].get('evidence')}\", not by \"{evidence}\"")
        for name in passing:
            if checks[name]["outcome"] != "CHECK_OUTCOME_PASS":
                fail(f"{what}: {name} does not pass\n{told}")
        self.expect_words(what, failed, headline)
        print(f"✓ {what}: " + ("; ".join(f"{n} ({c.get('evidence', '')}) → {c['remedyEn']}" for n, c in failed.items()) or "nothing fails")
              + (f"; first: {headline}" if headline else "") + (f"; passes: {', '.join(passing)}" if passing else ""))

    def expect_words(self, what, failed, headline=None):
        """What a technician reads, in both languages: under each rung that fails its remedy, and none elsewhere; under the first
        broken one, whether others share it."""
        for language, remedy, title, verdict, alone in (
            ("en", "remedyEn", "titleEn", "not ready", "no other laptop that somebody holds is in the same case"),
            ("fr", "remedyFr", "titleFr", "inapte", "aucun autre poste détenu n'est dans ce cas")):  # fmt: skip
            text = self.world.parc("why", "PC-1", "--lang", language).stdout
            rungs = re.split(r"\n  (?=[^ ] )", text)
            for name, check in failed.items():
                (rung,) = [" ".join(rung.split()) for rung in rungs if f"({name})" in rung]
                if check[title] not in rung or f"→ {check[remedy]}" not in rung:
                    fail(f"{what}: parc why does not say → {check[remedy]}\n{rung}")
            first = [re.search(r"\(([a-z0-9-]+)\)", rung)[1] for rung in rungs if alone in " ".join(rung.split())]
            if headline and (first != [headline] or verdict not in text.splitlines()[0]):
                fail(f"{what}: {first} is the first broken rung, not {headline}\n{text}")


# ── certificates ──

EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def authority(bench, name, when="+0d"):
    run("faketime", "-f", when, "openssl", "req", "-x509", *EC, "-days", "365", "-subj", f"/CN={name}", "-keyout", bench.folder / f"{name}.key",
        "-out", bench.folder / f"{name}.pem")


def certificate(bench, issuer, name, days, usage="clientAuth", when="+0d"):
    here = bench.folder
    run("openssl", "req", *EC, "-subj", f"/CN={name}", "-keyout", here / f"{name}.key", "-out", here / f"{name}.csr")
    (here / "ext").write_text(f"keyUsage=digitalSignature\nextendedKeyUsage={usage}\n")
    run("faketime", "-f", when, "openssl", "x509", "-req", "-in", here / f"{name}.csr", "-CA", here / f"{issuer}.pem", "-CAkey",
        here / f"{issuer}.key", "-CAcreateserial", "-days", days, "-extfile", here / "ext", "-out", here / f"{name}.pem")


def text_of(bench, name):
    return (bench.folder / name).read_text()


# ── OpenVPN ──

def start_gateway(bench, port, *more):
    here = bench.folder
    return bench.start(f"openvpn-{port}", [
        "openvpn", "--dev", f"tun{port}", "--dev-type", "tun", "--proto", "udp", "--local", SERVER, "--port", port, "--topology", "subnet",
        "--server", f"10.{8 if port == 1194 else 18}.0.0", "255.255.255.0", "--ca", here / "vpn.pem", "--cert", here / "gateway.pem",
        "--key", here / "gateway.key", "--dh", "none", "--verb", "3", "--push", "redirect-gateway def1", "--push",
        f"dhcp-option DNS {INSIDE}", *more], lambda said: "Initialization Sequence Completed" in said, inside=False)


class Profile:
    """/etc/openvpn/client/office.conf, and what may be wrong with it."""

    def __init__(self, bench, certificate="laptop", key="laptop", ca="vpn", port=1194, more="", text=None, mode="600"):
        self.text = text if text is not None else (
            f"client\ndev tun0\nnobind\nremote vpn.test {port} udp\nca ca.pem\ncert laptop.pem\nkey laptop.key\nremote-cert-tls server\n{more}")
        bench.laptop.run("sh", "-c", "rm -rf /etc/openvpn/client/*")
        for name, source in (("ca.pem", f"{ca}.pem"), ("laptop.pem", f"{certificate}.pem"), ("laptop.key", f"{key}.key")):
            bench.laptop.write(f"/etc/openvpn/client/{name}", text_of(bench, source))
        bench.laptop.write("/etc/openvpn/client/office.conf", self.text, mode)


DNS_SCRIPT = """#!/bin/sh
# What Debian's update-resolv-conf does: the pushed server while the tunnel is up.
case $script_type in
up) set -- $foreign_option_1; [ -z "$3" ] || printf 'nameserver %s\\noptions timeout:1 attempts:1\\n' "$3" >/etc/resolv.conf ;;
down) printf 'nameserver 192.0.2.1\\noptions timeout:1 attempts:1\\n' >/etc/resolv.conf ;;
esac
"""


class OpenVpnTunnel:
    """The laptop's own client, by its profile."""

    def __init__(self, bench, *more):
        self.bench = bench
        script = bench.folder / "dns.sh"
        script.write_text(DNS_SCRIPT)
        script.chmod(0o755)
        self.more = ["--script-security", "2", "--up", script, "--down", script, *more]

    def __enter__(self):
        self.client = self.bench.start("client", ["openvpn", "--cd", "/etc/openvpn/client", "--config", "office.conf", "--verb", "3", *self.more],
                                       lambda said: "Initialization Sequence Completed" in said)
        return self

    def __exit__(self, *_):
        self.bench.end(self.client)


def refuses(bench, what, *signs):
    """The real client does not come in by the profile that is broken."""
    log = bench.folder / "refused.log"
    with log.open("w") as out:
        client = subprocess.Popen([*bench.laptop.enter, "openvpn", "--cd", "/etc/openvpn/client", "--config", "office.conf", "--verb", "3"],
                                  stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        def told():
            said = log.read_text() + "".join(path.read_text() for path in bench.folder.glob("openvpn-*.log"))
            if "Initialization Sequence Completed" in log.read_text():
                fail(f"{what}: the tunnel came up")
            return any(sign in said for sign in signs)
        wait_until(told, f"{what}: OpenVPN's own refusal", PATIENCE)
    finally:
        client.kill()
        client.wait()


def openvpn_rows(bench):
    down = {"vpn-tunnel-state": "vpn.tunnel.up = false"}

    def row(what, failing, passing=(), headline=None):
        bench.expect(what, {**failing, **down}, passing, headline)

    Profile(bench)
    bench.laptop.enable("openvpn-client@office.service")
    bench.agent("once")  # learns the applications
    row("nothing is broken, the tunnel is down", {}, ("vpn-client-installed", "vpn-profile-present", "vpn-profile-perms", "vpn-profile-parse",
        "vpn-cert-valid", "vpn-cert-key-match", "vpn-ca-trust", "vpn-autoconnect", "net-online", "captive-portal", "vpn-gateway-dns",
        "vpn-gateway-reach", "time-sane", "time-past", "agent-version", "agent-cert"))
    with OpenVpnTunnel(bench):
        bench.expect("a full tunnel by OpenVPN", {}, ("vpn-tunnel-state", "vpn-split-route", "vpn-dns-in-tunnel", "net-mtu", "applications-reachable"))
        (app,) = bench.world.parc_json("apps")
        if (app["application"], app["reached"], app["reachable"]) != ("intranet", "1", True):
            fail(f"the intranet is not reached through the tunnel: {app}")
        bench.app.close()
        bench.expect("an application that is down", {"applications-reachable": "applications.reachable_percent = 0"})
    with OpenVpnTunnel(bench, "--pull-filter", "ignore", "redirect-gateway", "--pull-filter", "ignore", "dhcp-option"):
        bench.report()  # the application stays down
        bench.expect("a split tunnel", {"vpn-split-route": "vpn.tunnel.full_ipv4 = false", "vpn-dns-in-tunnel": "vpn.tunnel.dns = false",
                                        "applications-reachable": "= 0"})

    Profile(bench, certificate="expired", key="expired")
    refuses(bench, "an expired certificate", "certificate has expired", "CRITICAL: certificate", "error=certificate has expired")
    row("an expired certificate", {"vpn-cert-valid": "vpn.certificate.expires = ", "vpn-cert-expiry": "", "vpn-cert-renewal": ""},
        headline="vpn-cert-valid")
    Profile(bench, certificate="ending", key="ending")
    row("a certificate that ends in a week", {"vpn-cert-expiry": "", "vpn-cert-renewal": ""})
    Profile(bench, key="other-laptop")
    refuses(bench, "the key of another", "key values mismatch", "Cannot load private key")
    row("the key of another", {"vpn-cert-key-match": "vpn.certificate.key_matches = false"}, headline="vpn-cert-key-match")
    Profile(bench, ca="stranger")
    refuses(bench, "the authority of another", "VERIFY ERROR", "certificate verify failed")
    row("the authority of another", {"vpn-ca-trust": "vpn.certificate.trusted = false"}, headline="vpn-ca-trust")
    Profile(bench, mode="644")
    row("a profile that all may read", {"vpn-profile-perms": "vpn.profile.root_only = false"})
    Profile(bench, text="client\ndev tun0\nca ca.pem\n<cert>\nnever closed\n")
    checks = bench.report()
    if checks["vpn-profile-parse"]["outcome"] != "CHECK_OUTCOME_FAIL":
        fail(f"a damaged profile: {checks['vpn-profile-parse']}")
    print(f"✓ a damaged profile: vpn-profile-parse ({checks['vpn-profile-parse']['evidence']}) → {checks['vpn-profile-parse']['remedyEn']}")
    Profile(bench)
    bench.laptop.run("rm", "/etc/systemd/system/multi-user.target.wants/openvpn-client@office.service")
    row("nothing connects by itself", {"vpn-autoconnect": "vpn.profile.autoconnect = false"})
    bench.laptop.enable("openvpn-client@office.service")

    bench.names.silent.add(b"vpn.test")
    row("no name server answers for the gateway", {"vpn-gateway-dns": "vpn.gateway.resolved = false"})
    bench.names.silent.clear()
    gone = bench.names.names.pop(b"vpn.test")
    row("the gateway's name is gone", {"vpn-gateway-dns": "vpn.gateway.resolved = false"})
    bench.names.names[b"vpn.test"] = gone
    run("nft", "add table inet cut; add chain inet cut input { type filter hook input priority 0; }; "
        "add rule inet cut input iifname outside udp dport != 53 drop")
    row("UDP is blocked", {"vpn-gateway-reach": "vpn.gateway.answer = SILENT"})
    run("nft", "delete table inet cut")
    bench.http.answer = HttpServer.PORTAL
    row("a captive portal", {"captive-portal": "network.captive_portal = true"}, headline="captive-portal")
    bench.http.answer = HttpServer.OPEN
    for what, offset, failing in (("a clock that is fast", "+400", {"time-sane": "clock.skew_seconds = "}),
                                 ("a clock that is slow", "-400", {"time-sane": "clock.skew_seconds = -", "time-past": "clock.sane = false"})):
        bench.clock = clock(offset)
        row(what, failing)
    bench.clock = {}
    bench.laptop.run("ip", "route", "del", "default")
    bench.expect("no way out", {"net-online": "network.online = false", **down}, headline="net-online")
    bench.laptop.run("ip", "route", "add", "default", "via", SERVER)

    Profile(bench, port=1195, more="tls-crypt ta.key\n")
    bench.laptop.write("/etc/openvpn/client/ta.key", text_of(bench, "ta.key"))
    row("a gateway behind tls-crypt, with its key", {}, ("vpn-gateway-reach",))
    bench.laptop.write("/etc/openvpn/client/ta.key", text_of(bench, "other.key"))
    row("a gateway behind tls-crypt, with another key", {"vpn-gateway-reach": "vpn.gateway.answer = SILENT"})
    Profile(bench, port=1196)
    row("a gateway that is down", {"vpn-gateway-reach": "vpn.gateway.answer = REFUSED"})
    bench.laptop.run("sh", "-c", "rm -rf /etc/openvpn/client/* /etc/systemd/system/multi-user.target.wants/*")
    row("no profile", {"vpn-profile-present": "vpn.profile.count = 0"}, headline="vpn-profile-present")


# ── WireGuard ──

def wireguard_rows(bench, collectors):
    keys = {}
    for name in ("gateway", "laptop", "stranger"):
        keys[name] = run("wg", "genkey").strip()
        keys[name + ".pub"] = run("wg", "pubkey", text=keys[name]).strip()
        (bench.folder / f"wg-{name}.key").write_text(keys[name])

    def interface(name, inside):
        place = bench.laptop.run if inside else run
        program = bench.start(name, ["wireguard-go", name], lambda said: os.path.exists(f"/run/wireguard/{name}.sock"), inside,
                              {"WG_PROCESS_FOREGROUND": "1"})
        return program, place

    _, here = interface("wgs", False)
    here("wg", "set", "wgs", "listen-port", "51820", "private-key", bench.folder / "wg-gateway.key", "peer", keys["laptop.pub"],
         "allowed-ips", "10.9.0.2/32")
    here("ip", "addr", "add", f"{WG_INSIDE}/24", "dev", "wgs")
    here("ip", "link", "set", "wgs", "up")

    def profile(own):
        bench.laptop.write("/etc/wireguard/wg0.conf", f"[Interface]\nPrivateKey = {own}\nAddress = 10.9.0.2/24\nDNS = {WG_INSIDE}\n"
                           f"[Peer]\nPublicKey = {keys['gateway.pub']}\nEndpoint = vpn.test:51820\nAllowedIPs = 0.0.0.0/0\n")

    bench.app = socket.create_server(("0.0.0.0", 8080))
    profile(keys["laptop"])
    bench.laptop.enable("wg-quick@wg0.service")
    down = {"vpn-tunnel-state": "vpn.tunnel.up = false"}
    bench.expect("nothing is broken, WireGuard is down", down, ("vpn-gateway-reach", "vpn-gateway-dns", "vpn-profile-parse", "vpn-autoconnect"))
    profile(keys["stranger"])
    bench.expect("a key that the gateway does not know", {"vpn-gateway-reach": "vpn.gateway.answer = SILENT", **down})
    profile(keys["laptop"])

    program, there = interface("wg0", True)
    there("wg", "set", "wg0", "private-key", bench.folder / "wg-laptop.key", "peer", keys["gateway.pub"], "endpoint", f"{SERVER}:51820",
          "allowed-ips", "0.0.0.0/0")
    there("ip", "addr", "add", "10.9.0.2/24", "dev", "wg0")
    there("ip", "link", "set", "wg0", "mtu", "1420", "up")
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        there("ip", "route", "add", half, "dev", "wg0")
    bench.laptop.write("/etc/resolv.conf", bench.laptop.resolver(WG_INSIDE), "644")
    there(sys.executable, "-c", f"import socket; socket.create_connection(('{WG_INSIDE}', 80), 10)")  # makes the handshake
    bench.expect("a full tunnel by WireGuard", {}, ("vpn-tunnel-state", "vpn-handshake", "vpn-split-route", "vpn-dns-in-tunnel", "net-mtu",
                                                      "applications-reachable"))
    # Five minutes later by the collector's clock, since nothing went through the tunnel.
    for collector in collectors:
        bench.end(collector)
    bench.start_collectors(clock("+300"))
    bench.expect("a tunnel that nobody answers in", {"vpn-handshake": "vpn.tunnel.handshake_fresh = false"}, ("vpn-tunnel-state",))
    there("ip", "link", "set", "wg0", "mtu", "1200")
    bench.expect("a tunnel with small packets", {"vpn-handshake": "", "net-mtu": "vpn.tunnel.mtu = 1200"})
    bench.end(program)


def main():
    if sys.argv[1:2] != ["inside"]:
        enter_namespaces(__file__, NEEDED)
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    run("ip", "link", "set", "lo", "up")
    with World() as world:
        bench = Bench(world)
        try:
            authority(bench, "vpn", "-100d")
            authority(bench, "stranger")
            certificate(bench, "vpn", "gateway", 90, "serverAuth")
            certificate(bench, "vpn", "laptop", 90)
            certificate(bench, "vpn", "other-laptop", 90)
            certificate(bench, "vpn", "ending", 7)
            certificate(bench, "vpn", "expired", 30, when="-60d")
            run("openvpn", "--genkey", "secret", bench.folder / "ta.key")
            run("openvpn", "--genkey", "secret", bench.folder / "other.key")
            start_gateway(bench, 1194)
            start_gateway(bench, 1195, "--tls-crypt", bench.folder / "ta.key")
            bench.start_parc()
            collectors = bench.start_collectors()
            openvpn_rows(bench)
            wireguard_rows(bench, collectors)
        finally:
            bench.stop()


if __name__ == "__main__":
    main()
