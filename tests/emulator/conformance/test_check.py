"""The command: exit codes, keys from options and environment, files, and the bundle itself."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.platforms.engines import free_port
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.server import running
from shared.server.routes import routes
from tests.command_line import command
from tests.emulator.conformance.seller import ACCESS_KEY, KEY, NOTIFY_KEY, Seller
from tests.emulator.conformance.server import serving

pytestmark = pytest.mark.e2e

main = command("check")
ROOT = Path(__file__).parent.parent.parent.parent
ENVIRON = {"KOOGALLERY_KEY": KEY, "KOOGALLERY_ACCESS_KEY": ACCESS_KEY, "KOOGALLERY_NOTIFY_ACCESS_KEY": NOTIFY_KEY}


@pytest.fixture
def right() -> Iterator[str]:
    with serving(Seller()) as url:
        yield url


@pytest.fixture
def orders_port() -> int:
    return free_port()


def test_the_bundle_passes_every_case_with_real_orders(tmp_path, orders_port, capsys):
    """With the keys that ``make serve`` has by default; the command serves the order query."""
    local = local_settings(
        {
            "KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}",
            "KOOGALLERY_API_URLS": f"http://127.0.0.1:{orders_port}",
        }
    )
    report = tmp_path / "report.json"
    with running(routes(local_app(local)), threads=4) as url:
        options = ["--development-keys", "--real", "--sync", "--orders-port", str(orders_port), "--json", str(report)]
        assert main([f"{url}/saas", *options], {}) == 0
    verdicts = {case["id"]: case["verdict"] for case in json.loads(report.read_text())["cases"]}
    not_passed = {case_id: verdict for case_id, verdict in verdicts.items() if verdict != "passed"}
    assert not_passed == {"address.https": "skipped", "address.name": "skipped"}
    assert {"v2.real.same-order", "v1.sync.application", "v2.sync.application"} <= set(verdicts)
    assert capsys.readouterr().out.endswith(" s\n")


def test_a_right_server_of_any_make_passes_with_keys_from_the_environment(right, capsys):
    assert main([right], ENVIRON) == 0
    assert "failed" not in capsys.readouterr().out.splitlines()[-1]


def test_keys_are_found_where_the_settings_refer_to(right, tmp_path, capsys):
    file = tmp_path / "key"
    file.write_text(f"{KEY},older\n")

    assert main([right, "--v1"], {"KOOGALLERY_KEY": f"file:{file}"}) == 0
    assert main([right, "--v1"], {"KOOGALLERY_KEY": f"file:{file}-elsewhere"}) == 2
    assert KEY not in capsys.readouterr().err


def test_options_go_before_the_environment(right):
    assert main([right, "--only", "v1.request.genuine"], ENVIRON) == 0
    assert main([right, "--only", "v1.request.genuine", "--key", "another"], ENVIRON) == 1


def test_of_several_keys_the_newest_signs(right):
    assert main([right, "--v1"], {"KOOGALLERY_KEY": f" {KEY},older"}) == 0


def test_a_version_without_a_key_is_left_out_and_said(right, capsys):
    assert main([right], {"KOOGALLERY_KEY": KEY}) == 0
    captured = capsys.readouterr()
    assert "version 2 was not checked: no KOOGALLERY_ACCESS_KEY" in captured.err
    assert "v2." not in captured.out


def test_files_are_written(right, tmp_path):
    files = {form: tmp_path / f"report.{form}" for form in ("json", "junit", "html")}
    options = [text for form, file in files.items() for text in (f"--{form}", str(file))]
    assert main([right, "--v2", *options], ENVIRON) == 0
    assert json.loads(files["json"].read_text())["url"] == right
    assert files["junit"].read_text().startswith("<?xml")
    assert files["html"].read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "production address"),
        (["isv.example.com/saas"], "production address"),
        (["https://isv.example.com/saas?activity=x"], "without a query"),
        (["https://isv.example.com/saas", "--real"], "--allow-remote"),
        (["http://127.0.0.1:1/saas", "--only", "v3.*"], "no case is called v3.*"),
        (["http://127.0.0.1:1/saas", "--only", "v2.real.*"], "no case is called"),
    ],
)
def test_wrong_use_is_said_with_exit_code_2(arguments, said, capsys):
    assert main(arguments, ENVIRON) == 2
    assert said in capsys.readouterr().err


def test_without_any_key_the_settings_are_named(capsys):
    assert main(["http://127.0.0.1:1/saas", "--v2"], {"KOOGALLERY_KEY": KEY}) == 2
    assert "KOOGALLERY_ACCESS_KEY" in capsys.readouterr().err


def test_a_taken_port_for_the_order_query_is_said(right, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ["--real", "--orders-port", str(taken.getsockname()[1])]
        assert main([right, *options], ENVIRON) == 2
    assert "in use" in capsys.readouterr().err


def test_nobody_there_is_a_failure_and_not_a_crash(capsys):
    assert main(["http://127.0.0.1:1/saas"], ENVIRON) == 1
    assert "生产地址不可达" in capsys.readouterr().out


def test_a_server_that_does_not_answer_in_time_fails_that_case_alone(tmp_path):
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:  # takes connections and says nothing
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert main([url, "--timeout", "0.05", "--json", str(tmp_path / "report")], ENVIRON) == 1
    cases = json.loads((tmp_path / "report").read_text())["cases"]
    assert [case["id"] for case in cases if case["verdict"] == "failed"] == ["http.answered"]


def test_the_cases_are_listed_without_a_server(capsys):
    assert main(["--list", "--v1"], {}) == 0
    out = capsys.readouterr().out
    assert "v1.request.plus-space" in out
    assert "v2." not in out


def test_it_runs_as_a_process_without_a_terminal(right):
    command = [sys.executable, "-m", "emulator", "check", right, "--v1", "--only", "v1.request.genuine"]
    environment = {**ENVIRON, "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "v1.request.genuine" in done.stdout
