"""R1 to R12: how each figure is measured. A figure's function returns {key: value}."""

import concurrent.futures
import contextlib
import json
import pathlib
import re
import subprocess
import time

from stage import BIN, DAEMON, Server, World, median, say
from parc_world import API

PER_MICRO = 1e6


def cpu(piece):
    """The server's CPU for a call, in microseconds."""
    return piece["server"]["cpu_seconds"] * PER_MICRO / max(1, piece["ok"])


def rate(piece):
    return piece["ok"] / piece["seconds"]


class Storm:
    """R1 to R4: changed, unchanged and mixed check-ins beside no-ops of the same size, in turn, over 256 mTLS connections,
    once the daemon has heard of every laptop since its start."""

    WORKS = ("nothing", "changed", "nothing-small", "unchanged", "mixed")

    def __init__(self, stage):
        devices = stage.pick(500, 100_000, 100_000)
        with Server(stage, devices) as server:
            server.pool("--each-once", "--seconds", 600, "--work", "unchanged")
            pieces = server.pool(
                "--work", ",".join(self.WORKS), "--seconds", stage.pick(0.1, 0.7, 2), "--rounds", stage.pick(1, 4, 12),
                connections=stage.pick(16, 256, 256),
            )  # fmt: skip
        refused = {reason for piece in pieces for reason in (piece["refused"] or piece["broken"])}
        if refused:
            raise RuntimeError(f"check-ins were refused: {refused}")
        self.rounds = [dict(zip(self.WORKS, pieces[i:])) for i in range(0, len(pieces), len(self.WORKS))]
        self.pieces = pieces

    def ratio(self, measure, work, yardstick):
        return median([measure(each[work]) / measure(each[yardstick]) for each in self.rounds])

    def of(self, work):
        return [each[work] for each in self.rounds]

    def figures(self):
        syncs = sum(piece["syncs"] for piece in self.of("changed")) / sum(piece["ok"] for piece in self.of("changed"))
        return {
            "R1": self.ratio(rate, "changed", "nothing"),
            "R2": self.ratio(rate, "unchanged", "nothing-small"),
            "R3": self.ratio(cpu, "changed", "nothing"),
            "R3b": self.ratio(cpu, "mixed", "nothing-small"),
            "R4": syncs,
        }

    def remarks(self):
        for work in self.WORKS:
            rates = sorted(rate(piece) for piece in self.of(work))
            own = median([piece["own_cpu_seconds"] * PER_MICRO / max(1, piece["ok"]) for piece in self.of(work)])
            yield (
                f"{work:14} {median(rates):8.0f}/s ({rates[0]:.0f}–{rates[-1]:.0f}), server "
                f"{median([cpu(piece) for piece in self.of(work)]):6.1f} µs CPU a call, load generator {own:.1f} µs"
            )


def written_bytes(stage):
    """R5: what the daemon hands to the disk for a check-in, with what it puts off."""
    figures = {}
    with Server(stage, stage.pick(500, 100_000, 100_000)) as server:
        for key, work in (("R5", "changed"), ("R5b", "unchanged")):
            server.settle()
            before = server.written()
            (piece,) = server.pool("--seconds", stage.pick(0.2, 4, 15), "--work", work, connections=stage.pick(16, 256, 256))
            server.settle()
            figures[key] = (server.written() - before) / piece["ok"]
    return figures


def growth(stage):
    """R6: the server's CPU for a check-in on larger and larger fleets, in turn, once each has been heard of since the start."""
    sizes = stage.pick([200, 500], [1_000, 100_000], [1_000, 100_000, 1_000_000])
    costs = {size: [] for size in sizes}
    with contextlib.ExitStack() as stack:
        servers = {size: stack.enter_context(Server(stage, size)) for size in sizes}
        for server in servers.values():
            server.pool("--each-once", "--seconds", 600, "--work", "unchanged")
        for turn in range(stage.pick(1, 4, 10)):
            for size in sizes:
                # As many connections as the smallest fleet can keep busy.
                (piece,) = servers[size].pool("--seconds", stage.pick(0.1, 0.8, 2), "--work", "mixed", "--seed", turn + 1, connections=64)
                if turn > 0 or stage.mode == "smoke":  # the first turn warms what is cached
                    costs[size].append(cpu(piece))
    small = costs[sizes[0]]
    say("  " + ", ".join(f"{size} devices: {median(cost):.1f} µs CPU a check-in" for size, cost in costs.items()))
    keys = ("R6", "R6b")
    return {key: median([a / b for a, b in zip(costs[size], small)]) for key, size in zip(keys, sizes[1:])}


def latency(stage):
    """R7: p99 at half of what the server takes, by what appending and syncing 4 KiB took in the same seconds."""
    ratios = []
    with Server(stage, stage.pick(500, 100_000, 100_000)) as server:
        (capacity,) = server.pool("--seconds", stage.pick(0.2, 2, 4), "--work", "mixed")
        half = rate(capacity) / 2
        for _ in range(stage.pick(1, 2, 5)):
            found = server.load(
                "pool", "--any-device", "--connections", 256, "--rate", f"{half:.0f}", "--seconds", stage.pick(0.3, 4, 10),
                "--work", "mixed", "--probe", server.world.state,
            )  # fmt: skip
            (piece,), probe = found["run"], found["append_fdatasync"]
            say(
                f"  at {half:.0f}/s: p50 {piece['latency']['p50']} µs, p99 {piece['latency']['p99']} µs; "
                f"append + fdatasync p50 {probe['p50']} µs, p99 {probe['p99']} µs; {piece['held_back']} held back"
            )
            ratios.append(piece["latency"]["p99"] / max(1, probe["p99"]))
    return {"R7": median(ratios)}


def overload(stage):
    """R8: ten times as many check-ins as the server takes, whatever it answers; then the ledger is compared."""
    devices = stage.pick(500, 100_000, 100_000)
    seconds = stage.pick(0.3, 4, 15)
    with Server(stage, devices) as server:
        (at_capacity,) = server.pool("--seconds", seconds, "--work", "mixed")
        capacity, peak = rate(at_capacity), server.memory("VmHWM")
    with Server(stage, devices) as server:
        (piece,) = server.pool(
            "--seconds", seconds, "--work", "mixed", "--rate", f"{10 * capacity:.0f}", "--depth", 8,
            connections=stage.pick(32, 768, 768),
        )  # fmt: skip
        high = server.memory("VmHWM")
        lost = server.verify()["lost"]
    calls = piece["ok"] + sum(piece["refused"].values())
    say(
        f"  capacity {capacity:.0f}/s, {peak / 1e6:.0f} MB; offered {(calls + piece['held_back']) / piece['seconds']:.0f}/s of which "
        f"{calls / piece['seconds']:.0f}/s found room on a connection: {rate(piece):.0f}/s admitted, refused {piece['refused']}, "
        f"{high / 1e6:.0f} MB"
    )
    return {"R8": rate(piece) / capacity, "R8b": high / peak, "R8c": lost}


def memory(stage):
    """R9: the daemon after the whole fleet has reported and gone."""
    with Server(stage, stage.pick(500, 10_000, 10_000)) as server:
        at_start = server.memory("VmRSS")
        server.pool("--each-once", "--seconds", 600, "--work", "mixed", connections=64)
        time.sleep(2)
        now = server.memory("VmRSS")
    say(f"  {at_start / 1e6:.1f} MB when it serves, {now / 1e6:.1f} MB when all have reported")
    return {"R9": now / 1e6}


# Runs a program and prints its CPU in ms and its peak memory in MB. As small as Python can be: a child begins with the
# peak of whoever started it, and this one's 9 MB are below what is measured.
COST_OF = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
print(1000 * (used.ru_utime + used.ru_stime), used.ru_maxrss * 1024 / 1e6)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def agent(stage):
    """R10: the resident agent at rest, and one full collection with its check-in."""
    with World() as world:
        world.program = DAEMON
        world.start()
        world.log_in()
        world.parc("import", "laptops", world.file("laptops.csv", b"asset_tag,model,state\nPC-1,Latitude 5400,IN_STOCK\n"))
        world.agent("enrol", "-", stdin=world.parc("enrol", "new", "--laptop", "PC-1").stdout)
        options = ["--config", str(world.root / "agent.toml"), "--state-dir", str(world.root / "agent")]
        # The slow sources, the package manager's simulation above all, are cached from here on.
        subprocess.run([BIN / "parc-agent-report", *options, "once"], capture_output=True, env=world.environment, check=True, timeout=600)
        runs = []
        for _ in range(stage.pick(1, 5, 9)):
            # Complete facts: as if none had been acknowledged.
            for file in (world.root / "agent").glob("*acknowledged*"):
                file.unlink()
            command = ["/usr/bin/python3", "-S", "-E", "-c", COST_OF, BIN / "parc-agent-report", *options, "once"]
            done = subprocess.run(command, stdout=subprocess.PIPE, env=world.environment, text=True, check=True)
            runs.append([float(word) for word in done.stdout.split()[-2:]])
        resident = subprocess.Popen([BIN / "parc-agent", *options, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=world.environment)
        try:
            time.sleep(stage.pick(0.5, 2, 4))
            rollup = pathlib.Path(f"/proc/{resident.pid}/smaps_rollup").read_text()
        finally:
            resident.kill()
            resident.wait()
    pss = 1024 * int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
    return {"R10": pss / 1e6, "R10b": median([run[0] for run in runs]), "R10c": max(run[1] for run in runs)}


def questions(stage):
    """R11: what people wait for, through the API: the first page of a filtered list, and the status of the fleet, once the
    daemon has what they look at in memory. What they take the first time, and while the fleet reports, is told beside."""

    def times(stub, request, metadata):
        found, end = [], time.monotonic() + stage.pick(0.5, 3, 15)
        while len(found) < 3 or (len(found) < stage.pick(3, 40, 200) and time.monotonic() < end):
            began = time.perf_counter()
            stub(request, timeout=30, metadata=metadata)
            found.append(1000 * (time.perf_counter() - began))
        return found

    filters = {
        "common": 'state = "ASSIGNED" AND disk.encrypted = true',
        "rare": 'os.kernel = "6.1.0-97-amd64"',
        "none": 'os.kernel = "4.9"',
        "not ready": "readiness = NOT_READY",
    }
    with Server(stage, stage.pick(500, 100_000, 100_000)) as server, server.people() as people:
        def ask(service, method, fields):
            takes, _ = API.method(service, method)
            message = takes(**fields).SerializeToString()
            stub = people.channel.unary_unary(f"/parc.v1.{service}/{method}", request_serializer=bytes, response_deserializer=bytes)
            return times(stub, message, people.metadata)

        def every():
            lists = {name: ask("LaptopService", "ListLaptops", {"filter": text, "page_size": 50}) for name, text in filters.items()}
            return {**lists, "status": ask("FleetService", "GetStatus", {})}

        def tell(when, found):
            say(f"  {when}: " + ", ".join(f"{name} {found[name]:.1f} ms" for name in found))

        quiet = every()
        tell("asked for the first time", {name: found[0] for name, found in quiet.items()})
        quiet = {name: median(found) for name, found in quiet.items()}
        tell("and again", quiet)
        # A fleet that reports every 15 minutes, one report in ten with changed facts.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            rate_of_fleet = stage.pick(20, 111, 111)
            load = pool.submit(
                server.load, "pool", "--any-device", "--connections", 64, "--rate", rate_of_fleet, "--seconds", stage.pick(2, 15, 75), "--work", "mixed"
            )
            time.sleep(stage.pick(0.1, 1, 1))
            tell(f"while {rate_of_fleet} laptops a second report", {name: median(found) for name, found in every().items()})
            load.result()
    status = quiet.pop("status")
    # The slowest kind.
    return {"R11": max(quiet.values()), "R11b": status}


def forecast(stage):
    """R12: the forecast's own benchmark, when this build has it."""
    program = BIN / "forecast_benchmark"
    if not program.exists():
        say("  this build has no forecast_benchmark (it needs libbenchmark-dev)")
        return {}
    options = ["--benchmark_filter=BM_Forecast$", "--benchmark_format=json", f"--benchmark_min_time={stage.pick(0.01, 0.5, 2)}"]
    done = subprocess.run([program, *options], capture_output=True, text=True, check=True)
    (found,) = json.loads(done.stdout)["benchmarks"]
    return {"R12": found["cpu_time"] * {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}[found["time_unit"]]}
