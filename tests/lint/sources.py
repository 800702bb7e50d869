"""What every lint needs: Parc's own sources, without comments and string contents, and how a lint ends."""

import pathlib
import re
import sys

OWN_FOLDERS = ("daemon", "agent", "client")
SUFFIXES = {".h", ".cpp"}

# Comments, and string and character literals; a raw string ends with its own mark. Line breaks inside stay.
_NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S,
)


def own_sources(root):
    """Yields (path below root with slashes, text) of every source file of the three programs, in order."""
    root = pathlib.Path(root)
    for folder in OWN_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def code_only(text):
    """`text` with comments and literals blanked, line numbers kept."""
    return _NOISE.sub(lambda match: "\n" * match.group().count("\n") or " ", text)


def within(path, places):
    """Whether `path` is one of `places`: a folder (`daemon/store`), or a beginning that ends with `*` (`agent/channel*`)."""
    for place in places:
        if place.endswith("*"):
            if path.startswith(place[:-1]):
                return True
        elif path == place or path.startswith(place + "/"):
            return True
    return False


def finish(findings, what):
    """Prints the findings and ends the program."""
    for finding in findings:
        print(finding)
    print(f"{what}: {len(findings)} finding{'' if len(findings) == 1 else 's'}")
    sys.exit(1 if findings else 0)


def self_test(cases, check):
    """Runs `check(sources)` on sources made up for it; cases: (name, {path: text}, number of findings expected)."""
    failures = []
    for name, sources, expected in cases:
        findings = check(sources.items())
        if len(findings) != expected:
            failures.append(f"{name}: expected {expected} findings, got {len(findings)}: {findings}")
    print(f"{len(cases)} cases of the lint itself")
    finish(failures, "self-test")
