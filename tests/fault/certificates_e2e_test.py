#!/usr/bin/env python3
"""F10 and F11: certificates that end every few seconds, a new issuing CA in between, and bad TLS files dropped in.

PARC_RENEWALS sets how often the certificate is renewed (3), PARC_CERTIFICATE_SECONDS how long it lasts (12).
"""

import os
import time
import unittest

from bare_machine import make_bare_machine
from load import report
from parc_world import Client, World

RENEWALS = int(os.environ.get("PARC_RENEWALS", "3"))
LIFETIME = int(os.environ.get("PARC_CERTIFICATE_SECONDS", "12"))
# What the daemon's TLS stack takes to notice files that were swapped.
WATCHED_EVERY = 5


class ShortCertificates(unittest.TestCase):
    def world(self):
        world = World()
        self.addCleanup(world.__exit__, None)
        with world.config.open("a") as config:
            config.write(f"[ca]\ndevice_lifetime_seconds = {LIFETIME}\n")
        world.let_laptops_hurry()
        make_bare_machine(world)
        world.start()
        world.log_in()
        return world

    def enrol(self, world, tag, *options):
        world.agent("enrol", "-", *options, stdin=world.parc("enrol", "new", "--laptop", tag, *(["--replace"] if options else [])).stdout)

    def test_no_report_fails_across_renewals_and_a_new_issuing_ca(self):
        world = self.world()
        with world.people() as people:
            people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
        self.enrol(world, "PC-1")
        issuers, serials, reports = set(), [], 0
        end = time.monotonic() + (RENEWALS + 2) * LIFETIME
        while len(serials) <= RENEWALS:
            self.assertLess(time.monotonic(), end, f"{len(serials) - 1} renewals so far: {serials}")
            world.agent("once")  # an exit code that is not 0 fails the test
            reports += 1
            chain = current_chain(world)
            serial, issuer = serial_and_issuer(world, chain)
            issuers.add(issuer)
            if not serials or serials[-1] != serial:
                serials.append(serial)
                if len(serials) == 2:
                    world.parcd("ca", "rotate")
                    keep_ports(world)
                    world.end()
                    self.assertLess(world.start(), 5)
            time.sleep(0.5)
        self.assertEqual(len(issuers), 2, "certificates of the old and of the new issuing CA")
        print(f"{reports} reports, {len(serials) - 1} renewals, none failed")

    def test_a_laptop_that_was_away_comes_back_by_a_new_code(self):
        world = self.world()
        with world.people() as people:
            people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
        self.enrol(world, "PC-1")
        world.agent("once")
        time.sleep(LIFETIME + 1)
        # The control: the certificate does end.
        refused = world.agent("once", expect=set(range(1, 126)))
        self.assertIn("ended on", refused.stderr)
        self.enrol(world, "PC-1", "--replace")
        world.agent("once")
        (live,) = [device for device in world.parc_json("devices") if device["state"] == "DEVICE_STATE_ACTIVE"]
        self.assertGreater(int(live["reportSeq"]), 0)


def keep_ports(world):
    """Has the next start listen where the agents know it."""
    text = world.config.read_text()
    for name, port in world.ports.items():
        text = text.replace(f'{name} = "127.0.0.1:0"', f'{name} = "127.0.0.1:{port}"')
    world.config.write_text(text)


def current_chain(world):
    """The chain that the agent shows, leaf first."""
    identity = world.root / "agent/identity"
    return (identity / (identity / "current").read_text().strip() / "chain.pem").read_text()


def serial_and_issuer(world, chain):
    shown = world.run("openssl", "x509", "-noout", "-serial", "-issuer", stdin=chain).stdout
    return tuple(line.split("=", 1)[1].strip() for line in shown.splitlines()[:2])


class BadTlsFiles(unittest.TestCase):
    def test_bad_files_that_are_dropped_in_stop_nothing_and_are_told(self):
        world = World()
        self.addCleanup(world.__exit__, None)
        # As many reports of one laptop as there are new connections.
        world.let_laptops_hurry()
        world.start()
        with world.people() as people:
            people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
            certificate = world.device("PC-1")
            current = (world.state / "tls/current").resolve()
            good = {name: (current / name).read_bytes() for name in ("key.pem", "chain.pem")}
            other_key = world.run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout.encode()
            chain = good["chain.pem"]
            number = 0
            for what, name, bad in (
                ("another key", "key.pem", other_key),
                ("a truncated chain", "chain.pem", chain[: len(chain) // 3]),
                ("an empty chain", "chain.pem", b""),
            ):
                with self.subTest(what):
                    told = world.log.read_text().count("tls.damaged")
                    replace(current / name, bad)
                    end = time.monotonic() + 2 * WATCHED_EVERY + 2
                    while time.monotonic() < end:
                        # A new connection each time: the handshake is what could fail.
                        number += 1
                        with Client(world.ports["agent"], world.root_pem, certificate=certificate) as agent:
                            agent.call("AgentService", "CheckIn", report(number))
                        with world.people() as more:
                            more.call("LaptopService", "ListLaptops", {})
                        time.sleep(0.5)
                    self.assertGreater(world.log.read_text().count("tls.damaged"), told, "somebody is told")
                    current = (world.state / "tls/current").resolve()


def replace(path, data):
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.chmod(0o400)
    new.rename(path)


if __name__ == "__main__":
    unittest.main()
