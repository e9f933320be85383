"""Scheduled: uploads usage. Best at minutes 2 to 14 of the hour: the marketplace collects at minute 15 (section 2.4).

Without input every shard is worked on, one after the other. ``{"shard": n}`` takes one, so that a queue or as many
schedules as there are shards spread the work (metering and open APIs, section 2).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared import log
from shared.app import App
from shared.clock import Deadline
from shared.errors import InvalidParameter
from shared.job import job
from shared.metering.lease import ShardLease
from shared.metering.ledger import Meter
from shared.metering.meters import meter_of
from shared.metering.upload import Stopped, Uploader
from shared.provisioning import Instance, PackageKeeper
from shared.store.instances import InstanceRecord

LEASE = timedelta(minutes=15)
"""Longer than any platform lets a run take; an overlapping run would do no harm, only work in vain."""


def upload(app: App, event: Mapping[str, Any], deadline: Deadline) -> dict[str, int]:
    """Seal and push what is due, in the shards asked for.

    :returns: how many records were sealed, accepted, held, given up and so on, and how many calls that took.
    :raises InvalidParameter: no such shard.
    """
    counts: Counter[str] = Counter()
    for shard in _shards(app, event):
        with ShardLease(app.tables.table("billing"), app.clock, shard, LEASE) as mine:
            if not mine:
                counts["busy"] += 1
                continue
            uploader = _uploader(app)
            try:
                uploader.run(shard, deadline)
            except Stopped as stopped:
                log.alarm("the usage API refuses this seller: check keys and clock", code=stopped.code)
                counts["stopped"] += 1
                break
            finally:
                counts += uploader.counts
    return dict(counts)


def _shards(app: App, event: Mapping[str, Any]) -> range:
    if "shard" not in event:
        return range(app.settings.shards)
    shard = event["shard"]
    if type(shard) is not int or not 0 <= shard < app.settings.shards:
        raise InvalidParameter("shard must be a number from 0 to KOOGALLERY_SHARDS - 1")
    return range(shard, shard + 1)


def _uploader(app: App) -> Uploader:
    known: dict[str, tuple[Meter | None, Instance | None]] = {}

    def look_up(instance_id: str) -> tuple[Meter | None, Instance | None]:
        if instance_id not in known:
            record = app.instances.get(instance_id)
            known[instance_id] = (_meter(app, record), record.instance()) if record else (None, None)
        return known[instance_id]

    def stop(meter: Meter) -> None:
        _, instance = look_up(meter.instance_id)
        if instance and isinstance(app.provisioner, PackageKeeper):
            packages = ",".join(package.instance_id for package in meter.packages)
            app.provisioner.used_up(instance, f"{meter.instance_id}:used-up:{packages}")

    return Uploader(
        app.usage_events,
        app.ledger,
        app.billing_records,
        lambda instance_id: look_up(instance_id)[0],
        app.usage_push,
        app.clock,
        app.settings.usage_batch,
        stop,
    )


def _meter(app: App, record: InstanceRecord) -> Meter | None:
    meter = meter_of(record, app.settings)
    if meter and isinstance(app.provisioner, PackageKeeper):
        return replace(meter, packages=tuple(app.provisioner.packages(record.instance())))
    return meter


handler = job("metering", upload)
