#!/usr/bin/env python3
"""F9: the network between real agents and the daemon is cut, is cut in one direction, and is a thin line.

Daemon and agents are in network namespaces of their own. PARC_PARTITION_SECONDS sets how long a cut lasts (15). Short cuts
refuse packets, so that the agents notice; those of a minute and more swallow them.
"""

import os
import subprocess
import sys
import time
import unittest

from bare_machine import make_bare_machine
from parc_world import BIN, World, wait_until
from skipping import need_tools, skip

SECONDS = int(os.environ.get("PARC_PARTITION_SECONDS", "15"))
CUT = "drop" if SECONDS >= 60 else "reject with tcp reset"
AGENTS = 3
INTERVAL = 10  # seconds between two contacts, the shortest there is
DAEMON, LAPTOPS = "10.77.0.1", "10.77.0.2"
FAR = f"parc-fault-{os.getpid()}"


def ip(*arguments, check=True):
    return subprocess.run(["ip", *arguments], check=check, capture_output=True, text=True)


def enter_own_network():
    """Runs this program again in a network namespace of its own, which ends with it."""
    if os.environ.get("PARC_OWN_NETWORK") == "1":
        return
    need_tools("ip", "nft", "tc", "unshare")
    if os.geteuid() != 0:
        skip("network namespaces need root")
    if subprocess.run(["unshare", "-n", "true"], check=False).returncode != 0:
        skip("network namespaces are not allowed")
    os.environ["PARC_OWN_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "-n", sys.executable, "-B", *sys.argv])


def lay_cable():
    ip("link", "set", "lo", "up")
    ip("netns", "add", FAR)
    ip("link", "add", "parc0", "type", "veth", "peer", "name", "parc1", "netns", FAR)
    ip("addr", "add", f"{DAEMON}/24", "dev", "parc0")
    ip("link", "set", "parc0", "up")
    for command in (("addr", "add", f"{LAPTOPS}/24", "dev", "parc1"), ("link", "set", "parc1", "up"), ("link", "set", "lo", "up")):
        ip("-n", FAR, *command)


def there(*command, **options):
    """Runs a command where the laptops are."""
    return subprocess.run(["ip", "netns", "exec", FAR, *map(str, command)], capture_output=True, text=True, timeout=120, check=True, **options)


def cut(hook, match):
    there("nft", f"add table inet cut; add chain inet cut c {{ type filter hook {hook} priority 0; }}; add rule inet cut c {match}")


def heal():
    there("nft", "flush ruleset")


class Laptop:
    def __init__(self, world, tag):
        self.world, self.tag = world, tag
        self.state = world.root / f"agent-{tag}"
        self.process = None

    def command(self, *arguments):
        return [BIN / "parc-agent", "--config", self.world.root / "agent.toml", "--state-dir", self.state, *arguments]

    def enrol(self):
        url = self.world.parc("enrol", "new", "--laptop", self.tag).stdout
        there(*self.command("enrol", "-"), input=url, env=self.world.environment)

    def start(self):
        log = (self.world.root / f"{self.tag}.log").open("ab")
        command = ["ip", "netns", "exec", FAR, *map(str, self.command("run"))]
        self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.world.environment)
        log.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def contact(self):
        try:
            return dict(line.split("=", 1) for line in (self.state / "contact").read_text().splitlines() if "=" in line)
        except FileNotFoundError:
            return {}

    def failures(self):
        return int(self.contact().get("failures", 0))

    def waiting(self):
        """Numbers of the reports that lie in its outbox."""
        return sorted(int(path.stem) for path in (self.state / "outbox").iterdir() if path.stem.isdigit() and path.suffix == ".report")


class Partition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lay_cable()
        cls.addClassCleanup(ip, "netns", "del", FAR, check=False)
        cls.world = World()
        cls.addClassCleanup(cls.world.__exit__, None)
        ports = {"agent": 18443, "gateway": 18444, "people": 18445}
        listen = "\n".join(f'{name} = "0.0.0.0:{port}"' for name, port in ports.items())
        cls.world.config.write_text(
            f'state_dir = "{cls.world.state}"\n[listen]\n{listen}\nmetrics = "127.0.0.1:18446"\n[public]\naddresses = ["{DAEMON}"]\n'
            f'agent_endpoint = "{DAEMON}:18443"\nenrolment_endpoint = "{DAEMON}:18444"\n[checkin]\ninterval_seconds = {INTERVAL}\n'
        )
        make_bare_machine(cls.world)
        cls.world.start()
        cls.world.log_in()
        cls.laptops = [Laptop(cls.world, f"PC-{number}") for number in range(1, AGENTS + 1)]
        with cls.world.people() as people:
            for laptop in cls.laptops:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": laptop.tag}})
        for laptop in cls.laptops:
            laptop.enrol()
            laptop.start()
            cls.addClassCleanup(laptop.stop)
        wait_until(lambda: all(cls.stored().values()), "the first reports", 150)

    @classmethod
    def stored(cls):
        """The newest report of each laptop that the daemon holds."""
        devices = cls.world.parc_json("devices")
        assert len(devices) == AGENTS, f"{len(devices)} devices of {AGENTS} laptops"
        return {device["laptop"].removeprefix("laptops/"): int(device.get("reportSeq", 0)) for device in devices}

    def setUp(self):
        self.addCleanup(heal)

    def comes_back(self, newest):
        """Every laptop's newest report arrives, and nothing is left in an outbox."""
        longest = 120 * 2 ** (max(1, *(laptop.failures() for laptop in self.laptops)) - 1)
        wait_until(lambda: all(self.stored()[tag] >= number for tag, number in newest.items()), "the newest reports' arrival", longest + 90)
        wait_until(lambda: not any(laptop.waiting() for laptop in self.laptops), "the outboxes' draining", longest + 90)

    def test_agents_back_off_with_spread_and_lose_nothing(self):
        cut("output", f"ip daddr {DAEMON} {CUT}")
        began = time.monotonic()
        before = self.stored()
        wait_until(lambda: all(laptop.failures() for laptop in self.laptops), "that all agents notice", SECONDS + 75)
        time.sleep(max(0, SECONDS - (time.monotonic() - began)))
        # The control: nothing gets through, so what arrives later arrives by their own doing.
        self.assertEqual(self.stored(), before)
        retries = sorted(int(laptop.contact()["next"]) for laptop in self.laptops)
        print(f"after {time.monotonic() - began:.0f} s: failures {[laptop.failures() for laptop in self.laptops]}, next {retries}")
        self.assertGreater(len(set(retries)), 1, "they do not all come back in one second")
        # A report whose answer the cut swallowed is stored and kept: its agent cannot know.
        newest = {laptop.tag: max(laptop.waiting()) for laptop in self.laptops}
        self.assertTrue(all(newest[tag] >= before[tag] for tag in newest), f"reports are kept meanwhile: {newest}, stored {before}")
        heal()
        self.comes_back(newest)

    def test_answers_that_are_lost_make_no_second_device_and_no_second_report(self):
        cut("input", f"ip saddr {DAEMON} tcp sport 18443 drop")
        time.sleep(SECONDS)
        newest = {laptop.tag: max(laptop.waiting(), default=0) for laptop in self.laptops}
        heal()
        self.comes_back(newest)
        self.assertEqual(self.world.parcd("check").returncode, 0)

    def test_a_thin_line_is_enough(self):
        there("tc", "qdisc", "add", "dev", "parc1", "root", "tbf", "rate", "64kbit", "burst", "4000", "latency", "400ms")
        self.addCleanup(there, "tc", "qdisc", "del", "dev", "parc1", "root")
        ip("link", "set", "parc0", "up")
        subprocess.run(
            ["tc", "qdisc", "add", "dev", "parc0", "root", "tbf", "rate", "64kbit", "burst", "4000", "latency", "400ms"], check=True
        )
        self.addCleanup(subprocess.run, ["tc", "qdisc", "del", "dev", "parc0", "root"], check=False)
        before = self.stored()
        wait_until(lambda: all(self.stored()[tag] > number for tag, number in before.items()), "reports over 64 kbit/s", 120)


if __name__ == "__main__":
    enter_own_network()
    unittest.main()
