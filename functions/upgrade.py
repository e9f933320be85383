"""``upgrade`` and ``upgradeInstance``: more of it, or another specification (production interfaces, sections 2.5 and
3.6).
"""

from dataclasses import replace

from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome, Upgrade
from shared.creation import content_of
from shared.endpoint import Interface, endpoint
from shared.lifecycle import Change, Order, digest, make
from shared.provisioning import Instance, Specification
from shared.store.instances import InstanceRecord
from shared.transitions import Event


def upgrade(command: Upgrade, call: Call, app: App) -> Outcome:
    """Change the specification once per order; the expiry stays (no parameter carries another)."""
    bought: list[Specification] = []

    def effect(instance: Instance, key: str) -> None:
        target = (
            command.specification or content_of(app, command.order_id, command.order_part, call.deadline).specification
        )
        bought.append(instance.specification.updated(target))
        app.provisioner.change(instance, bought[-1], key)

    def result(record: InstanceRecord) -> InstanceRecord:
        return replace(record, specification=bought[-1])

    order = Order(f"{command.order_id}/{command.order_part or ''}", digest(command))
    make(app, call, command.instance_id, Change(Event.UPGRADE, effect, result, order))
    return Done()


INTERFACE = Interface("upgrade", frozenset({"upgrade", "upgradeInstance"}), upgrade)
handler = endpoint(INTERFACE)
