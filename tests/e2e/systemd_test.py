"""systemd itself starts what was installed, hardened as the units say: in namespaces and on a copy of this system that is
thrown away, it runs parcd, the agent and the root collector behind its sockets; and what only root can read reaches the
verdict by way of an agent that may not.

Needs root, namespaces, an overlay file system and systemd; without, it is skipped and says why."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
PATIENCE = 90.0
SYSTEMD = "/lib/systemd/systemd"

# Inside namespaces: a root of its own, with the minimum that systemd asks for, and then systemd.
BOOT = r"""
set -e
here=$1 root=$1/root
mount -t tmpfs tmpfs "$here"
mkdir "$here/upper" "$here/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$here/upper,workdir=$here/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero random urandom tty full; do cp -a "/dev/$device" "$root/dev/"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts devpts "$root/dev/pts"
ln -s /proc/self/fd "$root/dev/fd"
ln -s pts/ptmx "$root/dev/ptmx"
touch "$root/dev/console"
rm -rf "$root"/etc/systemd/system/* "$root"/etc/parc "$root"/var/lib/parc "$root"/var/lib/parc-agent
mkdir -p "$root/var/log/journal"
DESTDIR=$root "$PARC_CMAKE" --install "$PARC_BUILD" --prefix /usr >/dev/null
chroot "$root" systemd-sysusers
rm -rf "$root"/etc/openvpn "$root"/etc/wireguard "$root"/etc/NetworkManager "$root"/etc/swanctl "$root"/etc/ipsec.conf
mkdir -p "$root/etc/openvpn/client"
cp "$here.profile" "$root/etc/openvpn/client/office.conf"
cp "$here.pem" "$root/etc/openvpn/client/ca.pem"
chmod 600 "$root"/etc/openvpn/client/*
printf '[Unit]\nDescription=The test\n' >"$root/etc/systemd/system/parc-test.target"
# No chroot, where the kernel makes no user namespaces.
cd "$root"
mkdir .before
pivot_root . .before
umount -l .before
exec /usr/bin/env -i container=parc-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=parc-test.target --log-target=journal --log-level=info --show-status=no
"""


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def fail(what):
    raise AssertionError(what)


def systemd_of(unshare):
    """The number of the only child of `unshare`, once that is systemd; else None."""
    try:
        child = pathlib.Path(f"/proc/{unshare}/task/{unshare}/children").read_text().strip()
        if child and pathlib.Path(f"/proc/{child}/cmdline").read_bytes().startswith(SYSTEMD.encode()):
            return int(child)
    except OSError:
        pass
    return None


class System:
    """A booted copy of this system."""

    def __init__(self, folder):
        self.folder = folder
        self.log = pathlib.Path(f"{folder}.log")
        pathlib.Path(f"{folder}.profile").write_text("client\nremote 127.0.0.1 1194 udp\nca ca.pem\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=vpn",
                        "-keyout", f"{folder}.key", "-out", f"{folder}.pem"], check=True, capture_output=True)
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--propagation", "private",
                 "bash", "-c", BOOT, "boot", folder], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.pid = None
        self.until(self.booted, "systemd's start")

    def until(self, true, what):
        end = time.monotonic() + PATIENCE
        while not true():
            if self.process.poll() is not None:
                fail(f"systemd ended before {what}:\n{self.log.read_text()}")
            if time.monotonic() > end:
                fail(f"{what} did not come:\n{self.log.read_text()[-4000:]}\n{self.run('systemctl', 'list-jobs', ok=False) if self.pid else ''}")
            time.sleep(0.1)

    def booted(self):
        self.pid = self.pid or systemd_of(self.process.pid)
        return self.pid and self.run("systemctl", "is-active", "parc-test.target", ok=False).strip() == "active"

    def run(self, *words, text=None, ok=True):
        enter = ["nsenter", "--target", str(self.pid), "--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--root", "--wd=/", "--"]
        ended = subprocess.run([*enter, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", *words],
                               input=text, capture_output=True, text=True, timeout=PATIENCE)
        if ok and ended.returncode != 0:
            fail(f"{' '.join(words)}: {ended.stdout}{ended.stderr}\n{self.log.read_text()[-3000:]}")
        return ended.stdout

    def start(self, unit):
        started = self.run("sh", "-c", f"systemctl start {unit} || systemctl status --no-pager --full {unit}", ok=False)
        if self.run("systemctl", "is-active", unit, ok=False).strip() != "active":
            fail(f"{unit} does not start: {started}{self.log.read_text()[-3000:]}\n"
                 + self.run("sh", "-c", "journalctl --no-pager -n 60", ok=False))

    def end(self):
        self.process.kill()
        self.process.wait()


def follow(system):
    system.run("systemd-tmpfiles", "--create", ok=False)  # what belongs to other packages may be amiss here
    system.start("parcd.service")
    people = re.search(r"^people *= *(\d+)", system.run("cat", "/var/lib/parc/ports.toml"), re.MULTILINE).group(1)
    system.run("parc", "login", "--server", f"localhost:{people}", "--ca", "/var/lib/parc/ca/root.pem", "--token-file", "/var/lib/parc/login.token")
    system.run("sh", "-c", "cat >/root/laptops.csv", text="Étiquette;Modèle;État\nPC-1;X1;Prêt\n")
    system.run("parc", "import", "laptops", "/root/laptops.csv")
    code = system.run("parc", "enrol", "new", "--laptop", "PC-1")
    unknown = system.run("runuser", "-u", "nobody", "--", "parc-agent", "status")
    if "This laptop is not enrolled. Ask your support for an enrolment code" not in unknown:
        fail(f"before enrolment nobody is told:\n{unknown}")
    system.run("parc-agent", "enrol", "-", text=code)

    def told():
        text = system.run("parc", "why", "PC-1", "-o", "json", ok=False)
        checks = json.loads(text)["readiness"].get("checks", []) if text else []
        return {check["check"]: check for check in checks if check.get("outcome") not in (None, "CHECK_OUTCOME_PENDING")}

    # By itself the agent, which is not root, says what it cannot see.
    system.start("parc-agent.service")
    system.until(told, "the agent's first report")
    alone = told()
    needy = sorted(name for name, check in alone.items() if "needs the root collector" in check.get("evidence", ""))
    for name in ("root-locked", "firewall-filters"):
        if name not in needy:
            fail(f"{name} does not ask for the collector: {alone[name]}")

    for socket in ("parc-collect.socket", "parc-collect-gateways.socket"):
        system.start(socket)
    system.run("runuser", "-u", "parc-agent", "--", "parc-agent", "once", ok=False)
    with_it = told()
    still = sorted(name for name, check in with_it.items() if "needs the root collector" in check.get("evidence", ""))
    if still:
        fail(f"with the collector these still ask for it: {[(n, with_it[n].get('evidence')) for n in still]}\n"
             + system.run("sh", "-c", "journalctl --no-pager -n 60; systemctl --failed --no-pager", ok=False))
    for name, outcomes in (("vpn-profile-present", {"PASS"}), ("vpn-profile-perms", {"PASS"}), ("vpn-profile-parse", {"PASS"}),
                           ("root-locked", {"PASS", "FAIL"}), ("firewall-filters", {"PASS", "FAIL"})):
        if with_it[name]["outcome"].removeprefix("CHECK_OUTCOME_") not in outcomes:
            fail(f"{name} is {with_it[name]}\n" + system.run("parc", "laptops", "--columns", "asset_tag,vpn.profile.problems,vpn.profile.count"))
    failed = system.run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "parc*").strip()
    if failed:
        fail(f"units failed: {failed}\n" + system.run("sh", "-c", "journalctl --no-pager -n 60", ok=False))
    denied = system.run("runuser", "-u", "nobody", "--", "sh", "-c", "test -w /run/parc-collect/facts.sock && echo open", ok=False)
    if denied.strip():
        fail("everybody may ask the collector")
    # The person at the laptop has no right over the agent, and is told the same; the support finds the laptop by the code.
    mine, agents = (system.run("runuser", "-u", user, "--", "parc-agent", "status") for user in ("nobody", "parc-agent"))
    code = re.search(r"Support code for today: (\S+)", mine)
    if not code or re.sub(r"contact.*", "", mine) != re.sub(r"contact.*", "", agents):
        fail(f"nobody is told:\n{mine}\nand the agent:\n{agents}")
    if not system.run("parc", "why", code[1]).startswith("PC-1: "):
        fail(f"{code[1]} does not name the laptop")
    for secret in ("identity", "answer", "outbox"):
        if system.run("runuser", "-u", "nobody", "--", "cat", f"/var/lib/parc-agent/{secret}", ok=False).strip():
            fail(f"everybody may read {secret}")
    print(f"systemd_test: {len(needy)} checks waited for the collector ({', '.join(needy)}); with its sockets none does")


def main():
    if os.geteuid() != 0:
        skip("only root may boot a system in a namespace")
    if not os.path.exists(SYSTEMD):
        skip("systemd is not installed")
    probe = subprocess.run(["unshare", "--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--propagation", "private", "sh", "-c",
                            "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && mkdir $d/u $d/w $d/r && "
                            "mount -t overlay overlay -o lowerdir=/,upperdir=$d/u,workdir=$d/w $d/r && mount -t proc proc $d/r/proc && "
                            "mount -t sysfs sysfs $d/r/sys && mount -t cgroup2 cgroup2 $d/r/sys/fs/cgroup"],
                           capture_output=True, text=True)
    if probe.returncode != 0:
        skip(f"no namespaces or no overlay: {probe.stderr.strip()}")
    with tempfile.TemporaryDirectory(prefix="parc-systemd-") as scratch:
        folder = f"{scratch}/system"
        os.mkdir(folder)
        system = System(folder)
        try:
            follow(system)
        finally:
            system.end()


main()
