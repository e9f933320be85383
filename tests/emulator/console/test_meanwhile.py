"""The world goes on while a page is made: a page that no longer asks again shows the end of what it waited for."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import chain, count, repeat
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from typing import Any

import pytest

from emulator.console.check.index import RUNS
from emulator.console.check.run import CheckRuns, WishedCheck
from emulator.console.clock.mover import Journey, Mover
from emulator.console.usage.months import Curve, SimulatedMonths
from emulator.console.usage.used import HOUR
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.storage.database import Database
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.timers import SellerTimers
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

ASKS_AGAIN = 'hx-trigger="every 1s"'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


def pages(world: ConsoleWorld, path: Callable[[], str], end: Callable[[], object]) -> Iterator[str]:
    """A page once for each of the documents it reads, with ``end`` called just before that one.

    ``path`` begins what is to end, and tells where it is shown.
    """
    first = 1
    while (page := _ended_before(world, path(), end, first)) is not None:
        yield page
        first += 1
    assert first > 5


def _ended_before(world: ConsoleWorld, path: str, end: Callable[[], object], number: int) -> str | None:
    """``None`` if the page reads less than ``number`` documents."""
    left = number

    def counted(read: Callable[..., Any]) -> Callable[..., Any]:
        def reading(*given: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                end()
            return read(*given, **named)

        return reading

    with pytest.MonkeyPatch.context() as patch:
        for name in ("get", "all"):
            patch.setattr(Database, name, counted(getattr(Database, name)))
        page = world.client.get(path).text
    return page if left <= 0 else None


def test_a_month_whose_clock_arrives(world: ConsoleWorld) -> None:
    market, mover = world.market, world.context.mover
    SellerTimers(world.console.seller, market.agenda, market.clock).start()
    mine = world.bought("pay-per-use-v2")

    def under_way() -> str:
        month = SimulatedMonths(market).start(mine.instance_id, Curve("flat", Decimal(10)), 1)
        market.advance(month.until - market.clock.now())
        mover.journey = Journey(month.begin, month.end, month.until, 0)
        return f"/usage/months/{month.id}"

    def arrive() -> None:
        market.advance(HOUR / 2)
        assert mover.journey
        mover.journey = replace(mover.journey, outcome="done")

    for page in pages(world, under_way, arrive):
        assert ASKS_AGAIN in page or "All that was used is billed" in page


def test_a_renewal_that_is_delivered(world: ConsoleWorld) -> None:
    market, mine = world.market, world.bought("yearly-v2")

    def placed() -> str:
        market.shop.renew(mine.id)
        return f"/buyer?subscription={mine.id}&since=0"

    for page in pages(world, placed, market.run_due):
        ends = market.database.the(Subscription, mine.id).expires_at
        assert ASKS_AGAIN in page or f"{ends:%Y-%m-%d}" in page


def test_a_department_that_is_told(world: ConsoleWorld) -> None:
    organisation, mine = world.market.organisation, world.bought("yearly-v2")
    tenant = organisation.repository.enterprises(world.customer.id)[0]
    world.client.post(f"/organisation/{tenant.id}/bindings/{mine.id}/bind")
    department = organisation.repository.departments(tenant.id)[-1]
    names = map("Name {}".format, count())

    def renamed() -> str:
        organisation.departments.rename(tenant.id, department.code, next(names))
        return f"/organisation?tenant={tenant.id}&since=0"

    for page in pages(world, renamed, world.market.run_due):
        assert ASKS_AGAIN in page or "the seller&#39;s side holds the same" in page


def test_a_clock_that_arrives(world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    now = world.clock.now()
    going = Journey(now, now + HOUR, now, 0)
    read = chain([going], repeat(replace(going, outcome="done")))
    monkeypatch.setattr(Mover, "journey", property(lambda _mover: next(read)), raising=False)
    assert 'hx-trigger="every 700ms"' in world.client.get("/clock").text
    assert 'hx-trigger="every 700ms"' not in world.client.get("/clock").text


def test_a_check_that_ends(world: ConsoleWorld) -> None:
    """What was read of a run says one thing throughout, however far that has come meanwhile."""
    checks, go_on = world.client.environ_base[RUNS], Event()
    assert isinstance(checks, CheckRuns)

    def late(_request: HttpRequest) -> HttpResponse:
        go_on.wait(20)
        return HttpResponse(503, {}, b"")

    with running(late, threads=4) as url:
        world.market.sender.target = Target(url)
        checks.start(WishedCheck(only=("v1.new.period",)))
        read = checks.latest
        assert read
        go_on.set()
        for thread in enumerate_threads():
            if thread.name == "conformance-check":
                thread.join(20)
        assert (read.going, read.results, read.report) == (True, {}, None)
        assert checks.latest
        assert checks.latest.report
