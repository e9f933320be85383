"""What is to be mended before the product goes live, against servers with mistakes."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from emulator.clock import MovableClock
from emulator.console.check.run import Run
from emulator.development import rsa_key
from emulator.keys import Keys
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.wire.client_secret import public_half
from tests.emulator.conformance.seller import ACCESS_KEY, KEY, NOTIFY_KEY, SYNC_KEY, Seller
from tests.emulator.conformance.server import Raw, Reply, serving
from tests.emulator.conformance.test_faults import Html, Unkeyed
from tests.emulator.conformance.wrong_signers import Hex
from tests.emulator.console.check.test_check import finished

pytestmark = pytest.mark.e2e


class Mended:
    """A server that can be mended while it runs."""

    def __init__(self, seller: Seller) -> None:
        self.seller = seller

    def __call__(self, raw: Raw) -> Reply:
        return self.seller(raw)


class Both(Hex, Html):
    """Signs in hex, and calls its answers HTML."""


KEYS = Keys(KEY, ACCESS_KEY, NOTIFY_KEY, SYNC_KEY, public_half(rsa_key()))


@pytest.fixture
def server() -> Mended:
    return Mended(Both())


@pytest.fixture
def market(server: Mended) -> Iterator[Market]:
    """A marketplace that has the server's keys."""
    clock = MovableClock()
    with serving(server) as url:
        base, _, path = url.rpartition("/")
        target = Target(base, f"/{path}")
        made = Market(MarketConfig(keys=KEYS, target=target, clock=clock, signing_clock=clock))
        yield made
        made.close()


def checked(client: FlaskClient, **form: str) -> Run:
    assert client.post("/readiness", data=form).status_code == 303
    run = finished(client).latest
    assert run
    return run


def test_nothing_was_checked_yet(client: FlaskClient) -> None:
    shown = client.get("/readiness").text
    assert "Check my server" in shown
    assert "服务器准备好上线了吗" in client.get("/readiness?lang=zh").text


def test_what_is_to_be_mended_is_ranked_with_the_call_that_shows_it(client: FlaskClient) -> None:
    run = checked(client)
    shown = client.get("/readiness").text
    assert "2 things to mend before you go live" in shown
    assert shown.index("Answers are not signed") < shown.index("the content type is application/json")
    assert "Write the 32 bytes of the digest as base64" in shown
    assert run.report
    signature = run.report.causes[0]
    assert signature.exchange
    number = run.calls[signature.exchange.case][-1]
    assert f'href="/calls/{number}"' in shown
    assert "Write the 32 bytes of the digest as base64" in client.get(f"/calls/{number}").text
    assert "Not proven by this run" in shown
    assert "KOOGALLERY_STORAGE_KEY" in shown
    assert not any(key in shown for key in KEYS.all)


def test_what_was_mended_is_tried_again_alone(client: FlaskClient, server: Mended) -> None:
    before = checked(client)
    assert before.report
    server.seller = Html()
    after = checked(client, cause=before.report.causes[0].id)
    assert after.report
    assert [cause.id for cause in after.report.causes] == ["http.content-type"]
    assert "One thing to mend before you go live" in client.get("/readiness").text
    assert len(after.report.results) == len(before.report.results)
    assert after.calls.keys() == before.calls.keys()
    server.seller = Seller()
    client.post("/check/again", data={"case": "http.content-type"})
    last = finished(client).latest
    assert last
    assert last.report
    assert last.report.passed
    assert "Nothing to mend" in client.get("/readiness").text


def test_a_cause_that_is_not_there_is_not_tried(client: FlaskClient) -> None:
    assert "No case is called so." in client.post("/readiness", data={"cause": "nothing"}).text


def test_a_refusal_is_one_thing_and_the_report_is_shared_in_both_languages(client: FlaskClient, server: Mended) -> None:
    server.seller = Unkeyed()
    checked(client)
    shown = client.get("/readiness").text
    assert shown.count("Rightly signed calls are refused") == 1
    assert "plain SHA-256 instead of HMAC-SHA256" in shown, "it was asked"
    assert '<html lang="zh-CN">' in client.get("/check/report.html?lang=zh").text
    assert shown.index("Report for a colleague") < shown.index('<ol class="causes">'), "in sight however much there is"
    assert "To mend before you go live" in client.get("/check/report.html?lang=en").text
