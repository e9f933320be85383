"""Instances are listed and found on every engine, a page for at most three requests however many there are."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

import pytest

from shared.clock import Deadline
from shared.instance.hints import digest, hints, listed_as
from shared.instance.history import created
from shared.instance.lookup import LEFT_BEHIND, MOST, Found, happened, listed, of_customer, of_order, of_user
from shared.instance.record import InstanceRecord
from shared.orders.book import BookedOrder
from shared.orders.statement import PAGE, statement
from shared.orders.told import ToldOrder
from shared.provisioning import OrderType, State
from shared.store.dynamodb import DynamoTables
from shared.store.postgresql.tables import PostgresTables
from tests.fakes import FakeClock
from tests.shared.store.conftest import Make, without_moto
from tests.world import World

MOST_REQUESTS = 3
PAGES = 10
"""Of the first and of the last ones that are read where there are many."""
LAST = PAGES // 2 * MOST
"""Instances on the last ones, behind which are as many pages of what was left behind."""

Costs: TypeAlias = Callable[[Callable[[], Any]], tuple[Any, int]]
"""What was read, and how many requests that took."""


def record(world: World, number: int, run: str) -> InstanceRecord:
    from shared.commands import Version

    now = world.clock.now()
    return InstanceRecord(
        f"{run}-{number:06d}",
        f"order-{run}-{number}",
        None,
        Version.V1,
        State.ACTIVE,
        now,
        customer_id=f"customer-{run}",
        user_digest=digest(f"user-{run}"),
        expires_at=now + timedelta(minutes=number),
    )


def asked(world: World, found: Found) -> tuple[Found, int]:
    """What was found, and how many requests that took since the last time."""
    total = world.tables.total
    world.tables.reset()
    return found, total


def test_on_every_engine(make: Make, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> None:
    world = World(tmp_path_factory.mktemp("world"), clock=clock, tables=make(clock))
    run = uuid.uuid4().hex[:12]
    for number in range(5):
        made = record(world, number, run)
        entry = created(made, clock.now())
        world.app.instances.create(made, entry)
    world.tables.reset()

    found, requests = asked(world, listed(world.app, State.ACTIVE, clock.now() + timedelta(minutes=3)))
    mine = [each.instance_id for each in found.instances if each.instance_id.startswith(run)]
    assert (mine, requests) == ([f"{run}-{number:06d}" for number in range(3)], 2)
    found, requests = asked(world, of_customer(world.app, f"customer-{run}"))
    assert (len(found.instances), requests) == (5, 2)
    found, requests = asked(world, of_order(world.app, f"order-{run}-4"))
    assert ([each.instance_id for each in found.instances], requests) == ([f"{run}-000004"], 2)
    assert [each.order_id for each in happened(world.app, f"{run}-000004")] == [f"order-{run}-4"]


@dataclass
class Counting:
    """A DynamoDB client that counts the requests that really go out."""

    inner: Any
    count: int = 0

    def __getattr__(self, name: str) -> Any:
        def asked(**parameters: Any) -> Any:
            self.count += 1
            return getattr(self.inner, name)(**parameters)

        return asked


@pytest.mark.slow
@without_moto
def test_ten_thousand(make: Make, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Some of what is listed was left behind by changes, a day ago and more. All is read while there are few instances,
    then the first and the last pages. In a store behind a wire there are fewer, as to fill it takes long.
    """
    tables = make(clock, "large-")
    requests = Counting(tables._client()) if isinstance(tables, DynamoTables) else None
    if requests and isinstance(tables, DynamoTables):
        tables._client = lambda: requests
    world = World(tmp_path_factory.mktemp("world"), clock=clock, tables=tables)

    def costs(read: Callable[[], Any]) -> tuple[Any, int]:
        world.tables.reset()
        before = requests.count if requests else 0
        found = read()
        return found, requests.count - before if requests else world.tables.total

    few, many = 100, {DynamoTables: 1_000, PostgresTables: 5_000}.get(type(tables), 10_000)
    run = filled(world, few)
    clock.advance(LEFT_BEHIND * 2)
    assert pages_read(world, run, costs) == (few, MOST_REQUESTS)
    single_reads(world, run, few, costs)

    run = filled(world, many)
    behind_most = listed_as(record(world, many - LAST - 1, run))
    clock.advance(LEFT_BEHIND * 2)
    first, last = (pages_read(world, run, costs, after, PAGES) for after in (None, behind_most))
    assert (first[0] > 0, first[1] <= MOST_REQUESTS) == (True, True)
    assert last == (LAST, MOST_REQUESTS)
    single_reads(world, run, many, costs)


def pages_read(world: World, run: str, costs: Costs, after: str | None = None, most: int = 1_000) -> tuple[int, int]:
    """How many instances of a run are on the pages, and how many requests the dearest of them took."""
    seen, dearest = 0, 0
    for _ in range(most):
        found, cost = costs(partial(listed, world.app, None, None, after))
        seen, dearest = seen + sum(each.instance_id.startswith(run) for each in found.instances), max(dearest, cost)
        after = found.next
        if after is None:
            break
    return seen, dearest


def single_reads(world: World, run: str, count: int, costs: Costs) -> None:
    orders, cost = costs(lambda: statement(world.app, "2026-11", Deadline(world.clock, 0)))
    assert sum(each.instance_id.startswith(run) for each in orders) == count // 10
    assert cost <= MOST_REQUESTS * (len(orders) // PAGE + 1)
    for read in (
        lambda: of_order(world.app, f"order-{run}-10"),
        lambda: of_customer(world.app, f"customer-{run}"),
        lambda: of_user(world.app, f"user-{run}"),
        lambda: (world.app.instances.get(f"{run}-000007"), happened(world.app, f"{run}-000007")),
    ):
        found, cost = costs(read)
        assert found
        assert cost <= MOST_REQUESTS


def filled(world: World, count: int) -> str:
    """So many instances, one in ten with the hint of an earlier state and with an order in the book.

    :returns: what their ids begin with.
    """
    run, table, now = uuid.uuid4().hex[:12], world.tables.table("instances"), world.clock.now()
    like = world.app.instances._item(record(world, 0, run))  # to seal each would take longer than all the rest
    for begin in range(0, count, 100):
        made = [record(world, number, run) for number in range(begin, begin + 100)]
        table.put_many(
            {**like, "pk": each.instance_id, "order_id": each.order_id, "expires_at": str(each.expires_at)}
            for each in made
        )
        table.put_many(next(hints(each, now)) for each in made)
        tenth = made[::10]
        table.put_many(next(hints(replace(each, state=State.FROZEN), now)) for each in tenth)
        table.put_many(hint for each in tenth for hint in hints(each, now))
        told = [(each, ToldOrder(each.order_id, None, OrderType.NEW, Decimal("1.10"))) for each in tenth]
        booked = (BookedOrder(order, each.instance_id, "c", "p", now, now, "done") for each, order in told)
        table.put_many(item for each in booked for item in each.items())
    return run
