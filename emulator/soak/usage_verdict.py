"""Billed = used: what the intake accepted beside what the marketplace accepted."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from emulator.openapi.usage.record import SentRecord, moment
from emulator.soak.environment import SoakEnvironment
from emulator.soak.finding import SoakFinding
from shared.metering.records import RecordState
from shared.metering.room import NO_WINDOW
from shared.metering.slots import slot_of
from shared.metering.windows import stretch

NAMES = {RecordState.DEAD: "refused for good", RecordState.ACCEPTED: "received and refused later"}

TOO_SHORT = "used within less than a second of its hour"
"""Of an instance that was released so soon, or so soon after the full hour: no record has a begin and end there."""
CARRIED = Decimal("0.0001")
"""What an instance's records may leave over: less than this is carried to its next one."""


def billed(environment: SoakEnvironment, taken: Mapping[str, Decimal]) -> SoakFinding:
    """By instance: accepted by the marketplace = accepted by the intake, but for what is below the last decimal place,
    what was refused for good, what was used within less than a second of its hour, and what was received and refused
    later, which nothing tells the seller's side.
    """
    problems = []
    total, exceptions = Decimal(0), dict[str, Decimal]()
    for instance_id, used in taken.items():
        accepted = environment.marketplace.usage.records.total(instance_id)
        total += accepted
        missing = used - accepted
        if Decimal(0) <= missing < CARRIED:
            continue
        refused = _refused(environment, instance_id)
        for name, value in refused.items():
            exceptions[name] = exceptions.get(name, Decimal(0)) + value
        if not Decimal(0) <= missing - sum(refused.values()) < CARRIED:
            told = ", ".join(f"{name} {value}" for name, value in refused.items()) or "nothing refused"
            problems.append(f"{instance_id[:12]} used {used}, accepted {accepted}, {told}")
    used_in_all = sum(taken.values(), Decimal(0))
    told = "".join(f", {name} {value}" for name, value in exceptions.items())
    return SoakFinding(f"{len(taken)} instances used {used_in_all:.4f}, billed {total:.4f}{told}", problems)


def refused_records(environment: SoakEnvironment, instance_id: str) -> Iterator[tuple[SentRecord, RecordState | None]]:
    """What was refused and not accepted later, with what the bundle knows of it. One record may be refused often."""
    abnormal = environment.marketplace.usage.records.abnormal(instance_id=instance_id)
    refused = {each.sent.metering_sn: each.sent for each in abnormal}
    statement = "SELECT metering_sn FROM usage_record WHERE instance_id = ?"
    for (number,) in environment.market.database.rows(statement, instance_id):
        refused.pop(number, None)
    for number, sent in refused.items():
        yield sent, _state(environment, instance_id, number, moment(sent.begin_time))


def _refused(environment: SoakEnvironment, instance_id: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for sent, state in refused_records(environment, instance_id):
        if state is not RecordState.REPLACED:
            name = NAMES.get(state, "refused and pending") if state else "refused and unknown"
            found[name] = found.get(name, Decimal(0)) + Decimal(sent.usage_value)
    return found | _too_short(environment, instance_id)


def _too_short(environment: SoakEnvironment, instance_id: str) -> dict[str, Decimal]:
    record = environment.app.instances.get(instance_id)
    if record is None or record.started_at is None or record.closed_at is None:
        return {}
    first, last = (slot_of(moment, daily=False) for moment in (record.started_at, record.closed_at))
    short = {slot for slot in (first, last) if stretch(slot, record.started_at, record.closed_at) is None}
    records = [each for slot in short for each in environment.app.billing_records.of_slot(instance_id, slot)]
    lost = sum((each.value for each in records if each.code == NO_WINDOW), Decimal(0))
    return {TOO_SHORT: lost} if lost else {}


def _state(environment: SoakEnvironment, instance_id: str, number: str, begin: datetime | None) -> RecordState | None:
    """How far the bundle says that a record has come."""
    if begin is None:
        return None
    records = environment.app.billing_records.of_slot(instance_id, slot_of(begin, daily=False))
    return next((record.state for record in records if record.metering_sn == number), None)
