#!/usr/bin/env python3
"""Nothing that was acknowledged is lost, and nothing is half there, when the daemon dies or is told to stop under load.

PARC_KILL_CYCLES sets how often it is killed (20).
"""

import os
import random
import signal
import sqlite3
import time
import unittest

from load import Reporter, Writer, verify
from parc_world import Client, running_world

CYCLES = int(os.environ.get("PARC_KILL_CYCLES", "20"))
WRITERS, REPORTERS = 8, 4
SEED = int(os.environ.get("PARC_SEED", "20200312"))


class Load:
    """Writers and reporters over the daemons of one world."""

    def __init__(self, world):
        self.world = world
        self.writers = [Writer(number) for number in range(WRITERS)]
        with world.people() as people:
            for writer in self.writers:
                writer.create(people)
        self.devices = {writer.tag: world.device(writer.tag) for writer in self.writers[:REPORTERS]}
        self.acknowledged = dict.fromkeys(self.devices, 0)

    def start(self):
        ports, root = self.world.ports, self.world.root_pem
        self.clients = [self.world.people() for _ in self.writers]
        self.writers = [writer.go_on(client) for writer, client in zip(self.writers, self.clients)]
        self.reporters = []
        for tag, certificate in self.devices.items():
            client = Client(ports["agent"], root, certificate=certificate)
            self.clients.append(client)
            self.reporters.append(Reporter(client, tag, self.acknowledged[tag]))
            self.reporters[-1].start()

    def written(self):
        return sum(writer.step for writer in self.writers) + sum(reporter.acknowledged for reporter in self.reporters)

    def stop(self):
        """Waits for every thread; those that saw the daemon go have ended by themselves."""
        for thread in self.writers + self.reporters:
            thread.stopping.set()
        for thread in self.writers + self.reporters:
            thread.join(30)
            assert not thread.is_alive(), f"{thread.name} hangs"
            assert thread.failure is None, f"{thread.name}: {thread.failure}"
        for client in self.clients:
            client.channel.close()
        self.acknowledged = {reporter.device: reporter.acknowledged for reporter in self.reporters}

    def findings(self):
        with self.world.people() as people:
            found = verify(people, self.writers)
            devices = people.all_of("DeviceService", "ListDevices", {"pageSize": 1000}, "devices")
        stored = {device["laptop"].removeprefix("laptops/"): int(device.get("reportSeq", 0)) for device in devices}
        for tag, acknowledged in self.acknowledged.items():
            if not acknowledged <= stored.get(tag, -1) <= acknowledged + 1:
                found.append(f"{tag}: report {acknowledged} acknowledged, {stored.get(tag)} stored")
        # The report in flight counts from now on: the next one must be newer.
        self.acknowledged = {tag: stored[tag] for tag in self.acknowledged}
        return found


class Deaths(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_when_the_daemon_is_killed_again_and_again(self):
        dice = random.Random(SEED)
        with running_world() as world:
            load = Load(world)
            written = 0
            for cycle in range(CYCLES):
                load.start()
                before = load.written()
                time.sleep(dice.uniform(0.02, 0.8))
                self.assertEqual(world.end(signal.SIGKILL), -signal.SIGKILL)
                load.stop()
                written += load.written() - before
                if cycle % 5 == 4:
                    self.check_files(world)
                self.assertLess(world.start(), 5, "ready again within 5 s")
                self.assertEqual(load.findings(), [], f"after kill {cycle + 1}, seed {SEED}")
            print(f"{CYCLES} kills, {written} acknowledged writes, none lost")
            self.assertGreater(written, CYCLES * 5, "the load was no load")

    def test_a_stop_under_load_loses_nothing_and_is_clean(self):
        with running_world() as world:
            load = Load(world)
            load.start()
            time.sleep(1)
            began = time.monotonic()
            self.assertEqual(world.end(signal.SIGTERM), 0)
            self.assertLess(time.monotonic() - began, 15)
            load.stop()
            self.check_files(world)
            world.start()
            self.assertEqual(load.findings(), [])

    def check_files(self, world):
        """Parc's own check of the files, and SQLite's by another program."""
        world.parcd("check")
        (database,) = [path for path in world.state.glob("*.db")]
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(connection.execute("PRAGMA foreign_key_check").fetchall(), [])


if __name__ == "__main__":
    unittest.main()
