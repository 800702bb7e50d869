#!/usr/bin/env python3
"""Programs that were not made for Parc understand it: buf, grpc-js, curl, promtool, openssl."""

import json
import shutil
import unittest
import urllib.request

from parc_world import REPOSITORY, running_world

NODE = REPOSITORY / "tests/node"
BUF = NODE / "node_modules/.bin/buf"


class Strangers(unittest.TestCase):
    def test_buf_lists_the_methods_of_the_people_port(self):
        with running_world() as world:
            url = f"https://localhost:{world.ports['people']}"
            options = ["--protocol", "grpc", "--cacert", world.state / "ca/root.pem", "--list-methods"]
            methods = world.run(BUF, "curl", *options, "--reflect-header", f"authorization: Bearer {world.token}", url).stdout.split()
            self.assertIn("parc.v1.LaptopService/ListLaptops", methods)
            self.assertIn("grpc.health.v1.Health/Check", methods)
            self.assertNotIn("parc.v1.AgentService/CheckIn", methods)
            refused = world.run(BUF, "curl", *options, url, expect=set(range(1, 126)))
            self.assertIn("you are not authenticated", refused.stderr)

    def test_buf_calls_a_method_by_reflection(self):
        with running_world() as world:
            url = f"https://localhost:{world.ports['people']}/parc.v1.FleetService/GetStatus"
            token = ["-H", f"authorization: Bearer {world.token}", "--reflect-header", "*"]
            tls = ["--protocol", "grpc", "--cacert", world.state / "ca/root.pem"]
            answer = json.loads(world.run(BUF, "curl", *tls, *token, "-d", "{}", url).stdout)
            self.assertIn("asOfDate", answer)

    def test_grpc_js_asks_for_health_and_lists_every_laptop_page_by_page(self):
        with running_world() as world:
            with world.people() as people:
                for number in range(7):
                    people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": f"PC-{number}"}})
            arguments = [REPOSITORY / "proto", f"localhost:{world.ports['people']}", world.state / "ca/root.pem", world.state / "login.token"]
            answer = json.loads(world.run("node", NODE / "client.js", *arguments).stdout)
            self.assertEqual(answer["health"], "SERVING")
            self.assertEqual(answer["laptops"], [f"PC-{number}" for number in range(7)])
            self.assertGreater(answer["pages"], 1)
            self.assertEqual(answer["refusal"], {"code": 5, "reason": answer["refusal"]["reason"], "domain": "parc"})
            self.assertRegex(answer["refusal"]["reason"], r"^[A-Z][A-Z_]+$")

    def test_promtool_finds_nothing_wrong_with_the_metrics(self):
        with running_world() as world:
            with urllib.request.urlopen(f"http://127.0.0.1:{world.ports['metrics']}/metrics", timeout=10) as answer:
                text = answer.read().decode()
            self.assertIn("parc_build_info", text)
            self.assertIsNotNone(shutil.which("promtool"), "promtool comes with Debian's package prometheus")
            checked = world.run("promtool", "check", "metrics", stdin=text)
            self.assertEqual(checked.stderr, "")

    def test_a_stranger_without_a_certificate_never_gets_past_the_handshake_of_the_agent_port(self):
        with running_world() as world:
            target = f"localhost:{world.ports['agent']}"
            options = ["-CAfile", world.state / "ca/root.pem", "-alpn", "h2", "-quiet", "-ign_eof"]
            for version in ("-tls1_2", "-tls1_3"):
                with self.subTest(version):
                    command = ["timeout", "10", "openssl", "s_client", version, "-connect", target, *options]
                    done = world.run(*command, expect=set(range(1, 126)), stdin="x")
                    self.assertEqual(done.stdout, "", "not one byte of HTTP/2")
                    self.assertNotEqual(done.returncode, 124, "the daemon closes")


if __name__ == "__main__":
    unittest.main()
