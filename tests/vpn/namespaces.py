"""Runs a test of real VPN servers once more, in a network and mounts of its own."""

import os
import subprocess
import sys

SKIPPED = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def enter_namespaces(script, needed):
    """Never returns: `script` begins again with the argument "inside", or is skipped with the reason."""
    if os.geteuid() != 0:
        skip("only root may make a network namespace")
    missing = [path for path in needed if not os.access(path, os.X_OK)]
    if missing:
        skip(f"{', '.join(missing)} is not installed")
    if not os.path.exists("/dev/net/tun"):
        skip("this kernel has no TUN device")
    probe = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        skip(f"no namespaces: {probe.stderr.strip()}")
    os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, "-B", script, "inside", *sys.argv[1:]])
