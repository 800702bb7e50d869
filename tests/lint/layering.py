#!/usr/bin/env python3
"""Who may include whom. Folders are layers, includes are arrows; a rule without a check leaks.

layering.py ROOT          checks the tree
layering.py --self-test   proves that each kind of rule can fail
"""

import re
import sys

from sources import finish, own_sources, self_test, within

PURE = {"daemon/inventory", "daemon/filter", "daemon/posture", "daemon/procurement", "daemon/forecast"}
USE_CASES = {"daemon/access", "daemon/checkin", "daemon/fleet"}

# Folder → the folders it may include besides itself. The longest name that fits a file is its folder.
ALLOWED = {
    "daemon/inventory": set(),
    "daemon/filter": {"daemon/inventory"},
    "daemon/posture": {"daemon/filter", "daemon/inventory"},
    "daemon/procurement": {"daemon/inventory"},
    "daemon/forecast": {"daemon/inventory"},
    "daemon/store": PURE,
    "daemon/access": PURE | {"daemon/store"},
    "daemon/checkin": PURE | {"daemon/store", "daemon/access"},
    "daemon/fleet": PURE | {"daemon/store", "daemon/access"},
    "daemon/rpc": PURE | USE_CASES,
    "daemon/gateway": PURE | USE_CASES | {"daemon/rpc/status_details.h"},
    "daemon/app": PURE | USE_CASES | {"daemon/store", "daemon/rpc", "daemon/gateway"},
    "daemon": {"daemon/app"},  # main.cpp
    "agent": {"client/lib"},
    "client/lib": set(),
    "client": {"client/lib"},
}

# Library → where its headers may be included.
ONLY_IN = {
    r"sqlite3\.h$": ["daemon/store"],
    r"grpcpp/|grpc/": ["daemon/rpc", "daemon/gateway", "client/lib", "client/connection*", "client/commands"],
    r"boost/(asio|beast)": ["daemon/app", "daemon/gateway", "daemon/rpc/acceptor*", "agent"],
    r"toml(\+\+|plusplus)": ["daemon/app", "daemon/posture/policy_file*", "agent", "client"],
    r"CLI/": ["daemon/app", "agent", "client"],
    r"systemd/": ["daemon/app", "agent"],
    r"spdlog/": ["daemon/app", "daemon/rpc", "daemon/gateway", "agent"],
    r"(parc/v1|google/(rpc|type))/.*\.pb\.h$": ["daemon/rpc", "daemon/gateway", "agent", "client"],
}

# What folders of pure functions must not touch: files, sockets, processes, threads.
IO_HEADERS = re.compile(
    r"^(fstream|filesystem|iostream|thread|mutex|condition_variable|future|unistd\.h|fcntl\.h|sys/.*|netinet/.*|"
    r"arpa/.*|dirent\.h|openssl/.*|boost/.*)$"
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.M)


def folder_of(path):
    fitting = [folder for folder in ALLOWED if path.startswith(folder + "/")]
    return max(fitting, key=len) if fitting else None


def refusal(path, folder, header):
    """Why `path` may not include `header`; None when it may."""
    if header.split("/")[0] in ("daemon", "agent", "client", "tests"):
        target = folder_of(header)
        if target != folder and not within(header, ALLOWED[folder]):
            return f"{folder} may not include {target or header}"
    for library, places in ONLY_IN.items():
        if re.match(library, header) and not within(path, places):
            return f"only {', '.join(places)} may include it"
    if folder in PURE and IO_HEADERS.match(header):
        return f"{folder} is pure: it does no I/O and has no threads"
    return None


def check(sources):
    findings = []
    for path, text in sources:
        folder = folder_of(path)
        if folder is None:
            findings.append(f"{path}: no layer has this folder; give it a line in tests/lint/layering.py")
            continue
        for match in INCLUDE.finditer(text):
            reason = refusal(path, folder, match.group(1))
            if reason:
                line = text.count("\n", 0, match.start(1)) + 1
                findings.append(f"{path}:{line}: {match.group(1)}: {reason}")
    return findings


CASES = [
    ("a store may know the filter", {"daemon/store/a.cpp": '#include "daemon/filter/parse.h"\n#include <sqlite3.h>'}, 0),
    ("the filter may not know a store", {"daemon/filter/a.cpp": '#include "daemon/store/sql.h"'}, 1),
    ("the edge never reaches the store", {"daemon/rpc/a.cpp": '#include "daemon/store/sql.h"'}, 1),
    ("nobody else opens the database", {"daemon/fleet/a.cpp": "#include <sqlite3.h>"}, 1),
    ("gRPC stays at the edge", {"daemon/checkin/a.cpp": "#include <grpcpp/grpcpp.h>"}, 1),
    ("the gateway may turn a status into its wire form", {"daemon/gateway/a.cpp": '#include "daemon/rpc/status_details.h"'}, 0),
    ("and nothing else of the gRPC edge", {"daemon/gateway/a.cpp": '#include "daemon/rpc/server.h"'}, 1),
    ("the agent has no gRPC", {"agent/channel/channel.cpp": "#include <grpcpp/grpcpp.h>"}, 1),
    ("it may take what it shares with the command line", {"agent/status/status.cpp": '#include "client/lib/evidence.h"'}, 0),
    ("the agent knows no daemon", {"agent/a.cpp": '#include "daemon/inventory/fields.h"'}, 1),
    ("the client library knows no command", {"client/lib/a.cpp": '#include "client/commands/why.h"'}, 1),
    ("a pure folder opens no file", {"daemon/posture/a.cpp": "#include <fstream>"}, 1),
    ("sockets only where they belong", {"daemon/rpc/call.cpp": "#include <boost/asio.hpp>"}, 1),
    ("the acceptor is where they belong", {"daemon/rpc/acceptor.cpp": "#include <boost/asio.hpp>"}, 0),
    ("a folder without a rule is a finding", {"common/util.h": ""}, 1),
]

if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test(CASES, check)
    finish(check(own_sources(sys.argv[1])), "layering")
