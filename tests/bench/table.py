"""Measures, and prints the table. Started by run.sh."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import figures
from stage import REPOSITORY, Stage, say

# key: (what it is, good, excellent, unit, whether more is better)
GOALS = {
    "R1": ("durable check-ins/s, facts changed ÷ no-op calls/s", 0.80, 0.90, "ratio", True),
    "R2": ("durable check-ins/s, unchanged ÷ no-op calls/s", 0.90, 0.95, "ratio", True),
    "R3": ("server CPU, all changed ÷ no-op", 1.35, 1.20, "ratio", False),
    "R3b": ("server CPU, 90 % unchanged ÷ no-op", 1.25, 1.10, "ratio", False),
    "R4": ("fsyncs per check-in at saturation", 1 / 30, 1 / 60, "1/call", False),
    "R5": ("bytes written per check-in, changed", 5000, 3000, "B", False),
    "R5b": ("bytes written per check-in, unchanged", 1000, 300, "B", False),
    "R6": ("cost of a check-in at 100,000 devices ÷ at 1,000", 1.2, 1.1, "ratio", False),
    "R6b": ("cost of a check-in at 1,000,000 devices ÷ at 1,000", 1.5, 1.2, "ratio", False),
    "R7": ("p99 at half load ÷ p99 of append + fdatasync", 10, 5, "ratio", False),
    "R8": ("10 × overload: admitted/s ÷ capacity", 0.8, 0.9, "ratio", True),
    "R8b": ("10 × overload: peak memory ÷ at capacity", 3, 2, "ratio", False),
    "R8c": ("10 × overload: acknowledged and lost", 0, 0, "reports", False),
    "R9": ("daemon's memory at 10,000 laptops", 80, 50, "MB", False),
    "R10": ("agent at rest, PSS", 5, 3, "MB", False),
    "R10b": ("agent, CPU of one full collection and check-in", 100, 50, "ms", False),
    "R10c": ("agent, peak memory of the same", 20, 15, "MB", False),
    "R11": ("first page of a filtered list, 100,000 laptops", 50, 10, "ms", False),
    "R11b": ("status of the fleet, 100,000 laptops", 100, 20, "ms", False),
    "R12": ("forecast: 2,000 paths, 3,600 people, 365 days", 100, 30, "ms", False),
}

# What measures which figures, in the order of running.
STEPS = [
    ("R1 R2 R3 R3b R4", figures.Storm),
    ("R5 R5b", figures.written_bytes),
    ("R6 R6b", figures.growth),
    ("R7", figures.latency),
    ("R8 R8b R8c", figures.overload),
    ("R9", figures.memory),
    ("R10 R10b R10c", figures.agent),
    ("R11 R11b", figures.questions),
    ("R12", figures.forecast),
]


def grade(key, value):
    _, good, excellent, _, more = GOALS[key]
    if value >= excellent if more else value <= excellent:
        return "excellent"
    return "good" if (value >= good if more else value <= good) else "short"


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def row(key, value):
    what, good, excellent, unit, _ = GOALS[key]
    shown = "–" if value is None else number(value)
    return f"{key:<5} {what:<52} {shown:>9} {number(good):>8} {number(excellent):>9}  {unit:<8} {'' if value is None else grade(key, value)}"


def disk_noise(directory, seconds):
    """Quantiles of append + fdatasync of 4 KiB with nothing else running here, in microseconds."""
    times = []
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            times.append(1e6 * (time.perf_counter() - began))
    times.sort()
    return {name: times[int(share * (len(times) - 1))] for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99))}


def noise_lines(storm, disk):
    yield f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end"
    yield "append + fdatasync: " + ", ".join(f"{name} {micros:.0f} µs" for name, micros in disk.items())
    if storm is None:
        return
    rates = [figures.rate(piece) for work in ("nothing", "nothing-small") for piece in storm.of(work)]
    yield f"no-op: {min(rates):.0f} to {max(rates):.0f} calls/s, a spread of {100 * (max(rates) / min(rates) - 1):.0f} %"
    yield from storm.remarks()


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh")
    parser.add_argument("--quick", action="store_const", const="quick", dest="mode", default="full")
    parser.add_argument("--smoke", action="store_const", const="smoke", dest="mode")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--cache", type=pathlib.Path, default=REPOSITORY / "build/release/fleets")
    options = parser.parse_args()
    wanted = set(filter(None, options.only.split(",")))
    if unknown := wanted - GOALS.keys():
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    options.cache.mkdir(parents=True, exist_ok=True)
    stage = Stage(options.cache.resolve(), options.mode)
    began = time.monotonic()
    values, storm, failed = {}, None, []
    disk = disk_noise(options.cache, stage.pick(0.1, 1, 3))
    for keys, measure in STEPS:
        if wanted and not wanted & set(keys.split()):
            continue
        say(f"{keys} …")
        try:
            found = measure(stage)
            if isinstance(found, figures.Storm):
                storm, found = found, found.figures()
            values.update(found)
        except (AssertionError, RuntimeError, OSError, subprocess.SubprocessError) as error:  # the others can be measured all the same
            say(f"  not measured: {error}")
            failed.append(keys)
    print(f"{'':5} {'':52} {'this run':>9} {'good':>8} {'excellent':>9}")
    for key in GOALS:
        if not wanted or key in wanted or key in values:
            print(row(key, values.get(key)))
    print("\nThis host:")
    for line in noise_lines(storm, disk):
        print(f"  {line}")
    print(f"\nTook {time.monotonic() - began:.0f} s ({options.mode}).")
    if options.json:
        rows = {
            key: {"value": round(value, 6), "good": round(GOALS[key][1], 6), "excellent": round(GOALS[key][2], 6), "unit": GOALS[key][3]}
            for key, value in values.items()
        }
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
