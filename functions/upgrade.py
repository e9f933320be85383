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
from shared.orders.told import ToldOrder, merged, said_of
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import OrderType, Specification

__all__ = ["handler"]


def upgrade(command: Upgrade, call: Call, app: App) -> Outcome:
    """Change the specification once per order, unless a newer order chose; the expiry stays (no parameter carries
    another).
    """

    told = ToldOrder(command.order_id, command.order_part, OrderType.CHANGE)

    def carry_out(held: InstanceRecord, sent_ms: int, key: str) -> InstanceRecord:
        target, stamp, known_order = _target(app, command, call, sent_ms, told)
        after = chosen(held, target.mentioned(), stamp)
        if after is held and Aspect.SPECIFICATION not in held.unsure:
            log.event("no effect: a newer order counts", instance_id=held.instance_id, order_id=command.order_id)
            return held
        instance = held.instance(known_order.summary(app.settings.currency))
        at_work(app, held).change(instance, after.specification, key)
        return replace(after, unsure=after.unsure - {Aspect.SPECIFICATION})

    words = words_of(command.specification.mentioned() if command.specification else {})
    order = ChangeOrder(order_key(command.order_id), command.order_part or "", words)
    make(app, call, command.instance_id, Change(Event.UPGRADE, order.key, carry_out, order, told=told))
    return Done()


def _target(
    app: App, command: Upgrade, call: Call, sent_ms: int, told: ToldOrder
) -> tuple[Specification, Stamp, ToldOrder]:
    if command.specification is not None:
        return command.specification, Stamp(sent_ms), told
    order = ordered(app, command, call.deadline)
    line = order.line(command.order_part)
    return line.specification, Stamp(sent_ms, created_ms(order)), merged(told, said_of(told, order))


INTERFACE = Interface("upgrade", frozenset({"upgrade", "upgradeInstance"}), upgrade)
handler = endpoint(INTERFACE)
