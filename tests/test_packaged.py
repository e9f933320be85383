"""What is deployed, with nothing else: every function with every sample event, in a bare interpreter that has only the
artifacts, as each platform lays them out.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from emulator.development import KEYS, rsa_key
from emulator.packaging.artifacts import PYTHON_VERSION, copy_sources, functiongraph, install_dependencies
from emulator.packaging.sam_local import check
from emulator.platforms.interpreter import find_python
from emulator.samples.calls import samples, usage_call
from emulator.samples.files import SHAPES, content, signed, unsigned
from emulator.wire.client import Answer, NoAnswer, send
from shared.clock import SystemClock
from shared.http import HttpRequest
from shared.protocol.signing import BODY_SIGN, verify_body_sign
from shared.runtimes.http_function import REQUEST_ID
from tests.pages import ROOT
from tests.test_package_functiongraph import IMPORT_ALL, NOT_PACKED, OLD_LIBRARIES, ON_A_SERVER, old_libraries

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

SETTINGS = {
    **KEYS,
    "AWS_SAM_LOCAL": "true",  # it is on a laptop, where the development keys will do
    "KOOGALLERY_PROVISIONER": "demo",
    "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key(),
}
OWN = {name: f"{value} of my own" for name, value in KEYS.items()}
CONTEXTS = ROOT / "emulator" / "platforms" / "contexts.py"
DRIVER = """
import importlib, importlib.util, json, os, sys
given = json.load(sys.stdin)
sys.path[:0] = given["path"]
for name in given["loaded"]:
    importlib.import_module(name)
spec = importlib.util.spec_from_file_location("contexts", given["contexts"])
contexts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contexts)
for number, (module, name, event) in enumerate(given["calls"]):
    settings = given["settings"] | {"KOOGALLERY_STORE": f"sqlite:{given['folder']}/{number}.sqlite"}
    if given["lambda"]:
        os.environ |= settings
        context = contexts.LocalLambdaContext(module)
    else:
        context = contexts.LocalFunctionGraphContext(name, user_data=settings)
    print(json.dumps({"answer": getattr(importlib.import_module(module), name)(event, context)}))
"""
INITIALIZED = """
import importlib.util, json, sys
import six, typing_extensions, urllib3  # the platform has loaded its own already
assert urllib3.__version__ == "1.25.11"
given = json.load(sys.stdin)
sys.path.append(given["code"])
spec = importlib.util.spec_from_file_location("contexts", given["contexts"])
contexts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contexts)
import index
index.gateway_initializer(contexts.LocalFunctionGraphContext(user_data=given["settings"]))
answer = index.gateway(given["event"], contexts.LocalFunctionGraphContext(user_data=given["settings"]))
import typing_extensions
print(json.dumps({"answer": answer, "library": typing_extensions.__file__}))
"""


@dataclass(frozen=True)
class Call:
    """An event for a handler; ``key`` is what signed it, empty for what is not the marketplace's; ``answer``: what it
    is answered then.
    """

    function: str
    event: Any
    key: str
    answer: Any

    def check(self, given: Any) -> None:
        if not self.key:
            assert content(given) == self.answer, self.function
            return
        body = given["body"]
        verify_body_sign(self.key, given["headers"][BODY_SIGN], body.encode())
        assert json.loads(body)["resultCode"] == "000000", self.function


def calls(platform: str) -> Iterator[Call]:
    """Every sample event for the functions that answer it: the gateway's, and that of its interface alone."""
    for sample in signed(SystemClock()):
        for function in sorted({"gateway", sample.interface}):
            yield Call(function, SHAPES[platform](sample.request), sample.key, None)
    for each in unsigned(SystemClock()):
        if each.platform == platform:
            yield Call(each.interface, each.event, "", each.answer)


def run(folder: Path, platform: str, path: list[Path], loaded: tuple[str, ...] = ()) -> None:
    """All calls of a platform, one after the other in a process that has ``path`` alone, each with an empty store."""
    made, on_lambda = list(calls(platform)), platform == "aws"

    def handler(call: Call) -> tuple[str, str]:
        return (f"functions.{call.function}", "handler") if on_lambda else ("index", call.function)

    given = {
        "path": list(map(str, path)),
        "loaded": loaded,
        "contexts": str(CONTEXTS),
        "calls": [[*handler(call), call.event] for call in made],
        "settings": SETTINGS,
        "folder": str(folder),
        "lambda": on_lambda,
    }
    answers = bare("-c", DRIVER, asked=json.dumps(given))

    assert len(answers) == len(made) > 40
    for call, answer in zip(made, answers, strict=True):
        call.check(answer["answer"])


def deployed_python() -> str:
    """The interpreter that both clouds run."""
    python = find_python(PYTHON_VERSION)
    if python is None:
        pytest.skip(f"needs python{PYTHON_VERSION}, which both clouds run")
    return python


def bare(*arguments: str, asked: str = "") -> list[Any]:
    """What the deployed Python prints that has neither this environment nor its variables; not what is logged."""
    command = [deployed_python(), "-I", "-S", *arguments]
    done = subprocess.run(command, input=asked, env={}, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    printed = map(json.loads, done.stdout.splitlines())
    return [line for line in printed if line.keys() & {"answer", "imported"}]


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive for FunctionGraph as the platform unpacks it: with the permissions that it has."""
    folder = tmp_path_factory.mktemp("functiongraph")
    code = folder / "code"
    with ZipFile(functiongraph(folder / "build")) as packed:
        packed.extractall(code)
        for entry in packed.infolist():
            (code / entry.filename).chmod(entry.external_attr >> 16)
    return code


def test_functiongraph(code: Path, tmp_path: Path) -> None:
    run(tmp_path, "functiongraph", [old_libraries(tmp_path / "platform"), code], OLD_LIBRARIES)


def test_the_archive_answers_among_old_libraries(code: Path, tmp_path: Path) -> None:
    python = deployed_python()
    sample = next(sample for sample in samples(OWN, SystemClock()) if sample.name == "purchase-v1")
    store = {"KOOGALLERY_PROVISIONER": "demo", "KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}
    given = {
        "code": str(code),
        "contexts": str(CONTEXTS),
        "event": SHAPES["functiongraph"](sample.request),
        "settings": OWN | store,
    }

    done = subprocess.run(
        [python, "-c", INITIALIZED],
        input=json.dumps(given),
        env={"PYTHONPATH": str(old_libraries(tmp_path / "platform"))},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    assert check(printed["answer"], sample.key) == ("000000", "")
    assert Path(printed["library"]).is_relative_to(code)


def test_nothing_is_packed_that_is_not_imported(code: Path) -> None:
    names = {path.relative_to(code).as_posix() for path in code.rglob("*")}
    of_the_builder = [name for name in names if name.endswith(("/RECORD", "/INSTALLER", "/direct_url.json"))]
    assert of_the_builder == [], "what differs from one folder to another"
    assert not names & {"boto3", "botocore", "pycparser", "bin"}
    [found] = bare("-c", IMPORT_ALL, str(code))
    assert set(found["missing"]) == NOT_PACKED - ON_A_SERVER
    assert found["imported"] > 150


@contextmanager
def http_function(code: Path, settings: dict[str, str], log: Path) -> Iterator[str]:
    """The address of what the platform starts as an HTTP function, until it is told to end."""
    python = deployed_python()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [str(code / "bootstrap"), python, str(port)]
    with log.open("wb") as lines:
        process = subprocess.Popen(command, env=settings, stdout=lines, stderr=lines, cwd=log.parent)
    try:
        base, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while isinstance(send(base, HttpRequest("GET", "/health")), NoAnswer):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, "it does not begin"
            time.sleep(0.05)
        yield base
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def answered(base: str, request: HttpRequest) -> Answer:
    answer = send(base, request)
    assert isinstance(answer, Answer), answer
    return answer


def test_http_function(code: Path, tmp_path: Path) -> None:
    """Every sample as a real request; the answers are those of the event function."""
    log = tmp_path / "log"
    settings = SETTINGS | {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'http.sqlite'}"}
    clock = SystemClock()

    with http_function(code, settings, log) as base:
        for sample in signed(clock):
            headers = {**sample.request.headers, REQUEST_ID: f"of-{sample.name}"}
            answer = answered(base, replace(sample.request, headers=headers))
            told = {"headers": dict(answer.headers), "body": answer.body.decode()}
            Call(sample.name, None, sample.key, None).check(told)
            assert answer.request_id == f"of-{sample.name}"
        (expected,) = [each for each in unsigned(clock) if (each.platform, each.name) == ("functiongraph", "usage")]
        assert json.loads(answered(base, usage_call(KEYS, clock)).body) == expected.answer
        refused = answered(base, HttpRequest("GET", "/saas", (("activity", "newInstance"),)))
        assert json.loads(refused.body)["resultCode"] == "000001"

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {f"of-{sample.name}" for sample in signed(clock)} <= {line.get("request_id") for line in lines}
    assert [line for line in lines if line["level"] == "ERROR"] == []


def test_lambda(tmp_path: Path) -> None:
    function, layer = tmp_path / "task", tmp_path / "opt" / "python"
    function.mkdir()
    copy_sources(function, "/var/task")
    install_dependencies(layer, "/opt/python")

    run(tmp_path, "aws", [function, layer])
    [found] = bare("-c", IMPORT_ALL, str(function), str(layer))
    assert set(found["missing"]) == NOT_PACKED
    assert found["imported"] > 150
