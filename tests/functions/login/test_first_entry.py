"""Whoever is the first to log in to an instance, at whatever moment of its end: nobody stays in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.events import RUNTIMES
from tests.login_world import INSTANCE, LI, LoginWorld
from tests.market import V1, V2, VERSIONS, freezing, release, unfreezing
from tests.test_crash_points import Death


@pytest.fixture
def world(tmp_path: Path) -> LoginWorld:
    return LoginWorld(tmp_path, RUNTIMES[0])


def marks(world: LoginWorld) -> int:
    return world.tables.calls["sessions", "put_many"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("end", [freezing, release])
def test_only_an_instance_that_somebody_entered_has_sessions_to_end(world, version, end):
    assert world.send(end(world, version, INSTANCE))["resultCode"] == "000000"
    assert marks(world) == 0


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("end", [freezing, release])
def test_the_end_logs_everybody_out_ever_after(world, version, end):
    browsers = [world.logged_in(), world.logged_in(LI)]
    world.clock.advance(1)
    world.send(freezing(world, version, INSTANCE))
    world.send(unfreezing(world, version, INSTANCE))
    assert [browser.session()[0] for browser in browsers] == [401, 401]
    world.clock.advance(1)
    browsers = [world.logged_in()]
    world.clock.advance(1)
    world.send(end(world, version, INSTANCE))
    assert [browser.session()[0] for browser in browsers] == [401]
    assert marks(world) == 2


def test_an_instance_of_an_earlier_release_may_have_been_entered(world):
    stored = world.app.tables.table("instances").get(INSTANCE)
    assert stored.pop("never_entered")
    world.app.tables.table("instances").replace(stored)
    world.send(freezing(world, V1, INSTANCE))
    assert marks(world) == 1


def test_the_second_login_notes_nothing(world):
    world.logged_in()
    before = world.tables.calls["instances", "replace"]
    world.logged_in(LI)
    assert world.tables.calls["instances", "replace"] == before


def test_whoever_is_first_waits_for_who_is_at_work_on_the_instance(world):
    record = world.app.instances.get(INSTANCE)
    world.app.instances.replace(record.held(world.clock.now() + world.app.lease))
    browser = world.visitor()
    assert browser.log_in().status == 503
    world.clock.advance(world.app.lease)
    browser.log_in()
    assert browser.session()[0] == 200


def between(world: LoginWorld, point: int, meanwhile: Callable[[], object]) -> Callable[[], bool]:
    """``meanwhile`` happens before or after a store call, at point number ``point``; tells whether it came to it."""
    seen = []

    def at(_table: str, _method: str) -> None:
        seen.append(1)
        if len(seen) == point:
            meanwhile()

    world.tables.before = world.tables.after = at
    return lambda: len(seen) >= point


@pytest.mark.sweep
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("end", [freezing, release])
@pytest.mark.parametrize("first", ["end", "login"])
def test_a_login_in_between_does_not_stay(tmp_path, version, end, first):
    for point in range(1, 100):
        folder = tmp_path / str(point)
        folder.mkdir()
        world = LoginWorld(folder, RUNTIMES[0])
        browser, request = world.visitor(), end(world, version, INSTANCE)
        ended = lambda world=world, request=request: world.send(request)  # noqa: E731
        came = between(world, point, browser.log_in if first == "end" else ended)
        (ended if first == "end" else browser.log_in)()
        world.tables.before = world.tables.after = lambda _table, _method: None
        if not came():
            assert point > 5
            return
        world.clock.advance(world.app.lease)
        while world.state(INSTANCE) == "ACTIVE":  # whoever was refused for the other's sake comes again
            assert world.send(end(world, version, INSTANCE))["resultCode"] == "000000"
        assert browser.session()[0] == 401
    raise AssertionError("there is no end")


@pytest.mark.parametrize("point", range(1, 9))
def test_a_death_before_the_mark_is_healed_by_the_repeat(world, point):
    browser = world.logged_in()
    world.clock.advance(1)

    def die() -> None:
        world.tables.before = world.tables.after = lambda _table, _method: None
        raise Death

    between(world, point, die)
    with pytest.raises(Death):
        world.send(freezing(world, V2, INSTANCE))
    world.clock.advance(61)
    world.send(freezing(world, V2, INSTANCE))
    assert browser.session()[0] == 401
