"""Which usage may be lost, and which is a fault of the bundle."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from emulator.openapi.usage.record import SentRecord
from emulator.soak.environment import START, SoakEnvironment, soak_environment
from emulator.soak.errors import ExplainedErrors, unexpected
from emulator.soak.finding import SoakFinding
from emulator.soak.month_verdict import by_month
from emulator.soak.usage_verdict import billed
from functions.metering import upload
from shared.clock import Deadline
from shared.commands import Version
from shared.instance.record import InstanceRecord
from shared.metering.events import Stored, UsageEvent
from shared.metering.records import Record, RecordState
from shared.metering.slots import slot_of
from shared.provisioning import Charging, Specification, State

OPENED = START.replace(minute=56, second=54, microsecond=262_670)
USED = Decimal("149796.328391")


@pytest.fixture(scope="module")
def environment() -> Iterator[SoakEnvironment]:
    with soak_environment({}, seed=1, log_to=sys.stderr) as made:
        yield made


def lived(environment: SoakEnvironment, instance_id: str, closed: datetime) -> None:
    """An instance, released at ``closed``, that was used right after its begin by the application's clock."""
    app = environment.app
    record = InstanceRecord(instance_id, f"CS-{instance_id}", None, Version.V1, State.RELEASED, OPENED)
    by_use = Specification(charging=Charging.ON_DEMAND)
    app.instances.create(replace(record, started_at=OPENED, closed_at=closed, specification=by_use))
    used_at = OPENED + timedelta(seconds=5)
    app.usage_events.add([Stored(UsageEvent("use", instance_id, used_at, USED), slot_of(used_at, daily=False))])


def test_what_ran_for_less_than_a_whole_second_is_lost_and_alarmed(environment: SoakEnvironment) -> None:
    lived(environment, "short", OPENED + timedelta(seconds=1.3))
    environment.clock.set(OPENED + timedelta(minutes=8))
    assert upload(environment.app, {}, Deadline(environment.clock, 60))["dead"] == 1
    assert ("usage cannot be billed", "", "no window") in environment.watch.errors
    assert not [each for each in unexpected(environment.watch, ExplainedErrors([])) if "no window" in each]

    finding = billed(environment, {"short": USED})
    assert finding.problems == []
    assert "used within less than a second of its hour 149796.3283" in finding.numbers


def test_a_month_that_is_told_otherwise_than_it_was_taken_in_is_found(environment: SoakEnvironment) -> None:
    begin = datetime(2026, 3, 31, 15, tzinfo=UTC)
    last, first = (_accepted(environment, begin + timedelta(hours=hour)) for hour in (0, 1))
    environment.clock.set(begin + timedelta(hours=3))
    assert by_month(environment) == SoakFinding(
        "0 sums by month", ["metered used 0 in 2026-03, taken in 2", "metered used 0 in 2026-04, taken in 2"]
    )
    environment.app.billing_records.adopt([last, first])
    assert by_month(environment) == SoakFinding("2 sums by month", [])


def _accepted(environment: SoakEnvironment, begin: datetime) -> Record:
    """A record that the marketplace took in."""
    end, slot, two = begin + timedelta(minutes=59), slot_of(begin, daily=False), Decimal(2)
    record = Record("metered", slot.key, 0, 0, begin, end, two, two, None, None, RecordState.ACCEPTED, end)
    first, last = (f"{each:%Y%m%dT%H%M%SZ}" for each in (begin, end))
    sent = SentRecord("metered", first, last, last, "2", record.metering_sn)
    environment.marketplace.usage.records.accept(sent, end, daily=False)
    return record


def test_what_ran_for_seconds_may_not_be_lost(environment: SoakEnvironment) -> None:
    lived(environment, "long", OPENED + timedelta(seconds=3))
    assert billed(environment, {"long": USED}).problems == ["long used 149796.328391, accepted 0, nothing refused"]
