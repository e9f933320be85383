"""Scheduled: uploads usage. Best at minutes 2 to 14 of the hour: the marketplace collects at minute 15 (section 2.4).

Without input every shard is worked on, one after the other; with ``KOOGALLERY_METERING_QUEUE`` set, the queue gets a
message per shard instead, and each message is a run of its own. ``{"shard": n}`` takes one shard, whoever sends it; on
FunctionGraph it is what the timer was given to hand over.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared import log
from shared.app import App
from shared.clock import Deadline
from shared.errors import InvalidParameter
from shared.instance.record import InstanceRecord
from shared.json_object import read_object
from shared.metering.fan_out import send
from shared.metering.lease import ShardLease
from shared.metering.ledger import Meter
from shared.metering.meters import meter_of
from shared.metering.sealing import Sealer
from shared.metering.upload import Stopped, Uploader
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.pipelines.schedule import job
from shared.provisioning import Package, PackageKeeper
from shared.provisioning.usage import check_packages

__all__ = ["handler", "upload"]

LEASE, GRACE = 15 * 60.0, 10.0
"""Seconds for which a shard is held if its run dies: at most, and beyond its own deadline. The next schedule finds it
free; an overlapping run would do no harm, only work in vain.
"""
SEALING = 2 / 3
"""Part of the time left that sealing may take, so that a backlog leaves time to push what is sealed."""


def upload(app: App, event: Mapping[str, Any], deadline: Deadline) -> dict[str, int]:
    """Seal and push what is due, in the shards asked for.

    :returns: how many records were sealed, accepted, held, dead and so on, how many calls that took, and how long the
        oldest open one has been waiting since its slot ended (``oldest_seconds``).
    :raises InvalidParameter: no such shard.
    """
    queue = app.settings.metering_queue
    if queue and not event.keys() & {"shard", "Records"}:
        send(queue, range(app.settings.shards))
        return {"sent": app.settings.shards}
    counts: Counter[str] = Counter()
    for shard in _shards(app, event):
        lease = timedelta(seconds=min(deadline.left() + GRACE, LEASE))
        with ShardLease(app.tables.table("billing"), app.clock, shard, lease) as mine:
            if not mine:
                counts["busy"] += 1
                continue
            if not _run(app, shard, deadline, counts):
                break
    return dict(counts)


def _run(app: App, shard: int, deadline: Deadline, counts: Counter[str]) -> bool:
    """Work on one shard; ``False`` if the marketplace does not let this seller in."""
    seller = _Seller(app)
    sealer = Sealer(app.usage_events, app.ledger, seller.meter_with_packages, app.clock, seller.stop, counts)
    batch = app.settings.usage_batch
    uploader = Uploader(app.billing_records, app.ledger, seller.meter, seller, app.clock, batch, counts)
    unsealed = sealer.run(shard, Deadline(app.clock, deadline.left() * SEALING))
    try:
        uploader.run(shard, deadline)
    except Stopped as stopped:
        log.alarm("the usage API refuses this seller: check keys and clock", code=stopped.code)
        counts["stopped"] += 1
        return False
    finally:
        for end in filter(None, (unsealed, uploader.oldest(shard))):
            waiting = int((app.clock.now() - end).total_seconds())
            counts["oldest_seconds"] = max(counts["oldest_seconds"], waiting)
    return True


def _shards(app: App, event: Mapping[str, Any]) -> list[int]:
    if "Records" in event:
        return [_shard(app, _message(record)) for record in event["Records"] or ()]
    return [_shard(app, event)] if "shard" in event else list(range(app.settings.shards))


def _message(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return read_object(str(record.get("body")).encode("utf-8", "replace"))


def _shard(app: App, event: Mapping[str, Any]) -> int:
    shard = event.get("shard")
    if type(shard) is not int or not 0 <= shard < app.settings.shards:
        raise InvalidParameter("shard must be a number from 0 to KOOGALLERY_SHARDS - 1")
    return shard


class _Seller:
    """What the seller's side knows of instances, asked once a run; and the way to the usage API."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._records: dict[str, InstanceRecord | None] = {}
        self._packages: dict[str, tuple[Package, ...]] = {}

    def meter(self, instance_id: str) -> Meter | None:
        """The meter of an instance."""
        if instance_id not in self._records:
            self._records[instance_id] = self._app.instances.get(instance_id)
        record = self._records[instance_id]
        return meter_of(record, self._app.settings) if record else None

    def meter_with_packages(self, instance_id: str) -> Meter | None:
        """The meter with the packages, if the provisioner keeps any."""
        meter, record, keeper = self.meter(instance_id), self._records[instance_id], self._app.provisioner
        if not (meter and record and isinstance(keeper, PackageKeeper)):
            return meter
        if instance_id not in self._packages:
            self._packages[instance_id] = check_packages(keeper.packages(record.instance()))
        return replace(meter, packages=self._packages[instance_id])

    def stop(self, meter: Meter) -> None:
        """Tell the provisioner that nothing is left in any package; another package makes another key."""
        record, keeper = self._records[meter.instance_id], self._app.provisioner
        if record and isinstance(keeper, PackageKeeper):
            packages = ",".join(sorted(package.instance_id for package in meter.packages))
            keeper.used_up(record.instance(), f"{meter.instance_id}:used-up:{packages}")

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        """Push to the usage API. Its client is made when there is something to push: who sells nothing by use has no
        key for it.
        """
        return self._app.usage_push.push(records, deadline)


handler = job("metering", upload)
