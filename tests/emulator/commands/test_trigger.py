"""``koogallery trigger``."""

import json
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from emulator.composer import INTERFACES, CallWish, command_line
from emulator.development import KEYS
from emulator.platforms.engines import free_port
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.server import running
from shared import log
from shared.commands import Version
from shared.server.routes import routes
from tests.emulator.marketplace.catalogue.own import OWN


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def bundle(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)
    hosts = f"http://127.0.0.1:{port}"
    environ = {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", "KOOGALLERY_API_URLS": hosts}
    with (tmp_path / "log").open("w") as file:
        log.write_to(file)
        with running(routes(local_app(local_settings(environ))), threads=2) as url:
            yield f"{url}/saas"


def triggered(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> Any:
    assert main(["trigger", *arguments, "--development-keys", "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_debug_call_is_sent_and_judged(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trigger", "newInstance", bundle, "--development-keys"]) == 0
    shown = capsys.readouterr().out
    assert "debug call" in shown
    assert '"activity":"newInstance"' in shown
    assert shown.endswith("right\n")


def test_json_has_the_call_the_answer_and_the_findings(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = triggered(capsys, 0, "queryInstance", bundle, "--v1", "--instance", "one,two")
    assert found["ok"] is True
    assert "instanceId=one%2Ctwo" in found["request"]["url"]
    assert json.loads(found["answer"]["body"])["resultCode"] == "000000"
    assert {"check": "sign.value", "verdict": "passed"} in found["findings"]


def test_what_is_wrong_is_said(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    refund = ("releaseInstance", bundle, "--instance", "nobody-has-it", "--real", "--set", "orderId=")
    found = triggered(capsys, 1, *refund)
    assert found["ok"] is False
    assert [each["check"] for each in found["findings"] if each["verdict"] == "failed"] == ["result.expected"]
    code = json.loads(found["answer"]["body"])["resultCode"]
    assert triggered(capsys, 0, *refund, "--expect", code)["ok"] is True


def test_a_real_order_of_an_own_product_arrives_under_its_ids(
    bundle: str, port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "products.toml"
    file.write_text(OWN)
    own = ("--products", str(file), "--product", "crm", "--plan", "00301-110002-0--0", "--real")
    found = triggered(capsys, 0, "newInstance", bundle, *own, "--orders-port", str(port))
    answer = json.loads(found["answer"]["body"])
    assert answer["resultCode"] == "000000"
    again = triggered(capsys, 0, "queryInstance", bundle, "--instance", answer["instanceId"], "--real")
    assert json.loads(again["answer"]["body"])["info"][0]["instanceId"] == answer["instanceId"]


def test_the_products_of_the_file_of_settings_are_known(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "products.toml").write_text(OWN)
    (tmp_path / "koogallery.env").write_text(f"KOOGALLERY_PRODUCTS={tmp_path / 'products.toml'}\n")
    assert triggered(capsys, 0, "newInstance", bundle, "--product", "crm")["ok"] is True


def test_a_taken_port_of_the_order_query_is_said(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = f"http://127.0.0.1:{port}/saas"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        real = ("--real", "--orders-port", str(taken.getsockname()[1]))
        assert main(["trigger", "newInstance", nobody, "--v2", "--development-keys", *real]) == 2
    assert "give --orders-port" in capsys.readouterr().err


def test_a_key_of_the_file_of_settings_may_be_a_reference(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "access_key").write_text(KEYS["KOOGALLERY_ACCESS_KEY"])
    (tmp_path / "koogallery.env").write_text(f"KOOGALLERY_ACCESS_KEY=file:{tmp_path / 'access_key'}\n")
    assert main(["trigger", "newInstance", bundle, "--v2"]) == 0
    assert capsys.readouterr().out.endswith("right\n")


def test_the_version_is_that_of_the_product(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert triggered(capsys, 0, "newInstance", bundle, "--product", "yearly-v1")["request"]["method"] == "GET"
    assert triggered(capsys, 0, "newInstance", bundle, "--product", "yearly-v2")["request"]["method"] == "POST"


def test_a_shared_command_sends_the_same(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = INTERFACES[Version.V1, "instanceStatus"]
    line = command_line(CallWish(call, {"instanceId": "it's", "instanceStatus": "NORMAL"}, code="000000"), bundle)
    _, name, *arguments = shlex.split(line.replace("\\\n", " "))
    assert name == "trigger"
    assert "instanceId=it%27s" in triggered(capsys, 0, *arguments)["request"]["url"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("orderNotify", "--v1"), "no such call"),
        (("sellInstance",), "newInstance"),
        (("newInstance", "--product", "none"), "yearly-v1"),
        (("newInstance", "--set", "orderId"), "field=value"),
        (("changeInstanceCheck", "--set", "productInfo={"), "must be JSON"),
        (("newInstance", "http://seller.example/saas", "--real"), "--allow-remote"),
        (("newInstance", "seller.example"), "production address"),
    ],
)
def test_wrong_use_is_said(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trigger", *arguments, "--development-keys"]) == 2
    assert said in capsys.readouterr().err


def test_nobody_there_is_a_failure(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    found = triggered(capsys, 1, "newInstance", f"http://127.0.0.1:{port}/saas")
    assert found["answer"] is None
    assert found["problem"]
