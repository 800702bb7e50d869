#!/usr/bin/env python3
"""F4 of the daemon: its file system, 24 MiB of ext4, runs full under load."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

from load import Load
from parc_world import PATIENCE, Refused, World, wait_until

SKIPPED = 77
FULL = ("RESOURCE_EXHAUSTED", "STORAGE_FULL")
RESERVE = 4 << 20


def enter_own_mounts():
    """Runs this program again where its mounts are its own and end with it; ends when that is not possible."""
    if os.environ.get("PARC_OWN_MOUNTS") == "1":
        return
    for tool in ("unshare", "mkfs.ext4", "losetup"):
        if not shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
            skip(f"there is no {tool}")
    if os.geteuid() != 0:
        skip("mounting needs root")
    free = subprocess.run(["losetup", "-f"], capture_output=True, text=True, check=False)
    if free.returncode != 0 or not os.path.exists(free.stdout.strip()):
        skip(f"there is no free loop device {free.stderr.strip()}")
    if subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        skip("mount namespaces are not allowed")
    os.environ["PARC_OWN_MOUNTS"] = "1"
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, "-B", *sys.argv])


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


@contextlib.contextmanager
def small_world():
    """A world whose daemon has a disk of its own."""
    with World() as world:
        image = world.root / "disk.img"
        with image.open("wb") as file:
            file.truncate(24 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-J", "size=1", image], check=True)
        world.state.mkdir(mode=0o700)
        mounted = subprocess.run(["mount", "-o", "loop", image, world.state], capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            skip(mounted.stderr.strip())
        with world.config.open("a") as config:
            config.write(f"[storage]\nreserve_mib = {RESERVE >> 20}\n[backup]\nkeep_days = 0\n")
        try:
            yield world
        finally:
            if world.daemon and world.daemon.poll() is None:
                world.end(signal.SIGKILL)
            subprocess.run(["umount", "-l", world.state], check=False)


class FullDisk(unittest.TestCase):
    def test_a_full_disk_takes_what_is_urgent_answers_who_asks_and_recovers_by_itself(self):
        with small_world() as world:
            world.start()
            load = Load(world)
            reserve, ballast = world.state / "reserve", world.state / "ballast"
            self.assertGreaterEqual(reserve.stat().st_blocks * 512, RESERVE)
            load.start()
            wait_until(lambda: load.written() > 100, "the load")
            fill(ballast, but=300_000)
            wait_until(lambda: not reserve.exists(), "the reserve's being given", 120)
            load.stop()
            self.assertEqual(world.daemon.poll(), None)
            self.refuses_changes(world)
            self.assertFalse(world.is_ready())
            self.revokes(world, "KILL-000")
            self.assertEqual(load.findings(), [])

            ballast.unlink()
            wait_until(world.is_ready, "the recovery")
            self.assertGreaterEqual(reserve.stat().st_blocks * 512, RESERVE)
            load.devices.pop("KILL-000")  # reports no more
            before = load.written()
            load.start()
            wait_until(lambda: load.written() > before + 100, "the load afterwards")
            load.stop()
            world.end()
            world.parcd("check")
            world.start()
            self.assertEqual(load.findings(), [])

    def test_a_daemon_that_is_started_on_a_full_disk_lives_on_its_reserve(self):
        with small_world() as world:
            world.start()
            load = Load(world)
            self.assertEqual(world.end(), 0)
            ballast = world.state / "ballast"
            fill(ballast)
            world.start(ready=lambda: self.answers(world))
            self.refuses_changes(world)
            self.revokes(world, "KILL-001")
            self.assertEqual(load.findings(), [])
            ballast.unlink()
            wait_until(world.is_ready, "the recovery")
            self.assertEqual((world.state / "reserve").stat().st_size, RESERVE)
            load.devices.pop("KILL-001")
            load.start()
            wait_until(lambda: load.written() > 50, "the load afterwards")
            load.stop()

    def answers(self, world):
        self.assertIsNone(world.daemon.poll(), world.log.read_text()[-2000:])
        with contextlib.suppress(OSError, Refused):
            with world.people() as people:
                people.call("LaptopService", "GetLaptop", {"name": "laptops/KILL-000"}, timeout=2)
                return True
        return False

    def refuses_changes(self, world):
        with world.people() as people:
            with self.assertRaises(Refused) as refused:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "NO-ROOM", "serial": "SER-NO"}})
            self.assertEqual((refused.exception.code, refused.exception.reason), FULL)
            with self.assertRaises(Refused) as absent:
                people.call("LaptopService", "GetLaptop", {"name": "laptops/NO-ROOM"})
            self.assertEqual(absent.exception.code, "NOT_FOUND")

    def revokes(self, world, laptop):
        with world.people() as people:
            devices = people.all_of("DeviceService", "ListDevices", {"pageSize": 1000}, "devices")
            (name,) = [device["name"] for device in devices if device["laptop"] == f"laptops/{laptop}"]
            answer = people.call("DeviceService", "RevokeDevice", {"name": name})
            self.assertEqual(answer["state"], "DEVICE_STATE_REVOKED")


def fill(ballast, but=0):
    """Takes what space is left `but` so many bytes, and what the file system frees a moment later."""
    for _ in range(3):
        with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                free = shutil.disk_usage(ballast.parent).free - but
                if free <= 0 and but > 0:
                    break
                file.write(b"\0" * min(max(free, 1 << 9), 1 << 16))
        os.sync()
        time.sleep(0.05)


if __name__ == "__main__":
    enter_own_mounts()
    unittest.main()
