"""Scheduled: uploads usage. Best at minutes 2 to 14 of the hour: the marketplace collects at minute 15 (section 2.4).

Without input every shard is worked on, a few at a time where the store is far away; with ``KOOGALLERY_METERING_QUEUE``
set, the queue gets a message per shard instead, and each message is a run of its own. ``{"shard": n}`` takes one shard,
whoever sends it; on FunctionGraph it is what the timer was given to hand over.
"""

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared import log
from shared.app import App
from shared.clock import Deadline
from shared.errors import InvalidParameter
from shared.instance.record import InstanceRecord
from shared.instance.terms import Terms, terms_of
from shared.json_object import read_object
from shared.metering.delivery import Courier
from shared.metering.fan_out import send
from shared.metering.lease import ShardLease
from shared.metering.meter import Meter
from shared.metering.meters import meter_of
from shared.metering.sealing import Sealer
from shared.metering.upload import Uploader
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.pipelines.schedule import job
from shared.provisioning import PackageKeeper
from shared.provisioning.usage import check_packages
from shared.timeouts import side_by_side

__all__ = ["handler", "upload"]

LEASE, GRACE = 15 * 60.0, 10.0
"""Seconds for which a shard is held if its run dies: at most, and beyond its own deadline. The next schedule finds it
free; an overlapping run works in vain. What harm it could do stands in :mod:`shared.metering.ledger`.
"""
SHARDS_AT_ONCE = 4
"""Where each request to the store is mostly waiting. What pushes is one at a time all the same."""


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
    courier = Courier(_UsageApi(app), app.clock, app.settings.usage_batch)
    runs = [_ShardRun(app, shard, courier) for shard in _shards(app, event)]
    side_by_side(lambda run: run.work(deadline), runs, SHARDS_AT_ONCE if app.tables.remote else 1)
    counts = sum((run.counts for run in runs), Counter(calls=courier.calls, stopped=int(bool(courier.stopped))))
    if waiting := [run.oldest_seconds for run in runs if run.oldest_seconds is not None]:
        counts["oldest_seconds"] = max(waiting)
    if courier.stopped:
        log.alarm("the usage API refuses this seller: check keys and clock", code=courier.stopped)
    return dict(counts)


class _ShardRun:
    """The work on one shard: ``counts`` tells what it did, ``oldest_seconds`` what is left, unless it was not begun."""

    def __init__(self, app: App, shard: int, courier: Courier) -> None:
        self._app, self._shard, self._courier, self._seller = app, shard, courier, _Seller(app)
        self.counts: Counter[str] = Counter()
        self.oldest_seconds: int | None = None

    def work(self, deadline: Deadline) -> None:
        """Seal and push what is due, unless another run is at it, or the marketplace does not let this seller in."""
        if self._courier.stopped:
            return
        lease = timedelta(seconds=min(deadline.left() + GRACE, LEASE))
        with ShardLease(self._app.tables.table("billing"), self._app.clock, self._shard, lease) as mine:
            if mine:
                self._upload(deadline)
            else:
                self.counts["busy"] += 1

    def _upload(self, deadline: Deadline) -> None:
        app, seller, counts = self._app, self._seller, self.counts
        events, records, ledger, clock = app.usage_events, app.billing_records, app.ledger, app.clock
        sealer = Sealer(events, ledger, seller.meters, seller.with_packages, clock, seller.stop, counts)
        uploader = Uploader(events, records, ledger, seller.meter, self._courier, clock, counts)
        uploader.run(self._shard, sealer, deadline)
        ends = filter(None, (sealer.unseen, uploader.oldest(self._shard)))
        self.oldest_seconds = max([0, *(int((clock.now() - end).total_seconds()) for end in ends)])


def _shards(app: App, event: Mapping[str, Any]) -> list[int]:
    if "Records" in event:
        return [_shard(app, _message(record)) for record in event["Records"] or ()]
    return [_shard(app, event)] if "shard" in event else _all_shards(app)


def _all_shards(app: App) -> list[int]:
    """All of them, each time from another one on, so that a run which is over before the last one starves none."""
    shards = app.settings.shards
    first = random.randrange(shards)  # noqa: S311 - fairness, no secret
    return [(first + each) % shards for each in range(shards)]


def _message(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return read_object(str(record.get("body")).encode("utf-8", "replace"))


def _shard(app: App, event: Mapping[str, Any]) -> int:
    shard = event.get("shard")
    if type(shard) is not int or not 0 <= shard < app.settings.shards:
        raise InvalidParameter("shard must be a number from 0 to KOOGALLERY_SHARDS - 1")
    return shard


class _Seller:
    """What the seller's side knows of the instances of a page."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._keeper = app.provisioner if isinstance(app.provisioner, PackageKeeper) else None
        self._records: dict[str, InstanceRecord] = {}

    def meters(self, instance_ids: Collection[str]) -> dict[str, Meter]:
        """The meters of those of the instances that have one."""
        daily = self._app.settings.daily_products
        found = ((each, meter_of(terms, daily)) for each, terms in self._terms(instance_ids).items())
        return {each: meter for each, meter in found if meter}

    def meter(self, instance_id: str) -> Meter | None:
        """The meter of one instance."""
        terms = self._app.instances.terms_of([instance_id]).get(instance_id)
        return meter_of(terms, self._app.settings.daily_products) if terms else None

    def _terms(self, instance_ids: Collection[str]) -> dict[str, Terms]:
        """Of the instances; they are read as a whole where somebody is to be asked about them."""
        if self._keeper is None:
            return self._app.instances.terms_of(instance_ids)
        self._records = self._app.instances.get_many(instance_ids)
        return {each: terms_of(record) for each, record in self._records.items()}

    def with_packages(self, meter: Meter) -> Meter:
        """The meter of an instance of the page with its packages, if the provisioner keeps any."""
        if self._keeper is None:
            return meter
        packages = self._keeper.packages(self._records[meter.instance_id].instance())
        return replace(meter, packages=check_packages(packages))

    def stop(self, meter: Meter) -> None:
        """Tell the provisioner that nothing is left in any package; another package makes another key."""
        if self._keeper is not None:
            packages = ",".join(sorted(package.instance_id for package in meter.packages))
            instance = self._records[meter.instance_id].instance()
            self._keeper.used_up(instance, f"{meter.instance_id}:used-up:{packages}")


class _UsageApi:
    """The way to the usage API. Its client is made when there is something to push: who sells nothing by use has no key
    for it.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        """As :class:`shared.metering.delivery.Push`."""
        return self._app.usage_push.push(records, deadline)


handler = job("metering", upload)
