"""Installs into a scratch directory, with another prefix than the configuration's, and looks whether services would start:
every program that a unit names is there, and its account may read /etc/parc."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

PREFIX = "/opt/parc-elsewhere"


def fail(what):
    sys.exit(f"install_test: {what}")


def install(destdir):
    ended = subprocess.run(
        [os.environ["PARC_CMAKE"], "--install", os.environ["PARC_BUILD"], "--prefix", PREFIX],
        env={**os.environ, "DESTDIR": str(destdir)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    if ended.returncode != 0:
        fail(ended.stderr)


def check_unit(unit, destdir):
    text = unit.read_text()
    if "@PARC" in text or str(destdir) in text:
        fail(f"{unit.name} is not filled in:\n{text}")
    commands = re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE)
    if len(commands) != 1:
        fail(f"{unit.name} has {len(commands)} ExecStart lines")
    program = destdir / commands[0].lstrip("/")
    if not commands[0].startswith(PREFIX + "/") or not os.access(program, os.X_OK):
        fail(f"{unit.name} starts {commands[0]}, which is not installed")
    user = re.search(r"^User=(\S+)", text, re.MULTILINE)
    return user.group(1) if user else "root"


def check_socket(unit, services):
    """A socket that starts a service of its own for each connection, and that only the agent may open."""
    text = unit.read_text()
    if f"{unit.stem}@.service" not in services:
        fail(f"{unit.name} has no {unit.stem}@.service")
    for line in ("SocketGroup=parc-agent", "SocketMode=0660", "Accept=yes"):
        if line not in text.splitlines():
            fail(f"{unit.name} has no {line}")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        destdir = pathlib.Path(scratch)
        install(destdir)
        lib = destdir / PREFIX.lstrip("/") / "lib"
        units = sorted((lib / "systemd/system").glob("*.service"))
        names = [unit.name for unit in units]
        collectors = ["parc-collect-gateways@.service", "parc-collect@.service"]
        if names != ["parc-agent.service", *collectors, "parcd.service"]:
            fail(f"the units are {units}")
        sockets = sorted((lib / "systemd/system").glob("*.socket"))
        if [unit.name for unit in sockets] != ["parc-collect-gateways.socket", "parc-collect.socket"]:
            fail(f"the sockets are {sockets}")
        for unit in sockets:
            check_socket(unit, names)
        accounts = "".join(file.read_text() for file in (lib / "sysusers.d").glob("*.conf"))
        for unit in units:
            user = check_unit(unit, destdir)
            if (user == "root") != (unit.name in collectors):
                fail(f"{unit.name} runs as {user}")
            if user != "root" and not re.search(rf"^u {user} ", accounts, re.MULTILINE):
                fail(f"{unit.name} runs as {user}, an account that nobody makes")
        directories = "".join(file.read_text() for file in (lib / "tmpfiles.d").glob("*.conf"))
        if re.findall(r"^d /etc/parc (\d+)", directories, re.MULTILINE) != ["0755"]:
            fail("two accounts read /etc/parc: it must be open to reading")
    print("install_test: every unit starts what is installed")


main()
