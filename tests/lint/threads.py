#!/usr/bin/env python3
"""Every thread of the daemon has a line in CONTRIBUTING.md, and every line a thread.

threads.py ROOT          checks the tree
threads.py --self-test   proves that each rule can fail
"""

import pathlib
import re
import sys

from sources import finish, own_sources, self_test

NAME = re.compile(r'"(parc-[a-z]+)-?"')  # a name ending in a dash has a number behind it
LINE = re.compile(r"^\| `(parc-[a-z]+)(?:-N)?` \|", re.M)


def check_with(table, sources):
    named = {}
    for path, text in sources:
        for match in NAME.finditer(text):
            named.setdefault(match[1], path)
    listed = set(LINE.findall(table))
    findings = [f"{named[name]}: thread {name} has no line in CONTRIBUTING.md" for name in sorted(named.keys() - listed)]
    return findings + [f"CONTRIBUTING.md: there is no thread {name}" for name in sorted(listed - named.keys())]


TABLE = "| `parc-commit` | owner | work |\n| `parc-read-N` | owner | work |\n"
BOTH = {"daemon/store/a.cpp": 'Name("parc-commit"); Name("parc-read-" + n);'}
CASES = [
    ("both listed", BOTH, 0),
    ("one is not listed", {**BOTH, "daemon/app/b.cpp": 'Name("parc-loop");'}, 1),
    ("one is not there any more", {"daemon/store/a.cpp": 'Name("parc-commit");'}, 1),
]

if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test(CASES, lambda sources: check_with(TABLE, sources))
    daemon = [(path, text) for path, text in own_sources(sys.argv[1]) if path.startswith("daemon/")]
    finish(check_with((pathlib.Path(sys.argv[1]) / "CONTRIBUTING.md").read_text(encoding="utf-8"), daemon), "threads")
