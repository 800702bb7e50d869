#!/usr/bin/env python3
"""F2 and F8 of the daemon: a disk that fails, and one that is slow."""

import contextlib
import os
import socket
import threading
import time
import unittest

from broken_disk import world_on_broken_disk
from load import Load
from parc_world import PATIENCE, Refused, wait_until

EX_IOERR = 74
WATCHDOG_SECONDS = 6


class FailingDisk(unittest.TestCase):
    def test_a_disk_that_fails_ends_the_daemon_and_nothing_acknowledged_is_lost(self):
        for operation in ("write", "sync"):
            with self.subTest(operation), world_on_broken_disk() as (world, disk):
                world.start()
                load = Load(world)
                load.start()
                wait_until(lambda: load.written() > 50, "the load")
                disk.does(f"fail {operation}")
                self.assertEqual(world.daemon.wait(PATIENCE), EX_IOERR)
                load.stop()
                self.assertIn("reason=STORAGE_FAILED", world.log.read_text())
                disk.does("")
                self.assertLess(world.start(), 5)
                self.assertEqual(load.findings(), [])
                world.parcd("check")


class Watchdog:
    """What the service manager hears of the daemon."""

    def __init__(self, world):
        path = world.root / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(0.2)
        world.daemon_environment.update(NOTIFY_SOCKET=str(path), WATCHDOG_USEC=str(WATCHDOG_SECONDS * 1_000_000))
        self.times = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                if b"WATCHDOG=1" in self.socket.recv(4096):
                    self.times.append(time.monotonic())

    def longest_silence(self, since):
        times = [since] + [moment for moment in self.times if moment > since] + [time.monotonic()]
        return max(after - before for before, after in zip(times, times[1:]))

    def close(self):
        self.stopping.set()
        self.thread.join()
        self.socket.close()


class SlowDisk(unittest.TestCase):
    def test_a_slow_disk_makes_calls_wait_their_turn_and_trips_no_watchdog(self):
        with world_on_broken_disk() as (world, disk), contextlib.closing(Watchdog(world)) as watchdog:
            world.start()
            load = Load(world, agents=50)
            disk.does("slow 200")
            began = time.monotonic()
            load.start()
            before = load.written()
            memory = resident(world.daemon.pid)
            for _ in range(50):
                time.sleep(0.2)
                self.assertTrue(world.is_ready(), "a slow disk is no broken one")
            written, took = load.written() - before, time.monotonic() - began
            # Everybody waits for one commit or two, and shares it with all others: a queue of callers, each with a sync of
            # his own, would have got as many answers as there were syncs.
            self.assertGreater(written, 2 * took / 0.2)
            self.assertLess(watchdog.longest_silence(began), WATCHDOG_SECONDS)
            self.assertLess(resident(world.daemon.pid), 2 * memory)
            load.stop()
            disk.does("")
            self.assertEqual(load.findings(), [])
            with world.people() as people:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "AFTER", "serial": "SER-AFTER"}})

    def test_control_a_disk_that_hangs_is_told_by_readiness(self):
        with world_on_broken_disk() as (world, disk):
            world.start()
            disk.does("slow 60000")
            wait_until(lambda: not world.is_ready(), "the daemon's noticing", 60)
            with world.people() as people, self.assertRaises(Refused) as refused:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "NEVER", "serial": "SER-NEVER"}}, timeout=3)
            self.assertEqual(refused.exception.code, "DEADLINE_EXCEEDED")
            with world.people() as people:  # who asks is answered
                self.assertEqual(people.all_of("LaptopService", "ListLaptops", {}, "laptops"), [])


def resident(pid):
    """Resident memory in KiB."""
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS:")).split()[1])


if __name__ == "__main__":
    os.environ.setdefault("PARC_FAULT_PRELOAD", "build/dev/tests/libparc_fault_preload.so")
    unittest.main()
