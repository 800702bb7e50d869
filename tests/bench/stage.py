"""Simulated fleets, the daemon on top of one, and parc-swarm against it."""

import hashlib
import json
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/e2e"))
from parc_world import BIN, Client, World, wait_until  # noqa: E402

DAEMON = BIN / "parcd-bench"
CERTIFICATES = 1024  # of a fleet; its other devices report over these connections


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def median(values):
    return statistics.median(values)


def swarm(*arguments):
    """Runs parc-swarm and returns what it wrote as JSON."""
    with tempfile.NamedTemporaryFile() as out:
        command = [BIN / "parc-swarm", *arguments, *(["--json", out.name] if arguments[0] != "make-fleet" else [])]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode not in (0, 3):  # 3: verify found a loss, which is in the JSON
            raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        text = out.read()
        return json.loads(text) if text else None


class Server:
    """The daemon on the fleet of so many devices, on free ports, without the limits that would end a measurement."""

    def __init__(self, stage, devices):
        self.fleet = stage.fleet(devices)
        self.world = World()
        self.world.program = DAEMON
        self.world.state = self.fleet / "state"
        limits = ["agent_connections = 20000", "agent_connections_per_address = 20000", "people_connections_per_address = 256"]
        listen = "\n".join(f'{port} = "127.0.0.1:0"' for port in ("agent", "gateway", "people", "metrics"))
        self.world.config.write_text(
            f'state_dir = "{self.world.state}"\n[checkin]\nleast_seconds = 0\n[backup]\nkeep_days = 0\n'
            f"[limits]\n" + "\n".join(limits) + f"\n[listen]\n{listen}\n"
        )

    def __enter__(self):
        self.world.start()
        self.pid = self.world.daemon.pid
        return self

    def __exit__(self, kind, *rest):
        if self.world.daemon.poll() is None:
            self.world.end(signal.SIGTERM)
        self.world.__exit__(kind, *rest)

    def pool(self, *arguments, connections=256):
        """Slices of load over connections that stay open and speak for every device; a list of dictionaries."""
        return self.load("pool", "--any-device", "--connections", connections, *arguments)["run"]

    def load(self, command, *arguments):
        ports = self.world.ports
        return swarm(
            command, "--fleet", self.fleet / "fleet", "--server", f"localhost:{ports['agent']}",
            "--server-pid", self.pid, "--metrics", f"127.0.0.1:{ports['metrics']}", *arguments,
        )  # fmt: skip

    def people(self):
        return self.world.people()

    def written(self):
        return int(re.search(r"^write_bytes: (\d+)", pathlib.Path(f"/proc/{self.pid}/io").read_text(), re.M)[1])

    def memory(self, field):
        """VmRSS or VmHWM, in bytes."""
        return 1024 * int(re.search(rf"^{field}:\s+(\d+)", pathlib.Path(f"/proc/{self.pid}/status").read_text(), re.M)[1])

    def settle(self):
        """Waits until the server writes nothing for a second: what it put off is then written."""
        before, end = -1, time.monotonic() + 20
        while before != self.written() and time.monotonic() < end:
            before = self.written()
            time.sleep(1)

    def verify(self):
        return swarm("verify", "--fleet", self.fleet / "fleet", "--state-dir", self.world.state)


class Stage:
    """What a run shares: how long things may take, and the fleets, made once and kept."""

    def __init__(self, cache, mode):
        self.cache, self.mode = cache, mode
        # A fleet of another schema, or of another generator, is another fleet.
        sources = sorted((REPOSITORY / "daemon/store/schema").glob("*.sql")) + [REPOSITORY / "tests/bench/swarm/make_fleet.cpp"]
        self.version = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]

    def pick(self, smoke, quick, full):
        return {"smoke": smoke, "quick": quick, "full": full}[self.mode]

    def fleet(self, devices):
        """The directory of a fleet whose laptops have all reported once."""
        directory = self.cache / f"{devices}-{self.version}"
        if not (directory / "whole").exists():
            self.make(devices, directory)
        return directory

    def make(self, devices, directory):
        began = time.monotonic()
        say(f"  making a fleet of {devices} …")
        subprocess.run(["rm", "-rf", directory], check=True)
        directory.mkdir(parents=True)
        swarm(
            "make-fleet", "--state-dir", directory / "state", "--fleet", directory / "fleet",
            "--devices", devices, "--certificates", min(devices, CERTIFICATES),
        )  # fmt: skip
        (directory / "whole").touch()
        with Server(self, devices) as server:
            (first,) = server.pool("--each-once", "--seconds", 3600, "--work", "mixed")
            if first["ok"] != devices:
                (directory / "whole").unlink()
                raise RuntimeError(f"{first['ok']} of {devices} devices reported: {first['refused']}")
        say(f"  … in {time.monotonic() - began:.0f} s")
