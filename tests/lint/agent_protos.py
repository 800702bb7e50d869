#!/usr/bin/env python3
"""The agent runs nothing that the server sends, and reports nothing private: no message it exchanges has room for it.

agent_protos.py PROTO_ROOT      checks every message that AgentService and EnrolmentService can reach
agent_protos.py --self-test     proves that each rule can fail
"""

import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

from sources import finish

SERVICES = {"AgentService", "EnrolmentService"}

# Words of a field's name by which something to be executed would travel to the laptop.
ORDERS = {"command", "commands", "cmd", "script", "scripts", "query", "queries", "sql", "exec", "execute", "shell", "argv", "plugin"}
# Words by which something private would travel from it.
PRIVATE = {
    "password", "passphrase", "psk", "secret", "cookie", "session", "sessions", "login", "user", "username", "process",
    "processes", "url", "urls", "history", "ssid", "bssid", "latitude", "longitude", "location", "screenshot", "keystroke",
}


def descriptors(root):
    """All files below `root`, parsed by protoc."""
    root = pathlib.Path(root)
    roots = [root / "third_party", root] if (root / "third_party").is_dir() else [root]
    files = [path for path in sorted(root.rglob("*.proto")) if "third_party" not in path.relative_to(root).parts]
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(
            ["protoc", *(f"-I{path}" for path in roots), "--include_imports", f"--descriptor_set_out={out.name}", *map(str, files)],
            check=True,
        )
        return descriptor_pb2.FileDescriptorSet.FromString(out.read())


def messages_of(prefix, messages):
    for message in messages:
        name = f"{prefix}.{message.name}"
        yield name, message
        yield from messages_of(name, message.nested_type)


def reachable(start, messages):
    seen, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name in seen or name.startswith(".google.protobuf."):
            continue
        seen.add(name)
        waiting += [field.type_name for field in messages[name].field if field.type_name in messages]
    return sorted(seen)


def named_so(names, messages, words, why):
    """Findings for every field of the named messages with one of `words` in its name."""
    return {
        f"{name[1:]}.{field.name}: \"{word}\" reads as {why}"
        for name in names
        for field in messages[name].field
        for word in words.intersection(field.name.split("_"))
    }


def check(root):
    files = descriptors(root).file
    messages = {name: message for file in files for name, message in messages_of("." + file.package, file.message_type)}
    findings, found = set(), set()
    for file in files:
        for service in file.service:
            if service.name not in SERVICES:
                continue
            found.add(service.name)
            for method in service.method:
                findings |= named_so(reachable(method.output_type, messages), messages, ORDERS, "an order to the laptop")
                findings |= named_so(reachable(method.input_type, messages), messages, PRIVATE, "private")
    findings.update(f"service {name} is not in the protos" for name in SERVICES - found)
    return sorted(findings)


PROTO = """syntax = "proto3"; package p;
service AgentService { rpc CheckIn(In) returns (Out); }
service EnrolmentService { rpc Enrol(In) returns (Out); }
message In { string token = 1; Facts facts = 2; }
message Facts { string os = 1; %s }
message Out { Next next = 1; }
message Next { int32 seconds = 1; %s }
message PeopleOnly { string query = 1; string password = 2; }
"""

CASES = [
    ("facts and times may travel", PROTO % ("", ""), 0),
    ("an order deep in an answer is found", PROTO % ("", "string command_line = 2;"), 1),
    ("a list of orders is found", PROTO % ("", "repeated string scripts = 2;"), 1),
    ("something private deep in a report is found", PROTO % ("string wifi_ssid = 2;", ""), 1),
    ("a missing service is found", PROTO.replace("service EnrolmentService", "service Other") % ("", ""), 1),
]


def self_test():
    failures = []
    for name, text, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "p.proto").write_text(text)
            findings = check(folder)
            if len(findings) != expected:
                failures.append(f"{name}: expected {expected} findings, got {findings}")
    print(f"{len(CASES)} cases of the lint itself")
    finish(failures, "self-test")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    finish(check(sys.argv[1]), "agent protos")
