#!/usr/bin/env python3
"""F12: five times as many connections as the daemon may have descriptors, held and let go; and connections that are reset.
F17: calls that are taken back as soon as they are made.

PARC_FLOODS sets how often (1).
"""

import os
import resource
import socket
import ssl
import struct
import time
import unittest
import urllib.request

from load import report
from parc_world import Client, World, running_world, wait_until

FLOODS = int(os.environ.get("PARC_FLOODS", "1"))
DESCRIPTORS = 200
HELD = 2  # seconds
HEALTHY = 2  # seconds after the flood


def descriptors(world):
    return len(os.listdir(f"/proc/{world.daemon.pid}/fd"))


def serves(world, certificate, number):
    """A stranger to the flood reports, asks, and looks at the health page, each by a new connection."""
    with Client(world.ports["agent"], world.root_pem, certificate=certificate) as agent:
        agent.call("AgentService", "CheckIn", report(number), timeout=HEALTHY)
    with world.people() as people:
        people.call("LaptopService", "ListLaptops", {}, timeout=HEALTHY)
    with urllib.request.urlopen(f"http://127.0.0.1:{world.ports['metrics']}/healthz", timeout=HEALTHY) as answer:
        assert answer.status == 200


class Flood(unittest.TestCase):
    def test_the_daemon_is_healthy_two_seconds_after_a_flood(self):
        with running_world(World.let_laptops_hurry) as world, world.people() as people:
            people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": "PC-1"}})
            certificate = world.device("PC-1")
            resource.prlimit(world.daemon.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
            at_rest = descriptors(world)
            for flood in range(FLOODS):
                sockets = [
                    socket.create_connection(("127.0.0.1", world.ports[port]), timeout=5)
                    for _ in range(5 * DESCRIPTORS // 4)
                    for port in ("agent", "gateway", "people", "metrics")
                ]
                time.sleep(0.2)
                # The control: the daemon is out of descriptors, so that something was survived.
                self.assertGreater(descriptors(world), DESCRIPTORS - 10)
                time.sleep(HELD)
                for held in sockets:
                    held.close()
                time.sleep(HEALTHY / 4)
                serves(world, certificate, 2 * flood + 1)
                wait_until(lambda: descriptors(world) < at_rest + 12, "that all descriptors are given back", 10)

                for _ in range(5 * DESCRIPTORS):
                    gone = socket.socket()
                    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    gone.connect(("127.0.0.1", world.ports["agent"]))
                    gone.close()  # a reset, often before it was accepted
                serves(world, certificate, 2 * flood + 2)
            self.assertIsNone(world.daemon.poll())


class RapidReset(unittest.TestCase):
    CALLS = 20_000
    MEMORY_MAX = 1 << 30  # deploy/systemd/parcd.service.in

    def test_calls_that_are_taken_back_at_once_hurt_nobody_else(self):
        with running_world() as world, world.people() as people:
            for tag in ("PC-1", "PC-2"):
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": tag}})
            attacker, other = world.device("PC-1"), world.device("PC-2")
            with Client(world.ports["agent"], world.root_pem, certificate=other) as agent:
                sent, number = 0, 0
                while sent < self.CALLS:
                    with connect(world, attacker) as stream:
                        sent += take_back(stream, self.CALLS - sent)
                    number += 1
                    agent.call("AgentService", "CheckIn", report(number), timeout=10)
                for number in range(number + 1, number + 11):
                    agent.call("AgentService", "CheckIn", report(number), timeout=10)
            with open(f"/proc/{world.daemon.pid}/status", encoding="ascii") as status:
                peak = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))
            print(f"{sent} calls taken back, {peak >> 20} MiB at most")
            self.assertLess(peak, self.MEMORY_MAX)
            self.assertIsNone(world.daemon.poll())


def connect(world, certificate):
    """A connection of an enrolled device that speaks HTTP/2 by hand."""
    key, chain = certificate
    context = ssl.create_default_context(cadata=world.root_pem.decode())
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(world.file("rapid.pem", chain + key))
    plain = socket.create_connection(("localhost", world.ports["agent"]), timeout=10)
    return context.wrap_socket(plain, server_hostname="localhost")


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A header field without indexing, RFC 7541, 6.2.2."""
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def take_back(stream, calls):
    """Opens calls and resets each at once; tells how many were written before the daemon had enough."""
    path = "/parc.v1.AgentService/CheckIn"
    fields = {":method": "POST", ":scheme": "https", ":path": path, ":authority": "localhost", "te": "trailers", "content-type": "application/grpc"}
    headers = b"".join(literal(name, value) for name, value in fields.items())
    written = 0
    try:
        stream.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
        while written < calls:
            burst = range(written, min(written + 100, calls))
            stream.sendall(b"".join(frame(1, 4, 2 * n + 1, headers) + frame(3, 0, 2 * n + 1, struct.pack(">I", 8)) for n in burst))
            written = burst.stop
    except OSError:
        pass  # it closed the connection
    return written


if __name__ == "__main__":
    unittest.main()
