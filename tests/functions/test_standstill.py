"""A change stands still at some call, in a store that hangs or a process that its platform has frozen. Its lease runs
out, a newer change is answered, and then the older one goes on.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.http import HttpRequest
from shared.provisioning import FreezeReason, Instance, Renewal, Specification
from tests.fakes import FakeClock
from tests.market import V1, V2, bought, freezing, renewal, unfreezing, upgrade
from tests.world import FakeProvisioner, World, order

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}
LEASE = 61
MOST_CALLS = 12
Make = Callable[[World], HttpRequest]


class StandingClock(FakeClock):
    """What stands still is not late by its own clock: that of the machine has gone on."""

    def monotonic(self) -> float:
        return 0.0


class Site(FakeProvisioner):
    """The seller's product; ``before`` comes before its effect."""

    frozen = False
    quantity: int | None = 10
    expires_at: Any = None

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        super().freeze(instance, reason, key)
        self.frozen = True

    def unfreeze(self, instance: Instance, key: str) -> None:
        super().unfreeze(instance, key)
        self.frozen = False

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        super().change(instance, specification, key)
        self.quantity = specification.quantity

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        super().renew(instance, renewal, key)
        self.expires_at = renewal.expires_at


class Standstill:
    """At call ``number`` of what comes next, before or after its effect, ``then`` happens a minute later."""

    def __init__(self, world: World, number: int, then: Callable[[], None], *, at_site: bool = False) -> None:
        self._world, self._left, self._then = world, number, then
        self.reached = False
        if at_site:
            world.provisioner.before = lambda _method: self._count()
        else:
            world.tables.before = world.tables.after = lambda _table, _method: self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._world.tables.before = self._world.tables.after = lambda _table, _method: None
            self._world.provisioner.before = None
            self.reached = True
            self._world.clock.advance(LEASE)
            self._then()


def status(version: str, make: Callable[..., HttpRequest]) -> Make:
    return lambda world: make(world, version, "business-1")


def upgraded(version: str, order_id: str, seats: int) -> Make:
    more: dict[str, Any] = {"amount": seats} if version == V1 else {}
    return lambda world: upgrade(world, version, "business-1", order_id, **more)


def renewed(version: str, order_id: str, end: str) -> Make:
    return lambda world: renewal(world, version, "business-1", order_id, expireTime=end)


def pairs() -> Iterator[Any]:
    for version in (V1, V2):
        freeze, unfreeze = status(version, freezing), status(version, unfreezing)
        yield pytest.param([], freeze, unfreeze, id=f"freeze-{version}")
        yield pytest.param([freeze], unfreeze, freeze, id=f"unfreeze-{version}")
        small, large = upgraded(version, "U20", 20), upgraded(version, "U30", 30)
        yield pytest.param([], small, large, id=f"upgrade-{version}")
        soon, late = renewed(version, "R28", "20281120160000"), renewed(version, "R29", "20291120160000")
        yield pytest.param([], soon, late, id=f"renewal-{version}")


@pytest.fixture
def new_world(tmp_path: Path) -> Callable[[], World]:
    numbers = iter(range(MOST_CALLS * 2))

    def make() -> World:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        world = World(folder, clock=StandingClock())
        world.provisioner = Site()
        world.restarted()
        for order_id, seats in (("U20", 20), ("U30", 30)):
            world.orders.orders[order_id] = order(order_id, quantity=seats)
        return world

    return make


def stand_still(world: World, before: list[Make], older: Make, newer: Make, number: int, *, at_site: bool) -> bool:
    """Was there such a call? The newer change is answered with success."""
    bought(world, V1)
    for make in before:
        world.clock.advance(60)
        assert world.send(make(world)) == SUCCESS
    world.clock.advance(60)
    request = older(world)

    def then() -> None:
        assert world.send(newer(world)) == SUCCESS

    standstill = Standstill(world, number, then, at_site=at_site)
    world.send(request)
    return standstill.reached


def assert_alike(world: World, wanted: World) -> None:
    """Record and site are as if only the newer change had come last."""
    for each in (world, wanted):
        record, site = each.app.instances.get("business-1"), each.provisioner
        assert record is not None
        assert isinstance(site, Site)
        known = (record.state.value == "FROZEN", record.specification.quantity or 10, record.expires_at)
        assert known == (site.frozen, site.quantity, site.expires_at or record.expires_at)
    one, other = (each.app.instances.get("business-1") for each in (world, wanted))
    assert one is not None
    assert other is not None
    assert (one.state, one.specification, one.expires_at) == (other.state, other.specification, other.expires_at)


@pytest.mark.sweep
@pytest.mark.parametrize(("before", "older", "newer"), list(pairs()))
def test_what_goes_on_at_a_store_that_hung_undoes_nothing(
    new_world: Callable[[], World], before: list[Make], older: Make, newer: Make
) -> None:
    wanted = new_world()
    bought(wanted, V1)
    for make in (*before, older, newer):
        wanted.clock.advance(60)
        assert wanted.send(make(wanted)) == SUCCESS
    number = 1
    while stand_still(world := new_world(), before, older, newer, number, at_site=False):
        assert_alike(world, wanted)
        number += 1
    assert number > 6, "reading, taking, storing: before and after each"


@pytest.mark.parametrize(("before", "older", "newer"), list(pairs()))
def test_what_a_provisioner_that_hung_heard_last_is_told_again_by_the_repeat(
    new_world: Callable[[], World], before: list[Make], older: Make, newer: Make
) -> None:
    wanted, world = new_world(), new_world()
    bought(wanted, V1)
    for make in (*before, older, newer):
        wanted.clock.advance(60)
        assert wanted.send(make(wanted)) == SUCCESS
    assert stand_still(world, before, older, newer, 1, at_site=True)
    world.clock.advance(3540)
    assert world.send(older(world)) == SUCCESS
    assert_alike(world, wanted)
