"""``upgrade`` and ``upgradeInstance``: more of it, or another specification (production interfaces, sections 2.5 and
3.6).
"""

from dataclasses import replace

from shared import log
from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome, Upgrade
from shared.instance.at_work import at_work
from shared.instance.change import Change, ChangeOrder
from shared.instance.changes import make
from shared.instance.choices import chosen
from shared.instance.order_words import order_key, words_of
from shared.instance.ordered import created_ms, ordered
from shared.instance.precedence import Stamp
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.instance.unfinished import Aspect
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import Specification

__all__ = ["handler"]


def upgrade(command: Upgrade, call: Call, app: App) -> Outcome:
    """Change the specification once per order, unless a newer order chose; the expiry stays (no parameter carries
    another).
    """

    def carry_out(held: InstanceRecord, sent_ms: int, key: str) -> InstanceRecord:
        target, stamp = _target(app, command, call, sent_ms)
        after = chosen(held, target.mentioned(), stamp)
        if after is held and Aspect.SPECIFICATION not in held.unsure:
            log.event("no effect: a newer order counts", instance_id=held.instance_id, order_id=command.order_id)
            return held
        at_work(app, held).change(held.instance(), after.specification, key)
        return replace(after, unsure=after.unsure - {Aspect.SPECIFICATION})

    words = words_of(command.specification.mentioned() if command.specification else {})
    order = ChangeOrder(command.order_id, order_key(command.order_id), command.order_part or "", words)
    make(app, call, command.instance_id, Change(Event.UPGRADE, order.key, carry_out, order))
    return Done()


def _target(app: App, command: Upgrade, call: Call, sent_ms: int) -> tuple[Specification, Stamp]:
    if command.specification is not None:
        return command.specification, Stamp(sent_ms)
    order = ordered(app, command, call.deadline)
    return order.line(command.order_part).specification, Stamp(sent_ms, created_ms(order))


INTERFACE = Interface("upgrade", frozenset({"upgrade", "upgradeInstance"}), upgrade)
handler = endpoint(INTERFACE)
