"""``newInstance``: a buyer has paid (production interfaces, sections 2.1 and 3.1).

One way through: the order is claimed; what was claimed is created, or carried on with; the instance is the answer. What
happens at each step, time running to the right::

    new order      claim it ── V2: ask for the order ── provisioner creates ── store ACTIVE ───────────────▶ access
    repeat         there is a claim ── and the instance that it names ── provisioner describes ───────────▶ access now
    copy at once   claim is leased, no instance ── wait until it is there: as the repeat
                                   └─ until the deadline: store PENDING, leased ───────────────────────▶ in process
    crash          no instance, lease is over ── claim it with the first id ── as a new order, the same key ▶ access
    pending        provisioner says so, or is too slow, or V2 cannot ask ── store PENDING, on the agenda ▶ in process
                   no line named and none told yet ── nothing is stored: the next attempt will know ────▶ unavailable
                   then each repeat, query and sweep carries on: describe, or create with the same key ─▶ access
    undone         too long pending ── the seller restarts the order ── PENDING, next attempt ── carry on ▶ as pending
"""

from functools import partial

from shared.app import App
from shared.call import Call
from shared.commands import Created, Outcome, Purchase
from shared.instance.claiming import claimed
from shared.instance.creation import create, parked, repeated
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import State
from shared.provisioning.rehearsal import access

__all__ = ["handler"]


def purchase(command: Purchase, call: Call, app: App) -> Outcome:
    """Create the instance of an order once; answer every repeat with the same id and the present access details."""
    meant, ran = claimed(app, call, command, partial(create, app, call))
    if ran.result:
        record = ran.result
    elif ran.finished:
        record = repeated(app, call, meant, ran)
    else:
        record = parked(app, call, meant, ran.subject)
    return Created(record.instance_id, record.access, in_process=record.state is State.PENDING)


def rehearse(command: Purchase, app: App) -> Outcome:
    """A debug call gets a complete answer about an instance that does not exist."""
    return Created(command.business_id, access(app.settings))


INTERFACE = Interface("purchase", frozenset({"newInstance"}), purchase, rehearse)
handler = endpoint(INTERFACE)
