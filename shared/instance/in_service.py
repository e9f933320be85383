"""Whether an instance is in service: what its wishes come to, and how the provisioner is told."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from shared.commands import Version
from shared.instance.at_work import at_work
from shared.instance.precedence import SKEW, Stamp, Wish, Wishes, WishKind, reasons
from shared.instance.record import InstanceRecord
from shared.instance.unfinished import Aspect
from shared.provisioning import FreezeReason, State
from shared.usage_limits import LATE_LIMIT

if TYPE_CHECKING:
    from shared.app import App

MOST_TIMES = 200


def wishes_of(record: InstanceRecord) -> Wishes:
    """The wishes of an instance that exists, the start first. What was stored before wishes were kept is the start."""
    if record.wishes and record.wishes[0].kind is WishKind.START:
        return record.wishes
    since = Stamp(0 if record.wishes else record.changed_ms)
    start = Wish(WishKind.START, since, record.expires_at, reasons=_why(record) if record.state is State.FROZEN else ())
    return (start, *record.wishes)


def stand(app: "App", held: InstanceRecord, after: InstanceRecord, key: str) -> InstanceRecord:
    """Stop or resume the service if that follows from the wishes of ``after``, or if ``held`` is unsure of it.

    A frozen time lasts from when the provisioner has stopped the service until it is asked to resume it.
    """
    why = reasons(after.wishes)
    if bool(why) is (held.state is State.FROZEN) and Aspect.SERVICE not in held.unsure:
        return after
    asked_at = app.clock.now()
    if why:
        strongest = FreezeReason.SUSPENDED if FreezeReason.SUSPENDED in why else FreezeReason.EXPIRED
        at_work(app, held).freeze(held.instance(), strongest, key)
        told = replace(after, state=State.FROZEN, frozen_at=held.frozen_at or app.clock.now())
    else:
        at_work(app, held).unfreeze(held.instance(), key)
        told = replace(after, state=State.ACTIVE, frozen_at=None, frozen_times=_times(held, asked_at))
    return replace(told, unsure=told.unsure - {Aspect.SERVICE})


def _times(record: InstanceRecord, until: datetime) -> tuple[tuple[datetime, datetime], ...]:
    ended = ((record.frozen_at, until),) if record.frozen_at else ()
    return tuple(each for each in (*record.frozen_times, *ended) if each[1] > until - LATE_LIMIT)[-MOST_TIMES:]


def _why(record: InstanceRecord) -> tuple[FreezeReason]:
    """Why it was frozen before reasons were kept. Version 1 has no unfreeze of its own after a renewal."""
    expired = record.expires_at and record.frozen_at and record.expires_at - SKEW <= record.frozen_at
    return (FreezeReason.EXPIRED if expired or record.protocol is Version.V1 else FreezeReason.SUSPENDED,)
