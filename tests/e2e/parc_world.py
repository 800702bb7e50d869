"""The three programs as separate processes, and a client that shares no code with them.

Everything lives in one temporary directory and on free ports, and ends with the test.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PARC_BIN", REPOSITORY / "build/dev/bin"))
PATIENCE = 30  # seconds for anything that ought to take one


def wait_until(true, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


class Api:
    """Messages and methods as the .proto files say them, read by protoc."""

    def __init__(self):
        with tempfile.NamedTemporaryFile() as out:
            proto = REPOSITORY / "proto"
            roots = [f"-I{proto / 'third_party'}", f"-I{proto}"]
            names = [str(path) for path in sorted((proto / "parc/v1").glob("*.proto"))]
            names += [str(proto / "third_party/google/rpc" / name) for name in ("status.proto", "error_details.proto")]
            subprocess.run(["protoc", *roots, "--include_imports", f"--descriptor_set_out={out.name}", *names], check=True)
            files = descriptor_pb2.FileDescriptorSet.FromString(out.read()).file
        self.pool = descriptor_pool.DescriptorPool()
        for file in files:
            self.pool.Add(file)
        self.factory = message_factory.MessageFactory(self.pool)

    def type(self, name):
        return self.factory.GetPrototype(self.pool.FindMessageTypeByName(name))

    def make(self, name, fields):
        return json_format.ParseDict(fields, self.type(name)(), descriptor_pool=self.pool)

    def method(self, service, name):
        found = self.pool.FindServiceByName(f"parc.v1.{service}").FindMethodByName(name)
        return self.factory.GetPrototype(found.input_type), self.factory.GetPrototype(found.output_type)


API = Api()


class Refused(Exception):
    """An answer that is an error: its code, and the reason of its ErrorInfo."""

    def __init__(self, error):
        self.code = error.code().name
        self.reason = ""
        self.text = error.details()
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                for detail in API.type("google.rpc.Status").FromString(value).details:
                    if detail.TypeName() == "google.rpc.ErrorInfo":
                        info = API.type("google.rpc.ErrorInfo").FromString(detail.value)
                        assert info.domain == "parc", info
                        self.reason = info.reason
        super().__init__(f"{self.code} {self.reason}: {self.text}")


class Client:
    """Calls a port of the daemon: with a token (people), or with a certificate (agents)."""

    def __init__(self, port, root, token=None, certificate=None):
        key, chain = certificate or (None, None)
        self.channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(root, key, chain))
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def call(self, service, method, request=None, timeout=10):
        """The answer as JSON's dictionaries. Raises Refused."""
        takes, gives = API.method(service, method)
        stub = self.channel.unary_unary(
            f"/parc.v1.{service}/{method}", request_serializer=takes.SerializeToString, response_deserializer=gives.FromString
        )
        message = json_format.ParseDict(request or {}, takes(), descriptor_pool=API.pool)
        try:
            answer = stub(message, timeout=timeout, metadata=self.metadata)
        except grpc.RpcError as error:
            raise Refused(error) from None
        return json_format.MessageToDict(answer, descriptor_pool=API.pool)

    def all_of(self, service, method, request, field):
        """Every item of a list, page by page."""
        items, token = [], ""
        while True:
            page = self.call(service, method, {**request, "pageToken": token})
            items += page.get(field, [])
            token = page.get("nextPageToken", "")
            if not token:
                return items


class World:
    """A temporary directory with a daemon's state, an agent's state and a technician's configuration."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="parc-e2e-"))
        self.state = self.root / "state"
        self.config = self.root / "parcd.toml"
        self.log = self.root / "parcd.log"
        self.program = BIN / "parcd"
        self.daemon = None
        listen = "\n".join(f'{port} = "127.0.0.1:0"' for port in ("agent", "gateway", "people", "metrics"))
        self.config.write_text(f'state_dir = "{self.state}"\n[listen]\n{listen}\n')
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(self.root / "config"), "LC_ALL": "C.UTF-8", "TZ": "Europe/Paris"}
        self.environment.pop("LANGUAGE", None)
        self.daemon_environment = {}  # besides, for the daemon alone

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        if kind is not None and self.log.exists():
            print(f"--- the end of {self.log}:\n{self.log.read_text(errors='replace')[-4000:]}")
        shutil.rmtree(self.root, ignore_errors=True)

    # ── the daemon ──

    def let_laptops_hurry(self):
        """Before start(): a single laptop may report as often as it likes."""
        with self.config.open("a") as config:
            config.write("[checkin]\nleast_seconds = 0\n")

    def start(self, ready=None):
        """Starts the daemon and returns when it is ready to serve (or `ready` is); tells how long that took."""
        (self.state / "ports.toml").unlink(missing_ok=True)
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.daemon = subprocess.Popen(
                [self.program, "--config", self.config], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**self.environment, **self.daemon_environment}
            )
        wait_until(ready or self.is_ready, "the daemon's being ready")
        return time.monotonic() - began

    def is_ready(self):
        assert self.daemon.poll() is None, f"parcd ended with {self.daemon.returncode}:\n{self.log.read_text()[-4000:]}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['metrics']}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    @property
    def ports(self):
        text = (self.state / "ports.toml").read_text()
        return {name: int(number) for name, number in re.findall(r"^(\w+) *= *(\d+)", text, re.M)}

    def end(self, how=signal.SIGTERM):
        """Ends the daemon and returns its exit code (a negative signal when that killed it)."""
        self.daemon.send_signal(how)
        return self.daemon.wait(PATIENCE)

    def parcd(self, *arguments, expect=0):
        return self.run(BIN / "parcd", *arguments, "--config", self.config, expect=expect)

    # ── clients ──

    @property
    def root_pem(self):
        return (self.state / "ca/root.pem").read_bytes()

    @property
    def token(self):
        return (self.state / "login.token").read_text().strip()

    def people(self):
        return Client(self.ports["people"], self.root_pem, self.token)

    def log_in(self):
        self.parc(
            "login", "--server", f"localhost:{self.ports['people']}", "--ca", self.state / "ca/root.pem", "--token-file", self.state / "login.token"
        )  # fmt: skip

    def parc(self, *arguments, expect=0, stdin=""):
        return self.run(BIN / "parc", *arguments, expect=expect, stdin=stdin)

    def parc_json(self, *arguments):
        return json.loads(self.parc(*arguments, "-o", "json").stdout)

    def agent(self, *arguments, expect=0, stdin=""):
        config = self.root / "agent.toml"
        # After its report it may ask the package manager, which has a minute.
        return self.run(
            BIN / "parc-agent", "--config", config, "--state-dir", self.root / "agent", *arguments,
            expect=expect, stdin=stdin, patience=PATIENCE * 4
        )  # fmt: skip

    def run(self, *command, expect=0, stdin="", patience=PATIENCE * 2):
        done = subprocess.run(
            [str(part) for part in command], input=stdin, capture_output=True, text=True, timeout=patience, env=self.environment
        )
        expected = expect if isinstance(expect, (set, tuple)) else {expect}
        assert done.returncode in expected, f"{command} answered {done.returncode}, not {expected}\n{done.stdout}\n{done.stderr}"
        return done

    # ── a laptop without an agent ──

    def device(self, laptop, source=None):
        """Enrols `laptop` as an agent would and returns its (key, chain), PEM each.

        From the address `source`, such as 127.0.0.7: one address enrols five laptops, and then one a second.
        """
        with self.people() as people:
            url = people.call("DeviceService", "CreateEnrolmentToken", {"laptop": f"laptops/{laptop}"})["enrolmentUrl"]
        token = re.fullmatch(r"parc://[^/]+/#([^&]+)&ca=sha256:[0-9a-f]{64}", url)[1]
        key, csr = self.root / f"{laptop}.key", self.root / f"{laptop}.csr"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=anything", "-outform", "DER"]
        self.run("openssl", "req", "-new", *curve, "-keyout", key, "-out", csr)
        answer = self.enrol({"token": token, "agentVersion": "e2e"}, csr.read_bytes(), source)
        assert json_format.MessageToDict(answer)["state"] == "ENROLMENT_STATE_ISSUED", answer
        chain = "".join(
            self.run("openssl", "x509", "-inform", "DER", "-in", self.file(f"{laptop}.der", der)).stdout for der in answer.certificate_chain
        )
        return key.read_bytes(), chain.encode()

    def enrol(self, fields, csr, source=None):
        request = API.make("parc.v1.EnrolRequest", fields)
        request.csr = csr
        body = self.file("enrol.bin", request.SerializeToString())
        out = self.root / "enrol.out"
        url = f"https://localhost:{self.ports['gateway']}/parc.v1.EnrolmentService/Enrol"
        tls = ["--cacert", self.state / "ca/root.pem", "-H", "content-type: application/proto"]
        tls += ["--interface", source] if source else []
        self.run("curl", "-sS", "--fail-with-body", *tls, "--data-binary", f"@{body}", "-o", out, url)
        return API.type("parc.v1.EnrolResponse").FromString(out.read_bytes())

    def file(self, name, data):
        path = self.root / name
        path.write_bytes(data)
        return path


@contextlib.contextmanager
def running_world(prepare=lambda world: None):
    """`prepare` may change how the daemon is set up."""
    with World() as world:
        prepare(world)
        world.start()
        yield world
