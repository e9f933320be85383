"""However calls are repeated, cut short or interleaved, each order is in the book once, and the sums are right."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clock import Deadline
from shared.orders.pricing import price
from shared.orders.statement import statement, total
from tests.test_crash_points import CHANGES, Death, Mortal, deaths, revive
from tests.world import World

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False)
MOST_POINTS = 30


@dataclass(frozen=True)
class Wish:
    """A call about an order: ``sum`` is what it adds to the month once it is done."""

    activity: str
    fields: Mapping[str, Any]
    sum: Decimal


def wishes(paid: list[Decimal]) -> list[Wish]:
    bought, renewed, more, last = paid
    instance = {"instanceId": "business-1"}
    first, second = ({"expireTime": f"202{year}1120235959"} for year in (8, 9))
    return [
        Wish("newInstance", {"orderAmount": str(bought)}, bought),
        Wish("refreshInstance", {**instance, "orderId": "R1", "orderAmount": str(renewed), **first}, renewed),
        Wish("refreshInstance", {**instance, "orderId": "R2", "orderAmount": str(more), **second}, more),
        Wish("refreshInstance", {**instance, "orderId": "R2", "orderAmount": str(-more - 1), **first}, -more - 1),
        Wish("releaseInstance", {**instance, "orderId": "CS1", "orderAmount": str(last)}, -last),
    ]


def send(world: World, wish: Wish) -> str:
    if wish.activity == "newInstance":
        return str(world.send(world.purchase(**wish.fields))["resultCode"])
    return str(world.send(world.v1.call(wish.activity, **wish.fields))["resultCode"])


@pytest.mark.sweep
@settings(max_examples=40, deadline=None)
@given(
    paid=st.lists(AMOUNTS, min_size=4, max_size=4),
    acts=st.lists(st.tuples(st.integers(0, 4), st.integers(0, MOST_POINTS)), max_size=14),
)
def test_repeats_failures_and_deaths_in_any_order(paid: list[Decimal], acts: list[tuple[int, int]]) -> None:
    """Each call may die at any point; in the end the marketplace has repeated each until it was told how it ended."""
    every = wishes(paid)
    with TemporaryDirectory() as folder:
        world, done = World(Path(folder)), dict[int, bool]()

        def attempt(number: int, fatal: int | None) -> None:
            world.clock.advance(61)
            Mortal(world, 10**6 if fatal is None else fatal)
            try:
                code = send(world, every[number])
            except Death:
                code = ""
            revive(world)
            if number == 0 or 0 in done:
                done.setdefault(number, False)
            if code == "000000":
                done[number] = True

        attempt(0, None)
        for number, fatal in acts:
            attempt(number, fatal if fatal < MOST_POINTS else None)
        for number in range(len(every)):
            if number in done:
                attempt(number, None)
        check(world, every, done)


def check(world: World, every: list[Wish], done: dict[int, bool]) -> None:
    found = statement(world.app, "2026-11", Deadline(world.clock, 60))
    keys = [each.key for each in found]
    assert len(keys) == len(set(keys))
    assert total(found) == sum((every[number].sum for number, ended in done.items() if ended), Decimal(0))


@pytest.mark.sweep
@pytest.mark.parametrize(("prepare", "step", "method", "state"), CHANGES)
def test_no_death_leaves_an_order_out_or_twice(
    tmp_path: Path, prepare: Any, step: Any, method: str, state: str
) -> None:
    """As the crash points of every change: whoever repeats it leaves one order, and no amount to ask for."""
    for world in deaths(tmp_path, prepare, step):
        world.clock.advance(61)
        assert world.send(step(world))["resultCode"] == "000000"
        while price(world.app, Deadline(world.clock, 60)):
            pass
        found = statement(world.app, "2026-11", Deadline(world.clock, 60))
        assert [each.told.order_id for each in found].count("CS1") == 1
        changed = [each for each in found if each.told.order_id != "CS1"]
        assert [each.outcome for each in changed] == (["done"] if method in ("renew", "change") else []), state
