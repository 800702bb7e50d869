#!/usr/bin/env python3
"""A fleet from its first file to a laptop that is refused, by the three programs as separate processes."""

import signal
import subprocess
import sys
import unittest

from load import report
from parc_world import REPOSITORY, Client, Refused, World, running_world

# What `parc` tells its caller.
NOT_FOUND, CONFLICT, ACCESS, UNAVAILABLE = 3, 4, 5, 6


def import_case(world):
    folder = world.root / "case"
    subprocess.run([sys.executable, "-B", REPOSITORY / "deploy/case/generate.py", folder], check=True)
    for kind in ("sites", "people", "orders", "laptops"):
        world.parc("import", kind, folder / f"{kind}.csv")
    return folder


def coverage(world, day=None):
    status = world.parc_json("status", *(("--as-of", day) if day else ()))
    row = next(row for row in status["coverage"] if row["population"] == "Siège")
    return int(row["needed"]), int(row.get("equipped", 0))


class Journey(unittest.TestCase):
    def test_the_case_reads_as_the_case_and_a_second_import_changes_nothing(self):
        with running_world() as world:
            world.log_in()
            folder = import_case(world)
            self.assertEqual(coverage(world, "2020-03-12"), (900, 620))
            stock = world.parc_json("status", "--as-of", "2020-03-12")["stock"]
            self.assertEqual((stock["prepared"], stock["onOrder"]), ("100", "200"))
            for kind in ("sites", "people", "orders", "laptops"):
                again = world.parc_json("import", kind, folder / f"{kind}.csv")
                self.assertEqual((again.get("created", "0"), again.get("updated", "0"), again.get("refused", "0")), ("0", "0", "0"), kind)

    def test_a_laptop_is_handed_out_enrolled_heard_judged_renewed_and_revoked(self):
        with running_world() as world:
            world.log_in()
            people = world.file("people.csv", "Matricule;Nom;Population;Date d'arrivée\np-1;Émilie Noël;Siège;01/09/2014\n".encode())
            laptops = world.file("laptops.csv", "Étiquette;Modèle;État;Date d'effet\nPC-1;Latitude 5400;Prêt;09/03/2020\n".encode("cp1252"))
            world.parc("import", "people", people)
            world.parc("import", "laptops", laptops)
            world.parc("assign", "PC-1", "p-1", "--on", "2020-03-16")
            world.parc("why", "NOBODYS", expect=NOT_FOUND)

            url = world.parc("enrol", "new", "--laptop", "PC-1").stdout
            self.assertRegex(url, r"\Aparc://[^/\s]+/#parcE1\.\S+&ca=sha256:[0-9a-f]{64}\n\Z")
            world.agent("enrol", "-", stdin=url)
            world.agent("once")
            why = world.parc("why", "PC-1").stdout
            self.assertIn("Émilie Noël", why)
            (device,) = world.parc_json("devices")
            self.assertEqual((device["laptop"], device["state"]), ("laptops/PC-1", "DEVICE_STATE_ACTIVE"))
            reports = int(device["reportSeq"])
            self.assertGreater(reports, 0)

            world.agent("renew")
            world.agent("once")
            (device,) = world.parc_json("devices")
            self.assertGreater(int(device["reportSeq"]), reports)

            world.parc("devices", "revoke", device["name"].removeprefix("devices/"), "--yes")
            refused = world.agent("once", expect=set(range(1, 126)))
            self.assertIn("does not let this laptop in", refused.stderr)  # a new connection ends in the handshake

    def test_a_revocation_takes_effect_on_the_next_call_of_an_open_connection(self):
        with running_world() as world, world.people() as people:
            people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
            with Client(world.ports["agent"], world.root_pem, certificate=world.device("PC-1")) as agent:
                agent.call("AgentService", "CheckIn", report(1))
                people.call("LaptopService", "MoveLaptop", {"name": "laptops/PC-1", "event": "LAPTOP_EVENT_STEAL"})
                with self.assertRaises(Refused) as refusal:
                    agent.call("AgentService", "CheckIn", report(2))
            self.assertEqual((refusal.exception.code, refusal.exception.reason), ("PERMISSION_DENIED", "DEVICE_REVOKED"))
            (device,) = people.call("DeviceService", "ListDevices")["devices"]
            self.assertEqual((device["state"], device["reportSeq"]), ("DEVICE_STATE_REVOKED", "1"))

    def test_every_port_knows_its_own_callers_and_refuses_others_with_a_reason(self):
        with running_world() as world:
            with world.people() as people:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
            certificate = world.device("PC-1")
            with Client(world.ports["agent"], world.root_pem, certificate=certificate) as agent:
                with self.assertRaises(Refused) as refusal:
                    agent.call("LaptopService", "ListLaptops")
                self.assertEqual(refusal.exception.code, "UNIMPLEMENTED", "the agent port knows agents only")
            with world.people() as people:
                with self.assertRaises(Refused) as refusal:
                    people.call("LaptopService", "GetLaptop", {"name": "laptops/PC-2"})
                self.assertEqual(refusal.exception.code, "NOT_FOUND")
                self.assertTrue(refusal.exception.reason)
            with Client(world.ports["people"], world.root_pem, token="parcP1.x.y.z") as stranger:
                with self.assertRaises(Refused) as refusal:
                    stranger.call("LaptopService", "ListLaptops")
                self.assertEqual(refusal.exception.code, "UNAUTHENTICATED")
                self.assertTrue(refusal.exception.reason)

    def test_the_command_line_says_what_is_wrong_by_its_exit_code(self):
        with running_world() as world:
            world.log_in()
            world.parc("laptop", "show", "PC-1", expect=NOT_FOUND)
            with world.people() as people:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
                people.call("PersonService", "CreatePerson", {"person": {"id": "p-1", "displayName": "A", "population": "P", "tier": 1}})
            refused = world.parc("assign", "PC-1", "p-1", expect=CONFLICT)
            self.assertIn("PREPARE", refused.stderr)
            world.end()
            world.parc("status", expect=UNAVAILABLE)


class Keeping(unittest.TestCase):
    def test_a_second_daemon_on_the_same_state_is_refused(self):
        with running_world() as world:
            second = world.parcd("--state-dir", world.state, expect=set(range(1, 126)))
            self.assertIn(str(world.state), second.stderr + second.stdout)
            with world.people() as people:
                people.call("FleetService", "GetStatus")

    def test_a_backup_of_a_running_daemon_brings_everything_back(self):
        with running_world() as world:
            world.log_in()
            with world.people() as people:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "BEFORE"}})
            backup = world.root / "fleet.backup"
            world.parcd("backup", backup)
            with world.people() as people:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "AFTER"}})
            world.parcd("restore", backup, expect=set(range(1, 126)))  # never under a running daemon
            self.assertEqual(world.end(signal.SIGTERM), 0)
            world.parcd("restore", backup)
            world.parcd("check")
            world.start()
            with world.people() as people:
                tags = [laptop["assetTag"] for laptop in people.all_of("LaptopService", "ListLaptops", {}, "laptops")]
            self.assertEqual(tags, ["BEFORE"])

    def test_a_stopped_daemon_can_be_backed_up(self):
        with World() as world:
            world.start()
            world.end()
            world.parcd("backup", world.root / "fleet.backup")
            self.assertGreater((world.root / "fleet.backup").stat().st_size, 0)


if __name__ == "__main__":
    unittest.main()
