"""What is generated is really run: it passes on the bundle, and fails when the handler answers otherwise."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from emulator.development import KEYS as DEVELOPMENT
from emulator.keys import Keys
from emulator.recorder import Recording, of_request, recorded
from emulator.recorder.playback import Playback
from emulator.recorder.verdict import SignatureState, judged
from functions.gateway import MODULES, SYNC_MODULES
from shared.errors import ProvisioningError
from shared.http import HttpRequest
from shared.provisioning import Instance, Renewal
from shared.provisioning.demo import DemoProvisioner
from tests import command_line
from tests.emulator.recorder.calls import BUSINESS, CALLS, LINE, ORDER, V1, V2, pasted, purchase
from tests.pages import ROOT

INVALID = {
    "no expireTime": (V1.call("refreshInstance", orderId="CS1234567890", instanceId=BUSINESS), "expireTime"),
    "a wrong status": (V2.call("updateInstanceStatus", instanceId=BUSINESS, status="FROZEN"), "status"),
    "an unknown activity": (V1.call("getLicense", orderId="CS1234567890"), "activity is unknown"),
}


def pytest_on(*tests: Path, bundle: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a process of its own on a folder's tests or some of them, against the bundle in another one."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", *map(str, tests)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    return subprocess.run(command, cwd=bundle, env=environ, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings of every call there is, and of some that must be refused."""
    folder = tmp_path_factory.mktemp("recorded")
    copied = folder / "copied.txt"
    copied.write_text("".join(pasted(call) for call in (*CALLS.values(), *(call for call, _ in INVALID.values()))))
    assert command_line.command("record")([str(copied), "--out", str(folder)], {}) == 0
    return folder


def test_every_generated_test_passes(folder: Path) -> None:
    done = pytest_on(folder)

    assert done.returncode == 0, done.stdout
    assert f"{how_many([*CALLS, *INVALID])} passed" in done.stdout


class Fault(NamedTuple):
    """Something that makes a bundle answer otherwise."""

    module: str
    right: str
    wrong: str


BROKEN = Fault("functions/renew.py", "return Done()", 'raise RuntimeError("broken")')
HALF = Fault("functions/query.py", "zip(asked, known, strict=True)", "zip(asked[:1], known, strict=False)")
OTHER_KEY = Fault("shared/protocol/answer.py", "body_sign(key,", "body_sign(f'{key}x',")
STATUS = Fault("shared/protocol/answer.py", "HttpResponse(200,", "HttpResponse(500,")
UNHURT = "release-v1"
"""Goes on to pass, unless all fail."""


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("faults", "failing"),
    [
        pytest.param([BROKEN, HALF], ["renew-v1", "renew-v2", "query-v1"], id="two interfaces"),
        pytest.param([OTHER_KEY], [*CALLS, *INVALID], id="another key", marks=pytest.mark.slow),
        pytest.param([STATUS], ["expire-v1", "query-v2", UNHURT], id="another status"),
    ],
)
def test_generated_tests_fail_on_a_bundle_that_answers_otherwise(
    folder: Path, tmp_path: Path, faults: list[Fault], failing: list[str]
) -> None:
    """A copy of the bundle, with such faults in it."""
    for name in ("functions", "shared", "emulator"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "console"))
    for module, right, wrong in faults:
        code = (tmp_path / module).read_text()
        assert right in code
        (tmp_path / module).write_text(code.replace(right, wrong))

    done = pytest_on(*files_of(folder, {*failing, UNHURT}), bundle=tmp_path)

    failed = set(re.findall(r"^FAILED .*?test_[0-9]+_(\w+)\.py", done.stdout, re.MULTILINE))
    assert done.returncode == 1, done.stdout
    assert failed >= {name.replace("-", "_") for name in failing if name in CALLS}
    assert f"{how_many(failing)} failed" in done.stdout


def files_of(folder: Path, names: set[str]) -> list[Path]:
    """The tests of recordings. What must be refused has names of its own: with those, all."""
    if names & INVALID.keys():
        return [folder]
    return [path for name in names for path in folder.glob(f"test_*_{name.replace('-', '_')}.py")]


def how_many(names: list[str]) -> int:
    """On two platforms, through the interface's own handler and the gateway; an unknown activity has only the
    gateway.
    """
    return sum(2 if name == "an unknown activity" else 4 for name in names)


def test_generated_tests_keep_the_rules_of_the_repository(folder: Path) -> None:
    tests = [str(path) for path in sorted(folder.glob("test_*.py"))]
    rules = ["--config", str(ROOT / "pyproject.toml")]
    ignored = ["--ignore", "S101,PLR2004,INP001"]

    for command in (["check", *rules, *ignored], ["format", "--check", *rules]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *tests], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_what_the_provisioner_refuses_is_not_success(tmp_path: Path) -> None:
    class Mine(DemoProvisioner):
        def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
            raise ProvisioningError("no")

    recording = of_request(CALLS["renew-v1"])
    with Playback(tmp_path, provisioner=Mine()) as bundle:
        bundle.given(*recording.expectation.instances)
        assert bundle.play("renew", recording.events()["aws/renew-v1.json"])["resultCode"] == "000005"


def test_what_cannot_be_bought_cannot_be_given(tmp_path: Path) -> None:
    with Playback(tmp_path) as bundle, pytest.raises(AssertionError, match="of this id cannot be bought"):
        bundle.given("x" * 65)


@pytest.mark.parametrize("case", INVALID)
def test_what_the_protocol_refuses_must_be_refused(case: str) -> None:
    request, named = INVALID[case]
    recording = of_request(request)

    assert recording.expectation.code == "000002"
    assert named in recording.expectation.reason
    assert named in recording.test_source()


def test_a_story_can_be_played_on_one_bundle(tmp_path: Path) -> None:
    """The purchase's ``businessId`` becomes the instance's id, so what follows finds it without being given it."""
    calls = [
        purchase(),
        V1.call("refreshInstance", orderId=f"{ORDER}X", instanceId=BUSINESS, expireTime="20281120235959"),
        V2.call("releaseInstance", instanceId=BUSINESS, orderId=ORDER, orderLineId=LINE),
        V1.call("refreshInstance", orderId=f"{ORDER}Y", instanceId=BUSINESS, expireTime="20281120235959"),
    ]
    recordings = recorded("".join(map(pasted, calls)))

    with Playback(tmp_path) as bundle:
        codes = [bundle.play(each.kind.module, next(iter(each.events().values())))["resultCode"] for each in recordings]

    assert codes == ["000000", "000000", "000000", "000003"]


def test_a_seller_s_own_provisioner_can_be_played(tmp_path: Path) -> None:
    class Mine(DemoProvisioner):
        def release(self, instance: Instance, key: str) -> None:
            released.append(key)

    released: list[str] = []

    recording = of_request(CALLS["release-v2"])
    with Playback(tmp_path, provisioner=Mine()) as bundle:
        bundle.given(*recording.expectation.instances)
        bundle.play("release", recording.events()["functiongraph/release-v2.json"])

    assert len(released) == 1


@pytest.mark.parametrize("name", CALLS)
def test_a_recording_says_what_it_is(name: str) -> None:
    recording = of_request(CALLS[name])

    assert recording.name == name
    assert recording.kind.module == (MODULES | SYNC_MODULES)[recording.kind.activity]
    assert recording.kind.version.value == name[-2:]
    assert recording.expectation.code == "000000"
    assert set(recording.events()) == {f"aws/{name}.json", f"functiongraph/{name}.json"}
    assert recording.test_path == f"test_{name.replace('-', '_')}.py"
    development = {
        "KOOGALLERY_KEY": "key",
        "KOOGALLERY_ACCESS_KEY": "access_key",
        "KOOGALLERY_NOTIFY_ACCESS_KEY": "notify_key",
        "KOOGALLERY_SYNC_ACCESS_KEY": "sync_key",
    }
    keys = Keys(**{field: DEVELOPMENT[setting] for setting, field in development.items()})
    assert recording.kind.setting in development
    assert judged(recording.request, recording.kind, keys).state is SignatureState.RIGHT


def test_odd_ids_do_not_break_the_generated_test() -> None:
    odd = 'a"b\\c{d}\'#"""'
    recording = of_request(V2.call("queryInstance", instanceId=odd))

    compile(recording.test_source(), "test.py", "exec")
    assert json.dumps(recording.expectation.instances[0]) in recording.test_source()


def test_a_hundred_instances_are_given(tmp_path: Path) -> None:
    ids = [f"instance-{number:03}-abcdef" for number in range(100)]
    recording = of_request(V1.call("queryInstance", instanceId=",".join(ids)))

    assert len(set(recording.expectation.instances)) == 100
    source = recording.test_source()
    assert max(map(len, source.splitlines())) <= 120
    compile(source, "test.py", "exec")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-x", 'a"b', "x" * 100])
def test_a_name_must_be_one_of_a_file(name: str) -> None:
    request: HttpRequest = CALLS["renew-v1"]
    if not name:
        assert isinstance(of_request(request, name=name), Recording)
        return
    with pytest.raises(ValueError, match="name"):
        of_request(request, name=name)
