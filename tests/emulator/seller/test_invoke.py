"""``make invoke``: one handler once, on a default event, a sample or a file, on either platform's events."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.development import KEYS
from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from emulator.platforms.event_shapes import api_gateway_http, api_gateway_rest, functiongraph
from emulator.samples.files import SCHEDULED
from emulator.seller.invoke import context_for, invoke, names
from emulator.wire.calls import V2Calls
from shared.clock import SystemClock
from tests.fakes import FakeClock

ROOT = Path(__file__).parents[2].parent
SHAPES = {"rest": api_gateway_rest, "http": api_gateway_http, "functiongraph": functiongraph}


@pytest.fixture
def environ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Settings with a store of the test's own."""
    return {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}


def event_file(folder: Path, event: Any) -> str:
    """``event`` as a file outside ``events/``."""
    path = folder / "event.json"
    path.write_text(json.dumps(event))
    return str(path)


def answered(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The answer's members, from what was printed."""
    members: dict[str, Any] = json.loads(json.loads(capsys.readouterr().out)["body"])
    return members


def old_query(shape: str) -> Any:
    """A debug query of version 2, signed with the right key a long time ago."""
    call = V2Calls(KEYS["KOOGALLERY_ACCESS_KEY"], FakeClock()).call("queryInstance", instanceId="i", testFlag="1")
    return SHAPES[shape](call)


def test_a_scheduled_function_runs_on_a_timer_event_and_prints_its_summary(environ, capsys):
    assert invoke(environ, "sweep", None, sign=None) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"completed": 0, "pending": 0, "undone": 0, "settled": 0}
    assert json.loads(captured.err.splitlines()[-1])["message"] == "run"


@pytest.mark.parametrize("name", ["purchase", "renew", "query", "change-check", "change_check", "order_notify"])
def test_an_interface_runs_on_its_sample_signed_anew(environ, capsys, name):
    assert invoke(environ, name, None, sign=None) == 0
    assert answered(capsys)["resultCode"] == "000000"


def test_samples_are_signed_with_the_keys_in_use(environ, capsys):
    own = {name: f"own-{value}" for name, value in KEYS.items()}
    assert invoke(environ | own, "order_notify", None, sign=None) == 0
    assert answered(capsys)["resultCode"] == "000000"


A_DAY_LATER = {"KOOGALLERY_CLOCK_OFFSET": "86400"}
"""However lately the samples were made, they are old then."""


@pytest.mark.parametrize(("name", "refused"), [("all-org-sync-v1", "000001"), ("application-sync-v2", "000002")])
def test_samples_of_organisation_sync_are_signed_anew(environ, capsys, name, refused):
    """Version 1 has another key here, version 2 is too old as well, which is looked at first."""
    path = str(ROOT / "events" / "aws" / f"{name}.json")
    for sign, code in ((False, refused), (True, "000000")):
        own = {key: f"own-{value}" for key, value in KEYS.items()}
        assert invoke(environ | own | A_DAY_LATER, "gateway", path, sign=sign) == 0
        assert answered(capsys)["resultCode"] == code


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_is_taken_as_it_is_unless_it_is_to_be_signed(environ, capsys, tmp_path, shape):
    path = event_file(tmp_path, old_query(shape))
    for sign, code in ((None, "000001"), (False, "000001"), (True, "000000")):
        assert invoke(environ, "query", path, sign=sign) == 0
        assert answered(capsys)["resultCode"] == code


def test_a_sample_can_be_left_as_it_is(environ, capsys):
    path = str(ROOT / "events" / "aws" / "query-v2.json")
    assert invoke(environ | A_DAY_LATER, "query", path, sign=False) == 0
    assert answered(capsys)["resultCode"] == "000001"


def test_what_one_invocation_stores_the_next_one_finds(environ, capsys):
    def bought() -> str:
        assert invoke(environ, "purchase", None, sign=None) == 0
        return str(answered(capsys)["instanceId"])

    instance = bought()
    assert bought() == instance
    call = V2Calls(KEYS["KOOGALLERY_ACCESS_KEY"], SystemClock()).call("queryInstance", instanceId=instance)
    path = event_file(Path(environ["KOOGALLERY_STORE"].removeprefix("sqlite:")).parent, functiongraph(call))
    assert invoke(environ, "gateway", path, sign=None) == 0
    assert answered(capsys)["info"][0]["instanceId"] == instance


def test_an_unknown_function_gets_the_list_of_those_there_are(environ, capsys):
    for name in ("nope", "", "../purchase", "__init__"):
        assert invoke(environ, name, None, sign=None) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "purchase" in captured.err
        assert "sweep" in captured.err
    assert "gateway" in names()


@pytest.mark.parametrize(
    ("content", "problem"), [("{", "is not JSON"), (None, "No such file"), ("\x80", "is not JSON")]
)
def test_an_event_that_cannot_be_read_is_wrong_use(environ, capsys, tmp_path, content, problem):
    path = tmp_path / "event.json"
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    assert invoke(environ, "query", str(path), sign=None) == 2
    assert problem in capsys.readouterr().err


def test_a_function_without_a_sample_needs_an_event(environ, capsys):
    assert invoke(environ, "gateway", None, sign=None) == 2
    assert "EVENT=file.json" in capsys.readouterr().err


def test_a_handler_that_raises_exits_with_1(environ, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert (
        invoke(environ | {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'file' / 'store'}"}, "sweep", None, sign=None) == 1
    )
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Unavailable" in captured.err


def test_an_event_of_no_http_call_is_the_handlers_own_business(environ, capsys, tmp_path):
    assert invoke(environ, "query", event_file(tmp_path, {"key": "value"}), sign=True) == 0
    printed = capsys.readouterr()
    assert "authentication failed" in printed.out
    assert "not an HTTP event" in printed.err


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (old_query("rest"), LocalLambdaContext),
        (old_query("http"), LocalLambdaContext),
        (old_query("functiongraph"), LocalFunctionGraphContext),
        (SCHEDULED["aws"], LocalLambdaContext),
        (SCHEDULED["functiongraph"], LocalFunctionGraphContext),
        ([], LocalLambdaContext),
    ],
)
def test_the_event_tells_the_platform(event, kind):
    assert type(context_for(event, "query")) is kind


@pytest.mark.e2e
def test_the_command_line_prints_json_only(environ):
    command = [sys.executable, "-m", "emulator", "invoke", "status"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["statusCode"] == 200
    assert '"message":"answered"' in done.stderr
