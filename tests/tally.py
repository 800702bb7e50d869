#!/usr/bin/env python3
"""Counts the test cases inside CTest's results: tally.py RESULTS.xml

CTest sees one test a program; people count cases. Prints the output of what failed on standard error, and
"PASSED FAILED SKIPPED" on standard output.
"""

import re
import sys
import xml.etree.ElementTree


def cases_in(output, failed):
    """(passed, failed, skipped) as the program itself tells; a program that tells nothing is one case."""
    if match := re.search(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)", output):
        return int(match[1]), 0, 0
    if match := re.search(r"test cases:\s*(\d+)(?: \|\s*(\d+) passed)?(?: \|\s*(\d+) failed)?", output):
        return int(match[2] or 0), int(match[3] or 0), 0
    if match := re.search(r"^Ran (\d+) tests? in .*?^(?:OK|FAILED)([^\n]*)", output, re.M | re.S):  # unittest
        counted = {word: int(number) for word, number in re.findall(r"(\w+)=(\d+)", match[2])}
        bad, skipped = counted.get("failures", 0) + counted.get("errors", 0), counted.get("skipped", 0)
        return int(match[1]) - bad - skipped, bad, skipped
    return (0, 1, 0) if failed else (1, 0, 0)


def main(path):
    total = [0, 0, 0]
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        failed = case.get("status") == "fail"
        if case.get("status") in ("notrun", "disabled") or case.find("skipped") is not None:
            counts = (0, 0, 1)
        else:
            counts = cases_in(output, failed)
            if failed and counts[1] == 0:  # it died, or ran out of time, after its last success
                counts = (counts[0], 1, counts[2])
        if failed:
            print(f"--- {case.get('name')} failed:\n{output[-6000:]}", file=sys.stderr)
        total = [sum(pair) for pair in zip(total, counts)]
    print(*total)


main(sys.argv[1])
