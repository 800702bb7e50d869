#!/usr/bin/env python3
"""parc-swarm against the daemon of this build: every scenario, the ledger, and a ledger that is wrong."""

import json
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from parc_world import BIN, World  # noqa: E402

DEVICES = 40
LOST = 3  # exit code of verify
STANDING = 128  # bytes of the ledger for each device; it begins with the number acknowledged


class Swarm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.world.let_laptops_hurry()
        cls.fleet = cls.world.root / "fleet"
        cls.world.run(BIN / "parc-swarm", "make-fleet", "--state-dir", cls.world.state, "--fleet", cls.fleet, "--devices", DEVICES)
        cls.world.start()

    def swarm(self, command, *arguments):
        out = self.world.root / "figures.json"
        ports = self.world.ports
        where = ["--fleet", self.fleet, "--server", f"localhost:{ports['agent']}", "--metrics", f"127.0.0.1:{ports['metrics']}"]
        self.world.run(BIN / "parc-swarm", command, *where, "--server-pid", self.world.daemon.pid, "--json", out, *arguments)
        return json.loads(out.read_text())["run"]

    def verify(self, expect=0):
        return self.world.run(BIN / "parc-swarm", "verify", "--fleet", self.fleet, "--state-dir", self.world.state, expect=expect).stdout

    def test_a_pool_reports_and_everything_acknowledged_is_stored(self):
        mixed, changed = self.swarm("pool", "--connections", 8, "--seconds", 0.3, "--work", "mixed,changed")
        for piece in (mixed, changed):
            self.assertGreater(piece["ok"], 0)
            self.assertEqual((piece["refused"], piece["broken"]), ({}, {}))
            self.assertGreater(piece["server"]["cpu_seconds"], 0)
            self.assertGreater(piece["counters"]["parc_commit_items_total"], 0)
            self.assertLessEqual(piece["latency"]["p50"], piece["latency"]["p99"])
        self.assertIn(" 0 of them lost", self.verify())

    def test_an_open_loop_offers_about_what_it_was_told_to(self):
        (piece,) = self.swarm("pool", "--connections", 8, "--seconds", 2, "--rate", 50)
        self.assertTrue(40 <= piece["ok"] + piece["held_back"] <= 160, piece)

    def test_every_scenario_brings_reports(self):
        for scenario in ("steady", "monday", "tethered", "clones"):
            if scenario == "clones":  # the last: of a laptop that has a copy, no report is believed
                self.assertIn(" 0 of them lost", self.verify())
            with self.subTest(scenario):
                found = self.swarm("crowd", "--scenario", scenario, "--seconds", 3, "--speed", 600, "--window", 900)
                self.assertGreaterEqual(found["ok"], DEVICES / 2)
                self.assertEqual((found["refused"], found["broken"]), ({}, {}))
                self.assertEqual(sum(found["answers_per_second"]), found["ok"])

    def test_in_an_outage_nobody_is_answered_and_afterwards_everybody(self):
        found = self.swarm("crowd", "--scenario", "outage", "--seconds", 6, "--speed", 600, "--outage-at", 600, "--outage-for", 900)
        self.assertGreater(found["unreachable"], 0)
        self.assertGreater(found["comeback"]["steady"], 0)
        self.assertGreater(found["ok"], DEVICES)

    def test_a_report_that_was_acknowledged_and_is_not_there_is_found(self):
        ledger = self.fleet / "acknowledged"
        kept = ledger.read_bytes()
        number = DEVICES - 1
        try:
            with ledger.open("r+b") as file:
                file.seek(number * STANDING)
                file.write(struct.pack("<Q", 2**31))
            self.assertIn(" 1 of them lost", self.verify(expect=LOST))
        finally:
            ledger.write_bytes(kept)

    def test_help_shows_how_to_begin(self):
        text = self.world.run(BIN / "parc-swarm", "--help").stdout
        for word in ("make-fleet", "crowd", "pool", "verify", "/srv/trial"):
            self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
