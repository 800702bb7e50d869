"""Clients that write without pause, and the ledger of what they were told is done. The ledger is kept outside the daemon."""

import base64
import hashlib
import threading
import time
import uuid

from parc_world import Client, Refused

WRITERS = 8

# A laptop's life in a circle: (event, state after it). ASSIGN and RETURN have calls of their own.
CIRCLE = [
    ("PREPARE", "PREPARING"),
    ("PREPARED", "PREPARED"),
    ("ASSIGN", "ASSIGNED"),
    ("RETURN", "RETURNED"),
    ("RESTOCK", "IN_STOCK"),
]

# What a call ends with when the daemon goes away or does not want more; whether it was done is then unknown.
UNKNOWN_OUTCOMES = {"UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"}


class Writer(threading.Thread):
    """One technician with one laptop and one person. Remembers what was acknowledged, and the one call that was not."""

    def __init__(self, number):
        super().__init__(name=f"writer-{number}", daemon=True)
        self.tag, self.person = f"KILL-{number:03}", f"k-{number:03}"
        self.step = 0  # moves acknowledged
        self.pending = None  # a move whose answer did not come, as its request
        self.failure = None
        self.stopping = threading.Event()

    def create(self, people):
        people.call(
            "PersonService",
            "CreatePerson",
            {"person": {"id": self.person, "displayName": f"Person {self.person}", "population": "kill", "tier": 4, "needsLaptop": True}},
        )
        people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": self.tag, "serial": f"SER-{self.tag}"}})

    def request(self):
        event = CIRCLE[self.step % len(CIRCLE)][0]
        request = {"name": f"laptops/{self.tag}", "options": {"requestId": str(uuid.uuid4()), "reason": f"move {self.step + 1}"}}
        if event == "ASSIGN":
            return "AssignLaptop", {**request, "person": f"people/{self.person}"}
        if event == "RETURN":
            return "ReturnLaptop", request
        return "MoveLaptop", {**request, "event": f"LAPTOP_EVENT_{event}"}

    def go_on(self, people):
        """Starts a new thread for the same laptop on a new connection."""
        successor = Writer(0)
        successor.__dict__.update(tag=self.tag, person=self.person, step=self.step, pending=self.pending)
        successor.people = people
        successor.start()
        return successor

    def run(self):
        try:
            while not self.stopping.is_set():
                # The same request id again, until it is known whether the move was made.
                method, request = self.pending or self.request()
                self.pending = method, request
                self.people.call("LaptopService", method, request)
                self.step, self.pending = self.step + 1, None
        except Refused as refused:
            if refused.code not in UNKNOWN_OUTCOMES:
                self.failure = refused
        except Exception as error:  # a closed channel, a killed daemon
            self.failure = None if self.stopping.is_set() else error

    def expected(self):
        """Moves that the daemon may have stored: those acknowledged, and perhaps the one in flight."""
        return {self.step, self.step + 1} if self.pending else {self.step}


class Reporter(threading.Thread):
    """One agent that reports without pause over mTLS."""

    def __init__(self, client, device, acknowledged=0):
        super().__init__(name=f"reporter-{device}", daemon=True)
        self.client, self.device, self.acknowledged = client, device, acknowledged
        self.failure = None
        self.stopping = threading.Event()

    def run(self):
        try:
            while not self.stopping.is_set():
                self.client.call("AgentService", "CheckIn", report(self.acknowledged + 1))
                self.acknowledged += 1
        except Refused as refused:
            if refused.code not in UNKNOWN_OUTCOMES:
                self.failure = refused
        except Exception as error:
            self.failure = None if self.stopping.is_set() else error


class Load:
    """Technicians and agents over the daemons of one world; some agents run on laptops that move meanwhile."""

    def __init__(self, world, agents=WRITERS + 2):
        self.world = world
        self.writers = [Writer(number) for number in range(WRITERS)]
        with world.people() as people:
            for writer in self.writers:
                writer.create(people)
            tags = [writer.tag for writer in self.writers]
            tags += [f"AGENT-{number:03}" for number in range(agents - WRITERS)]
            for tag in tags[WRITERS:]:
                people.call("LaptopService", "CreateLaptop", {"laptop": {"assetTag": tag, "serial": f"SER-{tag}"}})
        self.devices = {tag: world.device(tag, source=f"127.0.1.{number}") for number, tag in enumerate(tags, 1)}
        self.acknowledged = dict.fromkeys(self.devices, 0)

    def start(self):
        ports, root = self.world.ports, self.world.root_pem
        self.clients = [self.world.people() for _ in self.writers]
        self.writers = [writer.go_on(client) for writer, client in zip(self.writers, self.clients)]
        self.reporters = []
        for tag, certificate in self.devices.items():
            client = Client(ports["agent"], root, certificate=certificate)
            self.clients.append(client)
            self.reporters.append(Reporter(client, tag, self.acknowledged[tag]))
            self.reporters[-1].start()

    def written(self):
        return sum(writer.step for writer in self.writers) + sum(reporter.acknowledged for reporter in self.reporters)

    def stop(self):
        """Waits for every thread; those that saw the daemon go have ended by themselves."""
        for thread in self.writers + self.reporters:
            thread.stopping.set()
        for thread in self.writers + self.reporters:
            thread.join(30)
            assert not thread.is_alive(), f"{thread.name} hangs"
            assert thread.failure is None, f"{thread.name}: {thread.failure}"
        for client in self.clients:
            client.channel.close()
        self.acknowledged = {reporter.device: reporter.acknowledged for reporter in self.reporters}

    def findings(self):
        with self.world.people() as people:
            found = verify(people, self.writers)
            devices = people.all_of("DeviceService", "ListDevices", {"pageSize": 1000}, "devices")
        stored = {device["laptop"].removeprefix("laptops/"): int(device.get("reportSeq", 0)) for device in devices}
        for tag, acknowledged in self.acknowledged.items():
            if not acknowledged <= stored.get(tag, -1) <= acknowledged + 1:
                found.append(f"{tag}: report {acknowledged} acknowledged, {stored.get(tag)} stored")
        # The report in flight counts from now on: the next one must be newer.
        self.acknowledged = {tag: stored[tag] for tag in self.acknowledged}
        return found


def report(sequence):
    """A small report; its facts change with every sequence number."""
    facts = {"os": {"id": "debian", "version": "12", "kernel": f"6.1.0-{sequence}-amd64"}}
    return {
        "bootId": "0f0e0d0c-0b0a-0908-0706-050403020100",
        "reportSeq": str(sequence),
        "agentVersion": "e2e",
        "sentTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "factsDigest": base64.b64encode(hashlib.sha256(str(facts).encode()).digest()).decode(),
        "facts": facts,
    }


def verify(people, writers):
    """What the daemon holds against the ledger. Returns the findings."""
    laptops = {laptop["assetTag"]: laptop for laptop in people.all_of("LaptopService", "ListLaptops", {"pageSize": 1000}, "laptops")}
    findings = []
    for writer in writers:
        laptop = laptops.get(writer.tag)
        if laptop is None:
            findings.append(f"{writer.tag} is gone")
            continue
        events = people.all_of("LaptopService", "ListEvents", {"parent": f"laptops/{writer.tag}", "pageSize": 1000}, "events")
        moves = len(events) - 1  # the first one made the record
        state = CIRCLE[(moves - 1) % len(CIRCLE)][1] if moves else "IN_STOCK"
        holder = f"people/{writer.person}" if state == "ASSIGNED" else ""
        if moves not in writer.expected():
            findings.append(f"{writer.tag}: {moves} moves stored, {writer.step} acknowledged")
        if (laptop["state"], laptop.get("holder", "")) != (f"LAPTOP_STATE_{state}", holder):
            findings.append(f"{writer.tag}: {moves} moves in its history, but it is {laptop['state']} with {laptop.get('holder')!r}")
        reasons = [event.get("reason", "") for event in reversed(events)][1:]
        if reasons != [f"move {number + 1}" for number in range(moves)]:
            findings.append(f"{writer.tag}: its history is {reasons}")
    return findings
