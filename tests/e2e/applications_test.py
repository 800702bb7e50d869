#!/usr/bin/env python3
"""Applications that a policy names reach the laptop, are looked for from there, and are counted: `parc apps`, and the alert
that one is lost. What stands for the organisation's applications are listening sockets of this test."""

import contextlib
import socket
import threading
import unittest

from parc_world import running_world, wait_until

ONE_CHECK = """
[[check]]
id = "applications-reachable"
severity = "degrades"
passes = 'applications.reachable_percent >= 90'
applies = 'applications.count >= 1'
title = { en = "Applications answer", fr = "Les applications répondent" }
remedy = { en = "Call who runs them.", fr = "Appeler leur responsable." }
"""


def application(name, port, through_vpn="false", title=""):
    return f'[[application]]\nid = "{name}"\nhost = "127.0.0.1"\nport = {port}\nthrough_vpn = {through_vpn}\n{title}\n'


def accept_all(server):
    with contextlib.suppress(OSError):
        while True:
            server.accept()[0].close()


@contextlib.contextmanager
def listening():
    """The port of a server that takes every connection and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept_all, args=(server,))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def closed_port():
    with listening() as port:
        return port


class Applications(unittest.TestCase):
    def enrolled(self, world):
        world.log_in()
        people = world.file("people.csv", b"Matricule;Nom;Population\np-1;Camille Roy;staff\n")
        laptops = world.file("laptops.csv", "Étiquette;Modèle;État\nPC-1;Latitude 5400;Prêt\n".encode())
        world.parc("import", "people", people)
        world.parc("import", "laptops", laptops)
        world.parc("assign", "PC-1", "p-1")
        world.agent("enrol", "-", stdin=world.parc("enrol", "new", "--laptop", "PC-1").stdout)

    def apply(self, world, *applications):
        policy = world.file("policy.toml", (ONE_CHECK + "".join(applications)).encode())
        world.parc("policy", "check", policy)
        world.parc("policy", "apply", policy, "--yes", "--reason", "what we work with")

    def apps(self, world):
        """{application: (reached, failed)}"""
        return {a["application"]: (int(a["reached"]), int(a["failed"])) for a in world.parc_json("apps")}

    def test_what_the_policy_names_is_looked_for_counted_and_told_when_it_is_lost(self):
        with running_world() as world:
            world.end()
            world.config.write_text(world.config.read_text() + "[alerts]\napplication_laptops = 1\n")
            world.start()
            self.enrolled(world)
            world.agent("once")
            self.assertIn("names no application", world.parc("apps").stderr)

            with listening() as mail:
                self.apply(
                    world,
                    application("mail", mail, title='title = { en = "Mail", fr = "Courriel" }'),
                    application("erp", closed_port()),
                    application("files", mail, through_vpn="true"),
                )
                self.assertEqual(self.apps(world), {"mail": (0, 0), "erp": (0, 0), "files": (0, 0)})
                world.agent("once")  # learns the list
                world.agent("once")  # has looked for them
            self.assertEqual(self.apps(world), {"erp": (0, 1), "mail": (1, 0), "files": (0, 0)})
            shown = world.parc("apps", "--lang", "fr")
            self.assertIn("Courriel", shown.stdout)
            self.assertIn("1 application", shown.stderr)
            self.assertIn("sur 3", shown.stderr)
            why = world.parc("why", "PC-1").stdout
            self.assertIn("applications.reachable_percent = 50", why)

            def lost():
                return [(a["kind"], a["subject"]) for a in world.parc_json("alerts")]

            wait_until(lambda: ("APPLICATION_LOST", "erp") in lost(), "the alert that erp is lost", 90)

            # What is no longer named is neither looked for nor counted, and its alert is over.
            with listening() as mail:
                self.apply(world, application("mail", mail))
                world.agent("once")
                world.agent("once")
                self.assertEqual(self.apps(world), {"mail": (1, 0)})
            wait_until(lambda: lost() == [], "the end of the alert", 90)

    def test_problems_stay_shown_though_they_are_sent_once(self):
        def once_and_status():
            world.agent("once")
            return world.agent("status").stdout

        with running_world() as world:
            self.enrolled(world)
            with listening() as mail:
                self.apply(world, application("erp", closed_port()))
                world.agent("once")
                shown = once_and_status()
                self.assertIn("Applications answer: no", shown)
                self.assertIn("Call who runs them.", shown)
                for _ in range(2):
                    self.assertIn("Applications answer: no", once_and_status())
                # The same facts, and one more check.
                self.apply(world, application("erp", closed_port()), ONE_CHECK.replace("applications-reachable", "other"))
                self.assertEqual(once_and_status().count("Applications answer: no"), 2)
                # An agent that lost its state, but not its identity, is told all again: at first what to look for.
                (world.root / "agent/answer").unlink()
                world.agent("once")
                self.assertEqual(once_and_status().count("Applications answer: no"), 2)
                self.apply(world, application("erp", mail))
                world.agent("once")
                self.assertNotIn("Applications answer", once_and_status())

    def test_a_list_of_its_greatest_length_is_delivered(self):
        with running_world() as world:
            self.enrolled(world)
            with listening() as port:
                self.apply(world, *(application(f"a{i:03}", port) for i in range(256)))
                world.agent("once")
                world.agent("once")
            self.assertEqual(set(self.apps(world).values()), {(1, 0)})
            self.assertIn("256 of 256 applications reachable (100.0 %)", world.parc("apps").stderr)


if __name__ == "__main__":
    unittest.main()
