#!/usr/bin/env python3
"""F1: nothing that was acknowledged is lost, and nothing is half there, when the daemon dies or is told to stop under load.

The ledger of what was acknowledged lives in this process. PARC_KILL_CYCLES sets how often the daemon is killed (20).
"""

import contextlib
import os
import random
import signal
import sqlite3
import time
import unittest

from load import Load, report
from parc_world import running_world, wait_until

CYCLES = int(os.environ.get("PARC_KILL_CYCLES", "20"))
AGENTS = 50
SEED = int(os.environ.get("PARC_SEED", "20200312"))


class Deaths(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_when_the_daemon_is_killed_again_and_again(self):
        dice = random.Random(SEED)
        with running_world() as world:
            load = Load(world, AGENTS)
            written = 0
            for cycle in range(CYCLES):
                load.start()
                before = load.written()
                wait_until(lambda: load.written() > before, "the first write of a cycle")
                time.sleep(dice.uniform(0.02, 0.8))
                self.assertEqual(world.end(signal.SIGKILL), -signal.SIGKILL)
                load.stop()
                written += load.written() - before
                self.check_files(world)
                if cycle % 5 == 4:
                    world.parcd("check")
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
            world.parcd("check")
            world.start()
            self.assertEqual(load.findings(), [])

    def check_files(self, world):
        """The files that the daemon left, by another program's SQLite: sound, and no write is half there."""
        (database,) = [path for path in world.state.glob("*.db")]
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(connection.execute("PRAGMA foreign_key_check").fetchall(), [])
            self.assertEqual(half_there(connection), [])


def half_there(connection):
    """Writes of which one table knows and another does not."""
    found = []
    newest = dict(connection.execute("SELECT laptop, report_seq FROM contacts"))
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'contact_log'").fetchone():
        newest.update(connection.execute("SELECT laptop, report_seq FROM contact_log ORDER BY id"))
    kernels = dict(connection.execute("SELECT laptop, os_kernel FROM facts"))
    for laptop, sequence in newest.items():
        if kernels.get(laptop) != report(sequence)["facts"]["os"]["kernel"]:
            found.append(f"laptop {laptop}: report {sequence} is the newest, its facts are those of {kernels.get(laptop)}")
    for tag, state, event_state, revision, events in connection.execute(
        "SELECT l.asset_tag, l.state, e.to_state, l.revision, (SELECT COUNT(*) FROM laptop_events WHERE laptop = l.id) FROM laptops l"
        " LEFT JOIN laptop_events e ON e.id = (SELECT MAX(id) FROM laptop_events WHERE laptop = l.id)"
    ):
        if (state, revision) != (event_state, events):
            found.append(f"{tag}: {state} in revision {revision} after {events} events, the last of which led to {event_state}")
    return found


class Control(unittest.TestCase):
    """The checks of above can fail."""

    def test_a_ledger_that_is_ahead_of_the_daemon_is_told_so(self):
        with running_world() as world:
            load = Load(world)
            load.writers[0].step += 3
            load.acknowledged["AGENT-000"] += 3
            found = load.findings()
        self.assertEqual([finding.split(":")[0] for finding in found], ["KILL-000", "AGENT-000"])

    def test_a_write_that_is_half_there_is_found(self):
        with running_world() as world:
            load = Load(world)
            load.start()
            wait_until(lambda: load.written() > 200, "the load")
            world.end(signal.SIGKILL)
            load.stop()
            (database,) = [path for path in world.state.glob("*.db")]
            with contextlib.closing(sqlite3.connect(database)) as connection:
                self.assertEqual(half_there(connection), [])
                connection.execute("UPDATE facts SET os_kernel = 'another' WHERE laptop = (SELECT MIN(laptop) FROM facts)")
                connection.execute("DELETE FROM laptop_events WHERE id = (SELECT MAX(id) FROM laptop_events)")
                self.assertEqual(len(half_there(connection)), 2)


if __name__ == "__main__":
    unittest.main()
