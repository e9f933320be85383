"""``koogallery resync``: tells the provisioner again how an instance should be.

A wish like any other: it takes the lease, leaves the instance unsure until it is done, and its keys are the same until
then. Done once more, it has new keys, since a product that was restored must hear it although it did before.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.commands import Version
from shared.instance.at_work import at_work
from shared.instance.change import Change
from shared.instance.changes import make
from shared.instance.in_service import stand, wishes_of
from shared.instance.lookup import listed
from shared.instance.precedence import ORDERED
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.instance.unfinished import Aspect
from shared.provisioning import Renewal, RenewalScene, State
from shared.repair.call import command_call
from shared.repair.step import RepairStep, StepResult, attempted

if TYPE_CHECKING:
    from shared.app import App

ALL = frozenset(Aspect)
LIVING = (State.ACTIVE, State.FROZEN)


def every_living(app: "App") -> Iterator[InstanceRecord]:
    """Every instance that is active or frozen, a page at a time."""
    for state in LIVING:
        page = listed(app, state, None)
        yield from page.instances
        while page.next:
            page = listed(app, state, None, page.next)
            yield from page.instances


def resynced(app: "App", record: InstanceRecord, *, everything: bool, dry_run: bool = False) -> RepairStep:
    """Tell what is unsure, or ``everything``."""
    told = {"instance_id": record.instance_id, "order_id": record.order_id}
    if record.state is State.PENDING:
        return RepairStep("resync", StepResult.LEFT, reason="not-there-yet", **told)
    wanted = ALL if everything else record.unsure
    if not wanted:
        return RepairStep("resync", StepResult.NOTHING, **told)
    if dry_run:
        return RepairStep("resync", StepResult.WOULD, reason=" ".join(sorted(wanted)), **told)
    call = command_call(app, "resync", Version.V2, app.clock.now())
    change = Change(Event.RESYNC, "resync", lambda held, _sent_ms, key: _tell(app, held, wanted | held.unsure, key))

    def make_it() -> StepResult:
        make(app, call, record.instance_id, change)
        return StepResult.DONE

    return attempted("resync", make_it, **told)


def _tell(app: "App", held: InstanceRecord, wanted: frozenset[Aspect], key: str) -> InstanceRecord:
    if held.state is State.RELEASED:
        at_work(app, held).release(held.instance(), key)
        return replace(held, unsure=frozenset())
    unsure = replace(held, unsure=wanted)
    if Aspect.SPECIFICATION in wanted:
        at_work(app, held).change(held.instance(), held.specification, f"{key}:specification")
    if Aspect.PERIOD in wanted:
        at_work(app, held).renew(held.instance(), _period(held), f"{key}:period")
    return replace(stand(app, unsure, unsure, f"{key}:service"), unsure=frozenset())


def _period(record: InstanceRecord) -> Renewal:
    """As a renewal to where the period ends anyway, of the order that came last; nothing is paid for it."""
    orders = [wish.order for wish in wishes_of(record) if wish.kind in ORDERED and wish.order]
    order_id = orders[-1] if orders else record.order_id
    return Renewal(RenewalScene.RENEWAL, order_id, record.expires_at, record.specification)
