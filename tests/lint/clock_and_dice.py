#!/usr/bin/env python3
"""Now and dice are arguments: only the composition roots ask the system for the time or for randomness.

clock_and_dice.py ROOT          checks the tree
clock_and_dice.py --self-test   proves that each rule can fail
"""

import re
import sys

from sources import code_only, finish, own_sources, self_test, within

ROOTS = ["daemon/app", "agent/app", "agent/collector/collector_main.cpp", "client/app"]

# What is asked → where it may be asked.
ONLY_IN = {
    r"system_clock\s*::\s*now\b": ROOTS,
    r"(?<![\w.>])time\s*\(\s*(?:nullptr\b|NULL\b|0\s*\)|&)": ROOTS,
    r"\b(?:gettimeofday|timespec_get)\s*\(": ROOTS,
    r"\bclock_gettime\s*\(\s*CLOCK_REALTIME": ROOTS,
    r"\babsl::Now\s*\(|\bGetCurrentTimeNanos\s*\(": ROOTS,
    r"\brandom_device\b": ROOTS,
    r"(?<![\w.>:])(?:std::|::)?(?:rand|srand|drand48)\s*\(": ROOTS,
    r"\babsl::(?:InsecureBitGen|BitGen)\b": ROOTS,
    r"\b(?:getrandom|getentropy|arc4random)\s*\(": ROOTS,
    # Keys and secrets come from OpenSSL's own generator, behind one interface each.
    r"\bRAND_(?:priv_)?bytes\s*\(": ["daemon/access/random.cpp"] + ROOTS,
}


# A monotonic clock measures how long something took and when to give up, which a pure function has no business with.
STEADY = re.compile(r"steady_clock\s*::\s*now\b")
STEADY_NOT_IN = ["daemon/inventory", "daemon/filter", "daemon/posture", "daemon/procurement", "agent/probes"]


def check(sources):
    findings = []
    for path, text in sources:
        code = code_only(text)
        rules = [(re.compile(asked), within(path, places)) for asked, places in ONLY_IN.items()]
        rules.append((STEADY, not within(path, STEADY_NOT_IN)))
        for pattern, allowed in rules:
            if allowed:
                continue
            for match in pattern.finditer(code):
                line = code.count("\n", 0, match.start()) + 1
                findings.append(f"{path}:{line}: {match.group().strip()}: take it as an argument")
    return findings


CASES = [
    ("the composition root may ask", {"daemon/app/clock.cpp": "auto t = std::chrono::system_clock::now();"}, 0),
    ("a store may not", {"daemon/store/a.cpp": "auto t = std::chrono::system_clock::now();"}, 1),
    ("C's clock is a clock", {"daemon/checkin/a.cpp": "auto t = time(nullptr);"}, 1),
    ("a field called time is none", {"daemon/checkin/a.cpp": "auto t = row.time(0); auto u = report_time(nullptr_t());"}, 0),
    ("dice are arguments", {"agent/outbox.cpp": "std::random_device dice;"}, 1),
    ("C's dice are dice", {"agent/outbox.cpp": "int n = rand() % 3;"}, 1),
    ("a member called rand is none", {"daemon/access/a.cpp": "auto n = dice.rand(); auto m = dice->rand();"}, 0),
    ("a comment is no call", {"daemon/fleet/a.cpp": "// never system_clock::now here\n/* time(nullptr) */"}, 0),
    ("a literal is no call", {"daemon/fleet/a.cpp": 'auto s = "time(nullptr)";'}, 0),
    ("a pure folder measures nothing", {"daemon/posture/a.cpp": "std::chrono::steady_clock::now()"}, 1),
    ("the edge may measure", {"daemon/rpc/call.cpp": "std::chrono::steady_clock::now()"}, 0),
    ("one file makes secrets", {"daemon/access/random.cpp": "RAND_bytes(p, n);", "daemon/access/ca.cpp": "RAND_bytes(p, n);"}, 1),
]

if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test(CASES, check)
    finish(check(own_sources(sys.argv[1])), "clock and dice")
