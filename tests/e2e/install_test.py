"""Installs into a scratch directory, with another prefix than the configuration's, and looks whether services would start:
every program that a unit names is there, its account may read /etc/parc, and the lists of packages (deploy/packages.sh and
the README) hold all that the programs are linked to."""

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


ROOT = pathlib.Path(__file__).resolve().parents[2]

# Which list a program's libraries stand in, and how the README calls the machine.
PACKAGES_OF = {
    "parcd": "SERVER_PACKAGES",
    "parc-swarm": "SERVER_PACKAGES",
    "parc": "PEOPLE_PACKAGES",
    "parc-agent": "LAPTOP_PACKAGES",
    "parc-agent-report": "LAPTOP_PACKAGES",
    "parc-collect": "LAPTOP_PACKAGES",
}
ROW_OF = {"SERVER_PACKAGES": "the server", "PEOPLE_PACKAGES": "a technician's machine (`parc`)", "LAPTOP_PACKAGES": "a laptop"}


def output(*command):
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if ended.returncode != 0:
        fail(f"{command[0]}: {ended.stderr}")
    return ended.stdout


def owner(library):
    """The package of a library. What dpkg knows by its place before /lib became a link, too."""
    path = os.path.realpath(library)
    for place in (path, path.removeprefix("/usr")):
        ended = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True, timeout=60)
        if ended.returncode == 0:
            return ended.stdout.split(":")[0]
    fail(f"{library} belongs to no package")


def linked_packages(program):
    """Of the libraries that the program itself names; apt brings what those need."""
    named = set(re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-d", str(program))))
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", output("ldd", str(program)), re.MULTILINE))
    loader = {name for name in named if name.startswith("ld-linux")}
    if named - loader - found.keys():
        fail(f"{program.name}: {named - loader - found.keys()} are not there")
    return {owner(found[name]) for name in named - loader}


def check_packages(programs):
    """Each list holds what its programs are linked to, and no library besides; the README says the same."""
    readme = (ROOT / "README.md").read_text()
    for name, row in ROW_OF.items():
        script = f'. deploy/packages.sh; printf "%s\\n" "${{{name}[@]}}"'
        listed = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        ).stdout.split()
        linked = set()
        for program in programs:
            if PACKAGES_OF.get(program.name) == name:
                linked |= linked_packages(program)
        if not linked or linked - set(listed):
            fail(f"{name} lacks {sorted(linked - set(listed))}")
        if idle := {package for package in listed if package.startswith("lib")} - linked:
            fail(f"{name} has {sorted(idle)}, which no program is linked to")
        if f"| {row} | `{' '.join(listed)}` |" not in readme:
            fail(f"the README has other packages for {row} than {name}: {' '.join(listed)}")


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
        prefix = destdir / PREFIX.lstrip("/")
        programs = sorted([*(prefix / "bin").iterdir(), *(prefix / "sbin").iterdir()])
        if strangers := [program.name for program in programs if program.name not in PACKAGES_OF]:
            fail(f"no list of packages is for {strangers}")
        check_packages(programs)
    print("install_test: every unit starts what is installed")


main()
