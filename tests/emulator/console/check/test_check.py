"""The conformance checker as a page, against a bundle over HTTP."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from emulator.clock import MovableClock
from emulator.conformance.catalogue import CASES
from emulator.conformance.report_html import as_html
from emulator.console.check.index import RUNS
from emulator.console.check.run import CheckRefused, CheckRuns, WishedCheck
from emulator.console.console_context import ConsoleContext
from emulator.marketplace.delivery.call import Family
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.storage.call_filter import Filter
from emulator.seller.local_bundle import local_app, local_settings
from emulator.texts import texts
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse
from shared.protocol.field_cipher import FieldCipher
from shared.server.routes import routes
from tests.emulator.console.calls import KEYS

SETTINGS = {
    "KOOGALLERY_KEY": KEYS.key,
    "KOOGALLERY_ACCESS_KEY": KEYS.access_key,
    "KOOGALLERY_NOTIFY_ACCESS_KEY": KEYS.notify_key,
    "KOOGALLERY_SYNC_ACCESS_KEY": KEYS.sync_key,
}


@pytest.fixture
def bundle(market: Market, tmp_path: Path) -> Iterator[str]:
    local = local_settings({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", **SETTINGS})
    with running(routes(local_app(local)), threads=4) as url:
        market.sender.target = Target(url)
        yield url


def runs(client: FlaskClient) -> CheckRuns:
    found = client.environ_base[RUNS]
    assert isinstance(found, CheckRuns)
    return found


def finished(client: FlaskClient) -> CheckRuns:
    for _ in range(600):
        latest = runs(client).latest
        if latest and not latest.going:
            assert not latest.broken
            return runs(client)
        time.sleep(0.1)
    raise AssertionError("the run does not end")


@pytest.mark.e2e
def test_a_run(client: FlaskClient, market: Market, bundle: str) -> None:
    assert "Nothing was checked yet" in client.get("/check").text
    assert client.post("/check", data={"version": ["v1", "v2"], "sync": "on"}).status_code == 303
    run = finished(client).latest
    assert run is not None
    assert run.report is not None
    assert run.report.passed, run.report.summary
    assert len(run.results) == len(run.cases) == len(run.report.results)
    page = client.get("/check").text
    assert "Nothing failed" in page
    assert page.count('<details class="case"') == len(run.cases)
    assert not any(key in page for key in KEYS.all)

    number = (
        run.calls["v2.refused.nonce-used"][-1]
        if "v2.refused.nonce-used" in run.calls
        else run.calls["v1.new.period"][0]
    )
    assert f"/calls/{number}" in page
    kept = market.timeline.lines(Filter(), limit=1000)
    assert {line.family for line in kept} == {Family.PRODUCTION, Family.SYNC}
    assert all(str(line.occasion).startswith("check: v") for line in kept)
    assert sum(map(len, run.calls.values())) == len(kept)
    kinds = {(line.activity, line.version, line.verdict, line.code): line.number for line in kept}
    assert len(kinds) > 20
    for number in kinds.values():
        assert client.get(f"/calls/{number}/panel").status_code == 200


@pytest.mark.e2e
def test_the_reports(client: FlaskClient, bundle: str) -> None:
    assert client.get("/check/report.json").status_code == 404
    client.post("/check", data={"version": "v1", "only": "v1.refused.*"})
    run = finished(client).latest
    assert run is not None
    assert run.report is not None
    assert {case.id.rpartition(".")[0] for case in run.cases} >= {"v1.refused", "sign", "http"}
    assert not any(case.id.startswith(("v2.", "v1.new")) for case in run.cases)
    found = {form: client.get(f"/check/report.{form}") for form in ("html", "xml", "json")}
    assert {form: each.headers["Content-Disposition"] for form, each in found.items()} == {
        form: f'attachment; filename="conformance-127.0.0.1.{form}"' for form in found
    }
    assert found["html"].text == as_html(run.report)
    assert len(ET.fromstring(found["xml"].text).findall(".//testcase")) == len(run.cases)  # noqa: S314 - our own
    assert len(json.loads(found["json"].text)["cases"]) == len(run.cases)
    assert client.get("/check/report.pdf").status_code == 404


def test_failures_stand_first(client: FlaskClient, market: Market) -> None:
    with running(lambda _request: HttpResponse(200, {"Content-Type": "text/html"}, b"<h1>404</h1>"), threads=4) as url:
        market.sender.target = Target(url)
        client.post("/check", data={"version": "v1", "only": "v1.new.*"})
        finished(client)
    page = client.get("/check?lang=zh").text
    assert "&lt;h1&gt;" not in page, "a body is shown on the page of its call"
    assert page.index('class="verdict failed">未通过') < page.index('class="verdict passed"')
    assert "响应带有签名" in page
    assert "http header-&gt;bodySign is empty." in page, "the console's own words"
    failed = client.get("/check?show=failed&lang=en").text
    assert 'id="sign.present" open' in failed
    assert 'id="address.https"' not in failed


class Waiting:
    """A server that answers once it may."""

    def __init__(self) -> None:
        from threading import Event

        self.may = Event()

    def __call__(self, _request: HttpRequest) -> HttpResponse:
        self.may.wait(30)
        return HttpResponse(500, {}, b"")


def test_one_run_at_a_time(client: FlaskClient, market: Market) -> None:
    server = Waiting()
    with running(server, threads=4) as url:
        market.sender.target = Target(url)
        client.post("/check", data={"version": "v1", "only": "v1.new.*"})
        page = client.get("/check").text
        assert 'hx-get="/check/progress"' in page
        assert "disabled" in page
        assert "<progress" in client.get("/check/progress").text
        assert "A check is running already." in client.post("/check", data={"version": "v1"}).text
        server.may.set()
        finished(client)
    assert client.get("/check/progress").headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (WishedCheck(versions=()), "keys"),
        (WishedCheck(only=("v9.*",)), "only"),
        (WishedCheck(real=True), "remote"),
    ],
)
def test_what_is_not_started(client: FlaskClient, market: Market, wish: WishedCheck, reason: str) -> None:
    market.sender.target = Target("https://isv.example.com")
    with pytest.raises(CheckRefused) as refused:
        runs(client).start(wish)
    assert refused.value.reason == reason
    assert f"check.refused.{reason}" in texts()


@pytest.mark.e2e
def test_in_another_year(client: FlaskClient, market: Market, tmp_path: Path) -> None:
    """The marketplace's clock was moved, and the seller's with it; the server's Date is not wrong for that."""
    from dataclasses import replace

    market.clock.shift(timedelta(days=400))
    local = local_settings({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", **SETTINGS})
    with running(routes(local_app(replace(local, clock=market.clock))), threads=4) as url:
        market.sender.target = Target(url)
        client.post("/check", data={"version": ["v1", "v2"]})
        run = finished(client).latest
    assert run is not None
    assert {name for name, result in run.results.items() if result.verdict in ("failed", "warning")} == set()


def test_every_group_has_a_name() -> None:
    groups = {case.id.rpartition(".")[0].replace(".", "-") for case in CASES}
    assert {f"check.group.{name}" for name in groups} <= texts().keys()


def test_phone_and_mail_are_encrypted_as_the_marketplace_does(
    client_for: Callable[[ConsoleContext], FlaskClient],
) -> None:
    """In the size that was chosen when the product was published."""
    clock, sent = MovableClock(), list[str]()

    def handle(request: HttpRequest) -> HttpResponse:
        sent.extend(value for name, value in request.query if name == "mobilePhone")
        return HttpResponse(500, {}, b"")

    with running(handle, threads=4) as url:
        market = Market(MarketConfig(keys=KEYS, target=Target(url), clock=clock, signing_clock=clock, bits=128))
        client = client_for(ConsoleContext(market))
        client.post("/check", data={"version": "v1", "only": "v1.new.contact"})
        finished(client)
        market.close()
    cipher = FieldCipher((KEYS.key,), market.signer.bits)
    assert market.signer.bits == 128
    assert [cipher.encrypt(str(cipher.decrypt(each, field="")), iv=each[:16]) for each in sent] == sent != []
