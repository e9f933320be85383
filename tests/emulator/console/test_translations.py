"""Whatever the emulator says is there in Chinese, and no Chinese page shows an English sentence."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from emulator.checks import Verdict
from emulator.conformance.catalogue import CASES
from emulator.console.check.index import RUNS
from emulator.console.check.run import CheckRuns
from emulator.journey import CHAPTERS, Player, play
from emulator.journey.usage import CHAPTER, Metering, usage
from emulator.marketplace.catalogue.products import SHELF, ListedProduct, Shelf
from emulator.marketplace.delivery.call import Judged
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.faults.fault_list import DELIVERY, FAULTS
from emulator.marketplace.faults.forged_calls import FORGED_CALLS
from emulator.marketplace.probes.debug_cases import CASES as DEBUG_CASES
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions import shop
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.seller.local_bundle import local_settings
from emulator.texts import Parameter, Text, joined, named, texts, verbatim
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse
from tests.emulator.console.english import passed, sentences
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CONSOLE = {words for case in CASES for words in (case.says.chinese, case.says.english)}
"""The seller console's own words, some of which are English for every reader."""


@pytest.mark.parametrize(("fault", "short"), [(each, each in DELIVERY or each in FORGED_CALLS) for each in FAULTS])
def test_a_fault(fault: str, short: bool) -> None:
    assert CHINESE.search(texts()[f"faults.what.{fault}"]["zh"])
    assert not short or CHINESE.search(texts()[f"occasions.fault.{fault}"]["zh"])


def test_names_of_the_marketplace() -> None:
    names = {f"market.product.{each.name}" for each in SHELF.values()}
    names |= {f"market.plan.{plan.name}" for each in SHELF.values() for plan in each.plans}
    shown = [named("cases.debugging", case.name) for cases in DEBUG_CASES.values() for case in cases]
    shown += [named("market.purpose", each) for each in Purpose] + [named("market.shelf", each) for each in Shelf]
    assert all(CHINESE.search(text.said("zh")) for text in (*shown, *map(Text, names)))
    assert texts().keys() - {text.id for text in shown} >= names
    debugging = {key for key in texts() if key.startswith("cases.debugging.")}
    assert debugging <= {text.id for text in shown}, "no name is left over"


def test_why_a_buyer_cannot() -> None:
    reasons = {each for each in passed(shop, "NotPossible") if re.fullmatch("[a-z-]+", each)}
    assert reasons
    assert {f"buyer.reason.{each}" for each in reasons} <= texts().keys()


def also(what: Text, more: Parameter) -> Text:
    return Text("occasions.more", what=what, more=more)


ATTEMPT = Text("occasions.attempt", n=2)


@pytest.mark.parametrize(
    ("occasion", "said"),
    [
        (ATTEMPT, "第 2 次推送"),
        (also(ATTEMPT, Text("occasions.its-copy")), "第 2 次推送：同时推送的副本"),
        (Text("occasions.replay-of", n=12), "重放 #12"),
        (also(Text("occasions.check"), "v1.new.period"), "检查：v1.new.period"),
        (also(Text("occasions.journey"), Text("journey.steps.release-expired")), "全流程演示：释放：过期"),
        (verbatim("something new"), "something new"),
    ],
)
def test_occasions(occasion: Text, said: str) -> None:
    assert occasion.said("zh") == said


def test_problems() -> None:
    unsigned = Judged(id="sign.present", verdict=Verdict.FAILED, reason=Text("reasons.no-signature"))
    codes = joined("reasons.or", ("000000", "000004"))
    reason = Text("reasons.code", code="000005", message="", codes=codes)
    unexpected = Judged(id="result.expected", verdict=Verdict.FAILED, reason=reason)
    found = [each.problem for each in (unsigned, unexpected)]
    assert [each.said("zh") for each in found if each] == [
        "没有 Body-Sign 头（要求：响应带有签名）",
        "000005（），应为 000000 或 000004（要求：结果码符合预期）",
    ]
    assert [str(each) for each in found] == [
        "no Body-Sign header (required: the answer is signed)",
        "000005 () instead of 000000 or 000004 (required: the result is the one expected)",
    ]


# --- all pages, after everything has happened ---


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path_factory.mktemp("console")) as made:
        made.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
        _journey(made)
        _life(made)
        yield made


def _journey(world: ConsoleWorld) -> None:
    console, target = world.console, world.market.sender.target
    player = Player(target.base, local_settings({}).settings, world.clock, world.market.orders)
    player.on_row, player.on_call = console.context.rows.append, console.keep
    play(player)
    api = console.marketplace.usage
    usage(player, Metering(api, console.seller.upload, console.seller.reconcile, world.clock))
    console.context.finished = True


def _life(world: ConsoleWorld) -> None:
    """Purchases, attempts that fail, faults, probes, arrears, the end of a period; every mail there is."""
    market, client = world.market, world.client
    market.channel.slow = 0.01
    monthly = world.bought("monthly-v2")
    world.bought("yearly-v1", trial="1")
    used = world.bought("pay-per-use-v1")
    for act in ("query", "open", "freeze", "unfreeze"):
        client.post(f"/buyer/{used.customer_id}/subscriptions/{used.id}/{act}")
    for _ in range(6):
        world.refuse(4)
        world.bought("one-time-v1")
        market.advance(timedelta(hours=4))
    for fault in (*DELIVERY, *FORGED_CALLS):
        market.switches.inject(fault, 1)
        client.post(f"/buyer/{monthly.customer_id}/subscriptions/{monthly.id}/query")
        client.post(f"/buyer/{monthly.customer_id}/subscriptions/{monthly.id}/renew")
        market.switches.all_off()
    client.post("/seller/products/monthly-v2/cases")
    world.refuse(2)
    client.post("/seller/products/monthly-v2/probe")
    client.post("/seller/products/monthly-v2/repaired")
    newest = market.timeline.lines(Filter(direction="out", activity="queryInstance"))[0].number
    client.post(f"/calls/{newest}/replay")
    client.post(f"/calls/{newest}/resend")
    client.post(f"/buyer/{world.customer.id}/arrears")
    market.advance(timedelta(days=2))
    market.listing_status.take_off("monthly-v2", Shelf.HIDDEN, Text("mails.why.bad-days", most=5))  # no more probes
    market.advance(timedelta(days=48))


def _checked(world: ConsoleWorld, url: str) -> str:
    """The page of the report on a server."""
    from emulator.marketplace.delivery.sender import Target

    before = world.market.sender.target
    world.market.sender.target = Target(url, before.path)
    world.client.post("/check", data={"version": ["v1", "v2"], "sync": "on"})
    runs = world.client.environ_base[RUNS]
    assert isinstance(runs, CheckRuns)
    while runs.latest and runs.latest.going:
        assert chinese(world, "/check/progress")
        time.sleep(0.2)
    world.market.sender.target = before
    return chinese(world, "/check")


def chinese(world: ConsoleWorld, path: str) -> str:
    """The page as a reader of Chinese gets it."""
    response = world.client.get(path)
    assert response.status_code == 200, path
    return response.text


@pytest.mark.sweep
@pytest.mark.e2e
def test_what_was_kept(world: ConsoleWorld) -> None:
    market = world.market
    calls = market.timeline.lines(Filter(), limit=5000)
    occasions = {line.occasion for line in calls if line.occasion}
    assert {str(each) for each in occasions if not CHINESE.search(each.said("zh"))} == set()
    kinds = {str(each).partition(" ")[0] for each in occasions}
    assert kinds >= {"attempt", "journey:", "probe", "debugging", "forged"}
    rows = world.context.rows
    assert {str(row.step) for row in rows if not CHINESE.search(row.step.said("zh"))} == set()
    names = [*(Text(f"journey.chapters.{name}") for name, _ in CHAPTERS), CHAPTER]
    assert {row.chapter for row in rows} == set(names)
    mails = market.database.all(Mail)
    assert {mail.text.id for mail in mails if mail.text} >= {key for key in texts() if key.startswith("mails.text.")}
    for mail in mails:
        for text in (mail.subject, mail.text):
            assert text
            assert CHINESE.search(text.said("zh")), text
            assert not sentences(text.said("zh")), text
    problems = {each.problem for each in market.database.all(Message) if each.problem}
    assert {str(each) for each in problems if sentences(each.said("zh"))} == set()


@pytest.mark.sweep
@pytest.mark.e2e
def test_no_page_shows_an_english_sentence(world: ConsoleWorld) -> None:
    lines = world.market.timeline.lines(Filter(), limit=5000)
    shapes = {
        (each.activity, each.occasion and each.occasion.id, each.fault, each.problem): each.number for each in lines
    }
    chosen = [lines[0].number, *shapes.values()]
    customers = [customer.id for customer in world.market.database.all(Customer)]
    products = world.market.database.all(ListedProduct)
    assert products
    paths = [
        "/calls",
        f"/calls?call={chosen[0]}",
        "/calls?verdict=failed",
        "/calls?verdict=passed&direction=in",
        *(f"/calls/{number}" for number in chosen),
        *(f"/buyer?customer={each}" for each in customers),
        *(f"/seller{each}" for each in ("", "/messages", "/messages?page=2", "/orders", "/mails", "/probes")),
        *("/usage", "/organisation", "/faults", "/clock", "/journey", "/recorder", "/check"),
    ]
    found_on = {path: sentences(chinese(world, path)) for path in paths}
    assert {path: found for path, found in found_on.items() if found} == {}


def _wrong(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(500, {"Content-Type": "text/plain", "Body-Sign": "signature=x"}, b'{"resultCode":"1"}')


def _unwilling(_request: HttpRequest) -> HttpResponse:
    body = b'{"resultCode":"000005","resultMsg":"busy","instanceId":"","memo":"\xe4\xb8\xad"}'
    return HttpResponse(200, {"Content-Type": "application/json"}, body)


@pytest.mark.sweep
@pytest.mark.e2e
def test_the_report_on_servers_that_fail(world: ConsoleWorld) -> None:
    urls = ["http://127.0.0.1:1"]
    for handle in (_wrong, _unwilling):
        with running(handle, threads=4) as url:
            urls.append(url)
            assert _english(_checked(world, url)) == []
    assert _english(_checked(world, urls[0])) == []
    assert _english(_checked(world, world.market.sender.target.base)) == []


def _english(page: str) -> list[str]:
    return [each for each in sentences(page) if not any(each in words for words in CONSOLE)]


def test_how_english_is_found() -> None:
    assert sentences('<p title="what it says">一 two three four</p>') == ["what it says", "two three four"]
    assert sentences("<p>HTTP Body 签名 <code>one two three</code><pre>one two three</pre></p>") == []
