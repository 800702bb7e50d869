#!/usr/bin/env python3
"""What only benchmarks need is in parcd-bench, and not in parcd: neither the no-op nor the right to speak for others."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from load import report  # noqa: E402
from parc_world import API, BIN, Client, World  # noqa: E402

import grpc  # noqa: E402

TRACES = (b"parc.bench", b"parc-bench-device", b"Yardstick")


def nothing(client):
    """The code with which the no-op ends."""
    stub = client.channel.unary_unary("/parc.bench.v1.Yardstick/Nothing", request_serializer=bytes, response_deserializer=bytes)
    try:
        stub(b"anything", timeout=10)
        return "OK"
    except grpc.RpcError as error:
        return error.code().name


def speak_for(client, device):
    """Reports as `client`, naming `device`; its code."""
    takes, _ = API.method("AgentService", "CheckIn")
    stub = client.channel.unary_unary("/parc.v1.AgentService/CheckIn", request_serializer=bytes, response_deserializer=bytes)
    try:
        stub(API.make(takes.DESCRIPTOR.full_name, report(1)).SerializeToString(), timeout=10, metadata=(("parc-bench-device", device),))
        return "OK"
    except grpc.RpcError as error:
        return error.code().name


class Yardstick(unittest.TestCase):
    def outcome(self, program):
        """Which traces are in the program, how the no-op ends, and how many reports a laptop has after another one named it."""
        with World() as world:
            world.program = BIN / program
            world.start()
            with world.people() as people:
                for tag in ("PC-1", "PC-2"):
                    people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": tag}})
                certificate = world.device("PC-1")
                world.device("PC-2")
                devices = people.call("DeviceService", "ListDevices")["devices"]
                other = next(device for device in devices if device["laptop"] == "laptops/PC-2")
                with Client(world.ports["agent"], world.root_pem, certificate=certificate) as agent:
                    code = nothing(agent)
                    self.assertEqual(speak_for(agent, other["name"].removeprefix("devices/")), "OK")
                devices = people.call("DeviceService", "ListDevices")["devices"]
                heard = {device["laptop"].removeprefix("laptops/") for device in devices if int(device.get("reportSeq", 0)) > 0}
        binary = (BIN / program).read_bytes()
        return [trace for trace in TRACES if trace in binary], code, heard

    def test_parcd_has_no_trace_of_it_and_takes_a_report_for_its_own_laptop_alone(self):
        self.assertEqual(self.outcome("parcd"), ([], "UNIMPLEMENTED", {"PC-1"}))

    def test_the_bench_program_has_it_so_that_the_test_above_looks_for_the_right_thing(self):
        self.assertEqual(self.outcome("parcd-bench"), (list(TRACES), "OK", {"PC-2"}))


if __name__ == "__main__":
    unittest.main()
