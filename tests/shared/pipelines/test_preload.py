"""What is ready before the first call, and what does not survive a snapshot: in real processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from emulator.bench.market import KEYS, Market1, Market2
from emulator.platforms.contexts import LocalFunctionGraphContext
from emulator.platforms.event_shapes import api_gateway_rest
from functions import gateway
from shared import app as composition
from shared.clock import SystemClock
from shared.instance import repository
from shared.pipelines.preload import Needs, preload
from tests.logs import LogLines

CALL = """
import json, os, sys
from functions import gateway
class Context:
    aws_request_id = "r"
    def get_remaining_time_in_millis(self):
        return 10_000
def answer(event):
    return json.loads(gateway.handler(event, Context())["body"])["resultCode"]
given = json.load(sys.stdin)
"""
FIRST_CALLS = (
    CALL
    + """
before = set(sys.modules)
codes = [answer(event) for event in given]
print(json.dumps([codes, sorted(set(sys.modules) - before), len(sys.modules),
    [name for name in sys.modules if name.startswith(("boto", "s3transfer"))]]))
"""
)
RESTORED = (
    CALL
    + """
import random, secrets, ssl, time, uuid
import snapshot_restore_py as hooks
from shared import app, secrets as by_reference
from shared.aws import credentials, signature
from shared.config import values
from shared.outbound import client
from shared.protocol.field_cipher import _random_iv
worked_out = lambda: [each.cache_info().currsize for each in (signature._key, values._object)]
ready = bool(app._built and by_reference._known and all(worked_out()) and any(pool._waiting for pool in client._pools))
for hook, arguments, named in hooks.get_before_snapshot():
    hook(*arguments, **named)
kept = [connection for pool in client._pools for connection in pool._waiting]
print(json.dumps(
    [ready, kept, app._built, list(by_reference._known), credentials._others._found, worked_out()]), flush=True)
for copy, event in zip(("one", "two"), given):
    if not os.fork():
        os.getpid = lambda parent=os.getppid(): parent  # a restored process has the same number
        os.environ["AWS_ACCESS_KEY_ID"] = copy
        for hook, arguments, named in hooks.get_after_restore():
            hook(*arguments, **named)
        drawn = [random.random(), secrets.token_hex(8), uuid.uuid4().hex, _random_iv(), ssl.RAND_bytes(8).hex()]
        print(json.dumps([copy, answer(event), drawn]), flush=True)
        os._exit(0)
    os.wait()
"""
)


@dataclass
class Asked:
    """One request to the stub: what for, with whose key, on which connection."""

    target: str
    access_key: str
    connection: tuple[str, int]


class StubAws(ThreadingHTTPServer):
    """DynamoDB with empty tables that take everything, and Secrets Manager."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _StubHandler)
        self.asked: list[Asked] = []
        self.refusing = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _StubHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StubAws

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers["X-Amz-Target"]
        access_key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        self.server.asked.append(Asked(target, access_key, self.client_address))
        members: dict[str, Any] = {"SecretString": json.dumps(KEYS)} if "GetSecretValue" in target else {}
        if self.server.refusing:
            members = {"__type": "AccessDeniedException"}
        body = json.dumps(members).encode()
        self.send_response(400 if self.server.refusing else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def aws() -> Iterator[StubAws]:
    with StubAws() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def environment(aws: StubAws, start: str) -> dict[str, str]:
    references = {name: f"secretsmanager:keys#{name}" for name in KEYS}
    return {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "first",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_LAMBDA_INITIALIZATION_TYPE": start,
        "AWS_SAM_LOCAL": "true",
        "KOOGALLERY_SETTINGS": json.dumps({"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_PROVISIONER": "demo"}),
        **references,
    }


def run(aws: StubAws, code: str, *requests: Any, start: str = "on-demand") -> list[Any]:
    """The JSON lines that ``code`` prints in a process that a platform starts."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([api_gateway_rest(request) for request in requests]),
        env=environment(aws, start),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    return [line for line in printed if isinstance(line, list)]  # what is logged are objects


def purchases() -> list[Any]:
    return [Market1(SystemClock()).purchase("CS1"), Market2(SystemClock()).purchase("CS2", test=True)]


def test_a_first_call_imports_nothing_and_never_boto3(aws: StubAws) -> None:
    """With the secrets by reference: they are read once, before the call."""
    [(codes, imported, modules, boto)] = run(aws, FIRST_CALLS, *purchases())

    assert codes == ["000000", "000000"]
    assert set(imported) <= {"encodings.utf_16_be"}, "a few lines of no weight"
    assert boto == ["botocore"], "the bare package, which Powertools' logger looks for"
    assert modules < 520, "modules that a process needs for everything the production address does"
    targets = [each.target for each in aws.asked]
    assert targets.count("secretsmanager.GetSecretValue") == 1
    assert targets[0] == "secretsmanager.GetSecretValue"


def test_elsewhere_nothing_is_read_or_connected_at_import(aws: StubAws) -> None:
    run(aws, "import os; del os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\nimport functions.gateway")

    assert aws.asked == []


def test_what_cannot_be_had_before_the_first_call_is_had_by_it(aws: StubAws) -> None:
    aws.refusing = True
    code = CALL + f"import urllib.request\nurllib.request.urlopen('{aws.url}/heal')\nprint([answer(given[0])])"
    _StubHandler.do_GET = _heal  # type: ignore[attr-defined]
    assert run(aws, code.replace("print([", "print(json.dumps([").replace("])])", "])]))"), *purchases()) == [
        ["000000"]
    ]


def _heal(handler: _StubHandler) -> None:
    handler.server.refusing = False
    handler.send_response(200)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_a_process_that_is_not_ready_says_so_once(log_lines: LogLines) -> None:
    composition.install(None)
    secret = {"KOOGALLERY_KEY": "csms:keys"}

    assert not preload(Needs(settings=("key", "access_key")), secret.get)
    [line] = log_lines("not ready before the first call, which tries again")
    assert line["reason"] == "KOOGALLERY_KEY: set KOOGALLERY_CSMS_URL"
    composition.install(None)


def test_who_does_not_answer_is_not_waited_for(log_lines: LogLines) -> None:
    composition.install(None)
    answer = Event()

    def silent(_: str) -> str | None:
        answer.wait(60)
        return None

    assert not preload(Needs(settings=("key",)), silent, 0.05)
    answer.set()
    [line] = log_lines("not ready before the first call, which tries again")
    assert line["reason"] == "it takes too long"
    composition.install(None)


def test_the_initializer_of_functiongraph(log_lines: LogLines) -> None:
    composition.install(None)
    repository.adapter.cache_clear()
    gateway.handler.initialize(LocalFunctionGraphContext(user_data={**KEYS, "AWS_SAM_LOCAL": "true"}))

    assert [app.settings.key for app in composition._built]
    assert repository.adapter.cache_info().currsize == 1 + len(repository.SEALED)
    assert not log_lines("not ready before the first call, which tries again")
    composition.install(None)


def test_nothing_random_connected_or_secret_survives_a_snapshot(aws: StubAws) -> None:
    snapshot, one, two = run(aws, RESTORED, *purchases(), start="snap-start")

    assert snapshot == [True, [], [], [], None, [0, 0]]
    assert (one[:2], two[:2]) == (["one", "000000"], ["two", "000000"])
    assert not set(map(str, one[2])) & set(map(str, two[2]))
    of = {key: [each for each in aws.asked if each.access_key == key] for key in ("first", "one", "two")}
    assert all("GetSecretValue" in asked[0].target for asked in of.values()), "each reads the secrets for itself"
    connections = [{each.connection for each in asked} for asked in of.values()]
    assert len(set.union(*connections)) == sum(map(len, connections)), "no connection is used by two"
