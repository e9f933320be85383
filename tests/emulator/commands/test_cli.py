"""The make targets' command line, as processes of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.commands.cli import main
from emulator.development import KEYS, completed
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.calls import V1Calls, members_of
from emulator.wire.client import Answer, send
from shared.clock import SystemClock
from shared.errors import ConfigurationError
from shared.http import HttpRequest, HttpResponse
from shared.server.routes import routes

ROOT = Path(__file__).parents[2].parent
TIMEOUT = 60
FIRST_SCREEN = 11
"""Lines: with that of the set-up they are twelve."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a target needs, with any free port."""
    own = {"PATH": os.environ["PATH"], "KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}"}
    return own | {"PORT": "0", "CONSOLE_PORT": "0"} | more


def finished(folder: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself."""
    command = [sys.executable, "-m", "emulator", *arguments]
    env = environment(folder, **more)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=TIMEOUT, check=False)


@contextmanager
def started(folder: Path, *arguments: str, **more: str) -> "Iterator[subprocess.Popen[str]]":
    """A command that serves; ended by its own id."""
    command = [sys.executable, "-m", "emulator", *arguments]
    env = environment(folder, **more)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: "subprocess.Popen[str]", word: str) -> str:
    """What the process printed, up to and with the line that has ``word``."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def url_in(text: str, after: str) -> str:
    """The scheme, host and port that stand behind ``after``."""
    found = re.search(rf"{after} (http://127\.0\.0\.1:\d+)", text)
    assert found
    return found[1]


@pytest.mark.e2e
def test_demo_passes_prints_a_table_and_exits_with_0(tmp_path):
    done = finished(tmp_path, "demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "passed, 0 failed" in done.stdout
    assert "the order again" in done.stdout
    assert "upload, throttled once" in done.stdout
    assert "✗" not in done.stdout
    assert max(map(len, done.stdout.splitlines()[3:])) <= 150


@pytest.mark.sweep
@pytest.mark.e2e
def test_demo_exits_with_1_if_a_step_failed_and_says_which_also_where_output_is_ascii(tmp_path):
    unable = {"KOOGALLERY_PROVISIONER": "tests.emulator.provisioners:CannotRenew"}
    done = finished(tmp_path, "demo", PYTHONIOENCODING="ascii", **unable)
    assert done.returncode == 1
    assert done.stdout.isascii()
    failed = [line for line in done.stdout.splitlines() if "result.expected: 000005" in line]
    assert {line.split(" v")[0].strip() for line in failed} >= {"renew", "renew again", "trial to formal"}
    assert ", 0 failed" not in done.stdout


@pytest.mark.e2e
def test_run_plays_the_journey_shows_it_as_a_page_and_serves_until_ctrl_c(tmp_path):
    with started(tmp_path, "run") as process:
        text = until(process, "Ctrl-C to stop")
        assert "passed, 0 failed" in text
        assert text.startswith("open http://127.0.0.1:")
        assert len(text.splitlines()) <= FIRST_SCREEN
        page = send(url_in(text, "open"), HttpRequest("GET", "/journey"))
        assert isinstance(page, Answer)
        shown = re.sub(r"<[^>]*>", "", page.body.decode())
        assert "97 passed" in shown
        assert "failed" not in shown
        reply = send(url_in(text, "bundle"), HttpRequest("GET", "/saas"))
        assert isinstance(reply, Answer)
        assert members_of(reply.body)["resultCode"] == "000001"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=TIMEOUT)[1] == ""
    assert process.returncode == 0


@pytest.mark.e2e
def test_run_answers_nothing_else_needs_its_order_query_signed_and_serves_until_it_is_ended(tmp_path):
    with started(tmp_path, "run", "--verbose") as process:
        text = until(process, "Ctrl-C to stop")
        assert text.count("✓") > 90
        console = url_in(text, "open")
        path = "/api/mkp-openapi-public/global/v1/order/query"
        replies = [send(console, HttpRequest("GET", each)) for each in (path, "/other")]
        assert [reply.status for reply in replies if isinstance(reply, Answer)] == [401, 404]
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=TIMEOUT)[1] == ""
    assert process.returncode == 0


@pytest.mark.e2e
def test_serve_counts_what_is_made_up_logs_to_stderr_and_ends_with_0_at_ctrl_c(tmp_path):
    own = {"KOOGALLERY_KEY": "my-own-key-of-version-1"}
    with started(tmp_path, "serve", "--development", **own) as process:
        text = until(process, "serving on")
        reply = send(url_in(text, "on"), V1Calls(own["KOOGALLERY_KEY"], SystemClock()).call("queryInstance"))
        assert isinstance(reply, Answer)
        assert members_of(reply.body)["resultCode"] == "000002"
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, rest) == (0, "")
    assert f'"request_id":"{reply.request_id}"' in errors
    assert "settings have development defaults" in text
    assert "KOOGALLERY_" not in text
    assert not [value for value in (*KEYS.values(), *own.values()) if value in text + errors]


@pytest.mark.e2e
def test_serve_shifts_its_clock_and_says_so(tmp_path):
    with started(
        tmp_path, "serve", "--development", KOOGALLERY_CLOCK_OFFSET="-3600.5", KOOGALLERY_V1_WINDOW="60"
    ) as process:
        text = until(process, "serving on")
        replies = [
            send(url_in(text, "on"), V1Calls(KEYS["KOOGALLERY_KEY"], SystemClock(offset)).call("queryInstance"))
            for offset in (0, -3600.5)
        ]
    codes = [members_of(reply.body)["resultCode"] for reply in replies if isinstance(reply, Answer)]
    assert codes == ["000001", "000002"]
    earlier = SystemClock().now() - timedelta(seconds=3600.5)
    assert f"clock shifted by -3600.5 s: it is {earlier:%Y-%m-%d}" in text


@pytest.mark.parametrize("command", [["serve", "--development"], ["demo"]])
def test_a_port_that_is_taken_costs_one_line(tmp_path, command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = finished(tmp_path, *command, PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {port}: Address already in use" in done.stderr
    assert "set PORT" in done.stderr


@pytest.fixture
def exit_and_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """A command in this process, with more settings: its exit code and what it wrote to standard error."""

    def execute(*arguments: str, **more: str) -> tuple[int, str]:
        for name, value in environment(tmp_path, **more).items():
            monkeypatch.setenv(name, value)
        return main(arguments), capsys.readouterr().err

    return execute


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("KOOGALLERY_CLOCK_OFFSET", "tomorrow"),
        ("KOOGALLERY_CLOCK_OFFSET", "nan"),
        ("KOOGALLERY_CLOCK_OFFSET", "1e12"),
        ("KOOGALLERY_STORE", "postgres"),
        ("KOOGALLERY_PROVISIONER", "nowhere:thing"),
        ("KOOGALLERY_AES_BITS", "512"),
        ("KOOGALLERY_STORAGE_KEY", "my-short-key"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_at_the_start_in_one_line(exit_and_errors, setting, value):
    code, errors = exit_and_errors("serve", "--development", **{setting: value})
    assert code == 1
    assert setting in errors
    assert errors.count("\n") == 1
    assert "my-short-key" not in errors


def test_wrong_use_exits_with_2(capsys):
    for arguments in ([], ["fly"], ["serve", "--fast"], ["usage"]):
        assert main(arguments) == 2
        assert "Usage: koogallery" in capsys.readouterr().err


def test_an_empty_setting_counts_as_missing_and_a_given_one_stays():
    values, defaulted = completed({"KOOGALLERY_KEY": " ", "KOOGALLERY_SK": "mine", "CONSOLE_PORT": "8123"})
    assert values["KOOGALLERY_KEY"] == KEYS["KOOGALLERY_KEY"]
    assert values["KOOGALLERY_SK"] == "mine"
    assert values["KOOGALLERY_API_URLS"] == "http://127.0.0.1:8123"
    assert "KOOGALLERY_KEY" in defaulted
    assert "KOOGALLERY_SK" not in defaulted


def test_only_the_production_address_is_served(tmp_path):
    app = local_app(local_settings(environment(tmp_path, KOOGALLERY_BASE_PATH="shop/saas/")))
    handle = routes(app)

    def asked(method: str, path: str) -> HttpResponse:
        return handle(HttpRequest(method, path, request_id="request-1"))

    assert [asked("GET", path).status for path in ("/shop/saas", "/saas", "/", "/shop/saas/x")] == [200, 404, 404, 404]
    assert asked("GET", "/shop/saas").headers["X-Request-Id"] == "request-1"
    for method in ("PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"):
        refused = asked(method, "/shop/saas")
        assert (refused.status, refused.headers["Allow"]) == (405, "GET, POST")
        assert members_of(refused.body)["message"]


def test_a_dynamodb_endpoint_that_is_not_there_is_said_at_the_start(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")  # by itself it tries ten times, for half a minute
    environ = {"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_DYNAMODB_ENDPOINT": "http://127.0.0.1:9"}
    with pytest.raises(ConfigurationError, match="KOOGALLERY_DYNAMODB_ENDPOINT"):
        local_app(local_settings(environ))
