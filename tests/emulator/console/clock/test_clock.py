"""The clock's page: moving, stopping on the way, going back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from emulator.console.clock.index import ZONES
from emulator.console.clock.mover import MOST, Busy, Mover
from emulator.marketplace.market import Market
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

ABOUT = timedelta(minutes=2)
"""A test takes less."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


def waiting(began: Event, go_on: Event) -> Callable[[str], None]:
    """A task that says that it has begun, and ends when it may."""

    def task(_subject: str) -> None:
        began.set()
        go_on.wait(20)

    return task


def arrived(world: ConsoleWorld, **form: str) -> datetime:
    """Where the clock stands after a form."""
    page = world.client.post("/clock/move", data=form, follow_redirects=True)
    assert page.status_code == 200
    while world.context.mover.moving:
        assert world.client.get("/clock").status_code == 200
    return world.clock.now()


@pytest.mark.parametrize(("step", "far"), [("hour", timedelta(hours=1)), ("day", timedelta(days=1))])
def test_steps(world: ConsoleWorld, step: str, far: timedelta) -> None:
    before = world.clock.now()
    assert abs(arrived(world, by=step) - before - far) < ABOUT


def test_to_the_next_event(world: ConsoleWorld) -> None:
    arrived(world, by="next")  # a round of probes: the next one is hours away, whatever time of day it is
    world.refuse()
    world.bought("yearly-v1")
    (due,) = (task.at for task in world.market.agenda.ahead() if task.name == "deliver")
    assert timedelta() <= arrived(world, by="next") - due < ABOUT
    assert "2 calls" not in world.client.get("/clock").text
    assert "1 call." in world.client.get("/clock").text


@pytest.mark.parametrize("zone", ZONES)
def test_to_a_moment(world: ConsoleWorld, zone: str) -> None:
    wanted = (world.clock.now() + timedelta(days=3)).replace(microsecond=0)
    given = f"{wanted.astimezone(ZONES[zone]):%Y-%m-%dT%H:%M:%S}"
    assert timedelta() <= arrived(world, to=given, zone=zone) - wanted < ABOUT


@pytest.mark.parametrize("form", [{}, {"to": "soon"}, {"to": "2020-01-01T00:00"}, {"to": "2999-01-01T00:00"}])
def test_no_such_moment(world: ConsoleWorld, form: dict[str, str]) -> None:
    page = world.client.post("/clock/move", data=form, follow_redirects=True).text
    assert f"at most {MOST.days} days" in page
    assert world.context.mover.journey is None


def test_back_to_real_time(world: ConsoleWorld) -> None:
    world.client.post("/clock/back")
    arrived(world, by="day")
    assert "1 d ahead of real time" in world.client.get("/clock").text
    world.client.post("/clock/back")
    assert abs(world.clock.now() - datetime.now(UTC)) < ABOUT
    assert world.market.database.setting("clock offset") == "0.0"
    assert "ahead of real" not in world.client.get("/clock").text


def test_under_way_it_can_be_stopped(world: ConsoleWorld) -> None:
    """A task of the agenda waits for the test, so that the move is surely under way."""
    market, began, go_on = world.market, Event(), Event()
    market.agenda.handle("wait", waiting(began, go_on))
    now = market.clock.now()
    market.agenda.put("wait", "1", now + timedelta(hours=1))
    market.agenda.put("wait", "2", now + timedelta(hours=2))
    world.client.post("/clock/move", data={"by": "day"})
    assert began.wait(20)
    page = world.client.get("/clock").text
    assert '<progress id="way"' in page
    assert 'http-equiv="refresh"' in page, "without script it goes on, too"
    busy = world.client.post("/clock/move", data={"by": "day"}, follow_redirects=True).text
    assert "The clock is being moved." in busy
    assert "The clock is being moved." in world.client.post("/clock/back", follow_redirects=True).text
    world.client.post("/clock/cancel")
    go_on.set()
    while world.context.mover.moving:
        pass
    assert "Stopped on the way" in world.client.get("/clock").text
    assert market.clock.now() - now < timedelta(hours=1) + ABOUT
    assert market.agenda.due_at("wait", "2") is not None


def test_what_goes_wrong_on_the_way_is_said(world: ConsoleWorld) -> None:
    def broken(_subject: str) -> None:
        raise OSError("broken")

    world.market.agenda.handle("break", broken)
    world.market.agenda.put("break", "", world.clock.now() + timedelta(minutes=10))
    arrived(world, by="hour")
    assert "Something went wrong on the way" in world.client.get("/clock").text


def test_two_at_once(world: ConsoleWorld) -> None:
    market: Market = world.market
    go_on, began = Event(), Event()
    market.agenda.handle("wait", waiting(began, go_on))
    market.agenda.put("wait", "", market.clock.now() + timedelta(minutes=1))
    ours = Mover(market)
    thread = ours.start(market.clock.now() + timedelta(hours=1))
    assert began.wait(20)
    with pytest.raises(Busy):
        ours.start(market.clock.now() + timedelta(hours=1))
    go_on.set()
    thread.join(20)
    assert ours.journey
    assert (ours.journey.percent, ours.journey.outcome) == (100, "done")


def test_the_header_moves_it_from_every_page(world: ConsoleWorld) -> None:
    page = world.client.get("/calls").text
    assert 'id="clock-control"' in page
    assert 'href="/clock"' in page
