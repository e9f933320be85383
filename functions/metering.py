"""Scheduled: uploads usage. Best at minutes 2 to 14 of the hour: the marketplace collects at minute 15 (section 2.4).

Without input every shard is worked on, one after the other; with ``KOOGALLERY_METERING_QUEUE`` set, the queue gets a
message per shard instead, and each message is a run of its own. ``{"shard": n}`` takes one shard, whoever sends it.
"""

import json
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
from shared.metering.fan_out import send
from shared.metering.lease import ShardLease
from shared.metering.ledger import Meter
from shared.metering.meters import meter_of
from shared.metering.sealing import Sealer
from shared.metering.upload import Stopped, Uploader
from shared.provisioning import PackageKeeper
from shared.store.instances import InstanceRecord

LEASE = timedelta(minutes=15)
"""Longer than any platform lets a run take; an overlapping run would do no harm, only work in vain."""


def upload(app: App, event: Mapping[str, Any], deadline: Deadline) -> dict[str, int]:
    """Seal and push what is due, in the shards asked for.

    :returns: how many records were sealed, accepted, held, dead and so on, how many calls that took, and how long the
        oldest open one has been waiting since its slot ended (``oldest_seconds``).
    :raises InvalidParameter: no such shard.
    """
    queue = app.settings.get("KOOGALLERY_METERING_QUEUE")
    if queue and not event.keys() & {"shard", "Records"}:
        send(queue, range(app.settings.shards))
        return {"sent": app.settings.shards}
    counts: Counter[str] = Counter()
    for shard in _shards(app, event):
        with ShardLease(app.tables.table("billing"), app.clock, shard, LEASE) as mine:
            if not mine:
                counts["busy"] += 1
                continue
            if not _run(app, shard, deadline, counts):
                break
    return dict(counts)


def _run(app: App, shard: int, deadline: Deadline, counts: Counter[str]) -> bool:
    """Work on one shard; ``False`` if the marketplace does not let this seller in."""
    seller = _Seller(app)
    sealer = Sealer(app.usage_events, app.ledger, seller.meter, app.clock, seller.stop, counts)
    batch = app.settings.usage_batch
    uploader = Uploader(app.billing_records, seller.meter, app.usage_push, app.clock, batch, counts)
    sealer.run(shard, deadline)
    try:
        uploader.run(shard, deadline)
    except Stopped as stopped:
        log.alarm("the usage API refuses this seller: check keys and clock", code=stopped.code)
        counts["stopped"] += 1
        return False
    finally:
        if oldest := uploader.oldest(shard):
            waiting = int((app.clock.now() - oldest).total_seconds())
            counts["oldest_seconds"] = max(counts["oldest_seconds"], waiting)
    return True


def _shards(app: App, event: Mapping[str, Any]) -> list[int]:
    if "Records" in event:
        return [_shard(app, json.loads(message["body"])) for message in event["Records"]]
    return [_shard(app, event)] if "shard" in event else list(range(app.settings.shards))


def _shard(app: App, event: Mapping[str, Any]) -> int:
    shard = event["shard"]
    if type(shard) is not int or not 0 <= shard < app.settings.shards:
        raise InvalidParameter("shard must be a number from 0 to KOOGALLERY_SHARDS - 1")
    return shard


class _Seller:
    """What the seller's side knows of instances, asked once a run."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._records: dict[str, InstanceRecord | None] = {}
        self._meters: dict[str, Meter | None] = {}

    def meter(self, instance_id: str) -> Meter | None:
        """The meter of an instance, with its packages if the provisioner keeps any."""
        if instance_id not in self._meters:
            record = self._records[instance_id] = self._app.instances.get(instance_id)
            self._meters[instance_id] = self._meter(record) if record else None
        return self._meters[instance_id]

    def stop(self, meter: Meter) -> None:
        """Tell the provisioner that nothing is left in any package; another package makes another key."""
        record, keeper = self._records[meter.instance_id], self._app.provisioner
        if record and isinstance(keeper, PackageKeeper):
            packages = ",".join(sorted(package.instance_id for package in meter.packages))
            keeper.used_up(record.instance(), f"{meter.instance_id}:used-up:{packages}")

    def _meter(self, record: InstanceRecord) -> Meter | None:
        meter, keeper = meter_of(record, self._app.settings), self._app.provisioner
        if meter and isinstance(keeper, PackageKeeper):
            return replace(meter, packages=tuple(keeper.packages(record.instance())))
        return meter


handler = job("metering", upload)
