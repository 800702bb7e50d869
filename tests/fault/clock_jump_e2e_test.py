#!/usr/bin/env python3
"""F7: the daemon's clock is set while it runs: 40 days ahead, a year back, to 1970. Its timers go on.

PARC_CLOCK_SECONDS sets how long each clock is kept (6; the daemon's chores run every minute).
"""

import glob
import os
import sqlite3
import time
import unittest

from load import report
from parc_world import Client, Refused, World
from skipping import skip

SECONDS = float(os.environ.get("PARC_CLOCK_SECONDS", "6"))
LIBRARIES = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
# Rows of these come and go with the clock by design: answers to repeated calls are kept for a day.
FLEETING = {"replies"}


class Clock:
    """The clock of the daemon of one world."""

    def __init__(self, world):
        self.file = world.root / "clock"
        self.set("+0")
        sanitizers = os.environ.get("ASAN_OPTIONS", "")
        world.daemon_environment.update(
            LD_PRELOAD=LIBRARIES[0],
            FAKETIME_TIMESTAMP_FILE=str(self.file),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            DONT_FAKE_MONOTONIC="1",
            ASAN_OPTIONS=f"{sanitizers}:verify_asan_link_order=0".lstrip(":"),
        )

    def set(self, to):
        new = self.file.with_suffix(".new")
        new.write_text(to + "\n")
        new.rename(self.file)


def rows_of(world):
    """How many rows each table has."""
    (database,) = world.state.glob("*.db")
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables if table not in FLEETING}


class ClockJumps(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(World()) if hasattr(self, "enterContext") else World().__enter__()
        self.addCleanup(self.world.__exit__, None)
        with self.world.config.open("a") as config:
            config.write("[ca]\ndevice_lifetime_seconds = 2592000\n")
        self.clock = Clock(self.world)
        self.world.start()
        self.people = self.world.people()
        self.people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
        self.agent = Client(self.world.ports["agent"], self.world.root_pem, certificate=self.world.device("PC-1"))
        self.check_in(1)

    def check_in(self, number):
        return self.agent.call("AgentService", "CheckIn", report(number))

    def refusal(self, number):
        with self.assertRaises(Refused) as refused:
            self.check_in(number)
        return refused.exception.code, refused.exception.reason

    def events(self):
        return self.people.all_of("LaptopService", "ListEvents", {"parent": "laptops/PC-1"}, "events")

    def test_a_certificate_that_ends_is_refused_on_the_connection_that_it_opened(self):
        self.clock.set("+40d")
        self.assertEqual(self.refusal(2), ("UNAUTHENTICATED", "CERT_EXPIRED"))
        # The control: the same connection, the same certificate, in its time.
        self.clock.set("+0")
        self.check_in(2)

    def test_a_jump_ahead_removes_no_backups(self):
        backups = self.world.state / "backups"
        kept = {f"daily-{time.strftime('%Y-%m-%d', time.gmtime(time.time() - days * 86400))}.db" for days in range(1, 30)}
        for name in kept:
            (backups / name).write_bytes(b"a backup of that day")
        self.clock.set("+40d")
        ahead = time.strftime("%Y-%m", time.gmtime(time.time() + 40 * 86400))
        end = time.monotonic() + 75
        while not list(backups.glob(f"daily-{ahead}*.db")) and time.monotonic() < end and SECONDS > 60:
            time.sleep(0.5)
        self.assertLessEqual(kept, {path.name for path in backups.iterdir()})

    def test_a_clock_that_is_set_back_ends_nothing_and_loses_nothing(self):
        self.people.call("DeviceService", "CreateEnrolmentToken", {"laptop": "laptops/PC-1"})
        before = rows_of(self.world)
        history = self.events()
        for number, clock in enumerate(("-365d", "@1970-01-02 00:00:00")):
            with self.subTest(clock):
                self.clock.set(clock)
                # Not valid yet, by this clock: refused, and not forgotten.
                self.assertEqual(self.refusal(2), ("UNAUTHENTICATED", "CERT_EXPIRED"))
                # An enrolment tidies up what is out of date.
                tag = f"PC-{number + 2}"
                self.people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": tag}})
                self.world.device(tag)
                time.sleep(SECONDS)
                for table, count in rows_of(self.world).items():
                    self.assertGreaterEqual(count, before[table], f"{table} lost rows at {clock}")
                # Its own check finds that its certificate is not valid yet, and says so; others are served.
                self.assertIsNone(self.world.daemon.poll())
                # A move before the newest one is refused in words, not taken in a wrong order.
                with self.assertRaises(Refused) as refused:
                    self.people.call("LaptopService", "MoveLaptop", {"name": "laptops/PC-1", "event": "LAPTOP_EVENT_PREPARE"})
                self.assertEqual(refused.exception.reason, "EFFECTIVE_DATE_TOO_EARLY")
        self.clock.set("+0")
        self.check_in(2)
        self.people.call("LaptopService", "MoveLaptop", {"name": "laptops/PC-1", "event": "LAPTOP_EVENT_PREPARE"})
        events = self.events()
        self.assertEqual(events[-len(history) :], history, "the history is as it was, and goes on")
        self.assertEqual(len(events), len(history) + 1)
        self.world.parcd("check")


if __name__ == "__main__":
    if not LIBRARIES:
        skip("there is no libfaketime (package faketime)")
    unittest.main()
