"""``koogallery redrive usage``: billing records that were given up are sent once more, by the next metering run.

A record keeps its id and its window, so what did reach the marketplace is a duplicate there and billed once.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared import log
from shared.clock import epoch_ms
from shared.instance.history import Happening
from shared.metering.records import Record
from shared.repair.step import RepairStep, StepResult, attempted
from shared.usage_limits import LATE_LIMIT

if TYPE_CHECKING:
    from shared.app import App


def redriven_usage(app: "App", instance_id: str = "", *, dry_run: bool = False) -> Iterator[RepairStep]:
    """Open every dead record again, or those of one instance. What is older than the marketplace takes stays dead."""
    for record in app.billing_records.dead():
        if instance_id in ("", record.instance_id):
            yield _redriven(app, record, dry_run=dry_run)


def _redriven(app: "App", record: Record, *, dry_run: bool) -> RepairStep:
    if record.begin < app.clock.now() - LATE_LIMIT:
        return RepairStep("redrive-usage", StepResult.LEFT, record.instance_id, reason="too-late")
    if dry_run:
        return RepairStep("redrive-usage", StepResult.WOULD, record.instance_id, reason=record.code or "")

    def reopen() -> StepResult:
        app.instances.note(record.instance_id, _told(app, record))
        app.billing_records.reopen(record)
        return StepResult.DONE

    return attempted("redrive-usage", reopen, instance_id=record.instance_id)


def _told(app: "App", record: Record) -> Happening:
    now = app.clock.now()
    return Happening(
        now, "redrive", epoch_ms(record.end), wish=record.metering_sn, by=log.occasion(), reason=record.code or ""
    )
