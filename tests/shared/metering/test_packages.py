"""Stop-before-excess packages: the one named, then the earliest to expire, split at its end, and a stop at zero."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shared.metering.events import UsageEvent
from shared.metering.meter import Meter
from shared.metering.packages import allocated
from shared.provisioning import Package
from tests.shared.metering.market import START, Metering

EARLY = Package("package-early", Decimal(10), datetime(2026, 12, 1, tzinfo=UTC))
LATE = Package("package-late", Decimal(5), datetime(2027, 12, 1, tzinfo=UTC))
ENDLESS = Package("package-endless", Decimal(100))


@pytest.fixture
def world(tmp_path: Path) -> Metering:
    world = Metering(tmp_path)
    bought(world, LATE, EARLY)
    return world


def bought(world: Metering, *packages: Package) -> None:
    world.meters["meter"] = Meter("meter", START - timedelta(days=1), packages=packages)


def used(world: Metering, event_id: str, value: str, package: str | None = None) -> None:
    world.use(UsageEvent(event_id, "meter", world.clock.now(), Decimal(value), package))


def pushed(world: Metering) -> list[tuple[str | None, Decimal]]:
    world.clock.advance(timedelta(hours=1, minutes=5))
    world.upload()
    return [(record.relate_pkg_instance, record.usage_value) for record in world.api.accepted.values()]


def test_the_package_that_expires_first_pays_and_the_record_is_split_at_its_end(world: Metering) -> None:
    used(world, "a", "12.5")

    assert pushed(world) == [("package-early", Decimal(10)), ("package-late", Decimal("2.5"))]
    windows = {(record.begin_time, record.end_time) for record in world.api.accepted.values()}
    assert len(windows) == 2, "each part has a window of its own"


def test_the_package_named_pays_first(world: Metering) -> None:
    used(world, "a", "3", package="package-late")
    used(world, "b", "1")

    assert pushed(world) == [("package-late", Decimal(4))]


def test_at_zero_the_seller_is_told_and_the_rest_waits_for_another_package(world: Metering) -> None:
    used(world, "a", "20")

    assert pushed(world) == [("package-early", Decimal(10)), ("package-late", Decimal(5))]
    assert [meter.instance_id for meter in world.stopped] == ["meter"]

    bought(world, LATE, EARLY, ENDLESS)
    assert pushed(world)[2:] == [("package-endless", Decimal(5))]
    assert len(world.stopped) == 1


def test_exactly_at_zero_the_seller_is_told(world: Metering) -> None:
    used(world, "a", "15")

    assert len(pushed(world)) == 2
    assert len(world.stopped) == 1


def test_a_package_knows_what_it_was_used_for(world: Metering) -> None:
    used(world, "a", "12.5")
    pushed(world)

    ((instance_id, amount, until),) = world.ledger().used_of("package-early")
    assert (instance_id, amount) == ("meter", Decimal(10))
    assert until == START.replace(hour=1, minute=0)


def test_without_quotas_the_package_named_is_passed_on(world: Metering) -> None:
    bought(world)
    used(world, "a", "7", package="any-package")
    used(world, "b", "1.00005")

    assert pushed(world) == [(None, Decimal(1)), ("any-package", Decimal(7))]


def test_allocation_never_exceeds_what_is_left() -> None:
    spent = {"package-early": Decimal(8)}

    assert allocated(Decimal(9), [LATE, EARLY], spent, named=()) == [
        ("package-early", Decimal(2)),
        ("package-late", Decimal(5)),
    ]
    assert allocated(Decimal(0), [LATE, EARLY], spent, named=()) == []
