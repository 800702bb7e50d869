#!/usr/bin/env python3
"""F13 and F14 against the real daemon, by parc-swarm: ten times too much, and a fleet that comes back from an outage.

PARC_STORM_LAPTOPS sets how many there are (400), PARC_OVERLOAD_SECONDS how long the overload lasts (4).
"""

import json
import os
import time
import unittest

from load import report
from parc_world import BIN, Client, World

LAPTOPS = int(os.environ.get("PARC_STORM_LAPTOPS", "400"))
SECONDS = int(os.environ.get("PARC_OVERLOAD_SECONDS", "4"))
# A scenario's quarter of an hour passes in 15 seconds.
SPEED = 60
INTERVAL = 900
OUTAGE = 120
MOST_MEMORY = 256 << 20


class Storm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.__exit__, None)
        cls.world.let_laptops_hurry()
        cls.fleet = cls.world.root / "fleet"
        cls.swarm("make-fleet", "--state-dir", cls.world.state, "--fleet", cls.fleet, "--devices", LAPTOPS)
        cls.world.start()

    @classmethod
    def swarm(cls, *arguments):
        return cls.world.run(BIN / "parc-swarm", *arguments, patience=600).stdout

    def run_swarm(self, command, *arguments):
        out = self.world.root / "figures.json"
        where = ["--fleet", self.fleet, "--server", f"localhost:{self.world.ports['agent']}", "--json", out]
        self.swarm(command, *where, *arguments)
        return json.loads(out.read_text())["run"]

    def memory(self):
        with open(f"/proc/{self.world.daemon.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS:"))

    def nothing_is_lost(self):
        self.assertIn(" 0 of them lost", self.swarm("verify", "--fleet", self.fleet, "--state-dir", self.world.state))

    def test_ten_times_too_much_costs_no_acknowledged_report_and_is_over_when_it_is_over(self):
        with self.world.people() as people:
            people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PROBE"}})
        certificate = self.world.device("PROBE")
        (calm,) = self.run_swarm("pool", "--connections", 16, "--seconds", 2)
        capacity = calm["ok"] / 2
        before = self.memory()
        (storm,) = self.run_swarm("pool", "--connections", 64, "--seconds", SECONDS, "--rate", int(10 * capacity))
        grown = self.memory() - before
        print(f"capacity {capacity:.0f}/s, in the storm {storm['ok'] / SECONDS:.0f}/s, refused {storm['refused']}, {grown >> 20} MiB more")
        self.assertGreater(storm["ok"], 0)
        self.assertLess(grown, MOST_MEMORY)
        began = time.monotonic()
        with Client(self.world.ports["agent"], self.world.root_pem, certificate=certificate) as agent:
            agent.call("AgentService", "CheckIn", report(1))
        self.assertLess(time.monotonic() - began, 10)
        self.assertTrue(self.world.is_ready())
        self.nothing_is_lost()

    def test_a_fleet_comes_back_from_an_outage_without_a_herd_and_without_an_echo(self):
        begin, after = INTERVAL, 2 * INTERVAL
        seconds = (begin + OUTAGE + after) // SPEED
        found = self.run_swarm(
            "crowd", "--scenario", "outage", "--seconds", seconds, "--speed", SPEED, "--interval", INTERVAL,
            "--outage-at", begin, "--outage-for", OUTAGE,
        )  # fmt: skip
        steady = LAPTOPS * SPEED / INTERVAL  # contacts a second
        contacts = found["contacts_per_second"]
        # The control: before the outage they come at the rate that they are measured by.
        calm = contacts[2 : begin // SPEED - 1]
        self.assertAlmostEqual(sum(calm) / len(calm) / steady, 1, delta=0.3)
        # From the outage's end; the first second holds a part of the outage.
        back = contacts[(begin + OUTAGE) // SPEED :]
        half = INTERVAL // SPEED // 2
        peak, echo = max(back[:half]) / steady, max(back[half:]) / steady
        print(f"{found['unreachable']} calls in vain; peak {peak:.2f} and echo {echo:.2f} times the steady {steady:.0f} a second")
        self.assertGreater(found["unreachable"], LAPTOPS * OUTAGE / INTERVAL / 2)
        self.assertLess(peak, 3)
        self.assertLess(echo, 2.5)
        self.nothing_is_lost()


if __name__ == "__main__":
    unittest.main()
