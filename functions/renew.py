"""``refreshInstance``: renewal, trial to formal, a renewal returned (production interfaces, sections 2.2 and 3.3)."""

from dataclasses import replace

from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome, Renew, Version
from shared.creation import content_of
from shared.endpoint import Interface, endpoint
from shared.lifecycle import Change, Order, digest, make
from shared.provisioning import Instance, Renewal, RenewalScene, Specification, State
from shared.store.instances import InstanceRecord
from shared.transitions import Event

NEW_SPECIFICATION = (RenewalScene.TRIAL_TO_FORMAL, RenewalScene.RENEWAL_CHANGE)
"""Scenes whose order may buy something else than before; V2 says what in the order query."""


def renew(command: Renew, call: Call, app: App) -> Outcome:
    """Move the expiry, in either direction; a renewal of a frozen instance unfreezes it."""
    unfreezes = command.scene is not RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD
    bought: list[Specification] = []

    def effect(instance: Instance, key: str) -> None:
        bought.append(_specification(app, call, command, instance.specification))
        renewal = Renewal(command.scene, command.order_id, command.expires_at, bought[-1], command.amount)
        app.provisioner.renew(instance, renewal, key)
        if unfreezes and instance.state is State.FROZEN:
            app.provisioner.unfreeze(instance, f"{key}:unfreeze")

    def result(record: InstanceRecord) -> InstanceRecord:
        return replace(
            record,
            expires_at=command.expires_at,
            specification=bought[-1],
            trial=record.trial and command.scene is not RenewalScene.TRIAL_TO_FORMAL,
            state=State.ACTIVE if unfreezes else record.state,
            frozen_at=None if unfreezes else record.frozen_at,
        )

    order = Order(f"{command.order_id}/{command.order_part or ''}", digest(command))
    make(app, call, command.instance_id, Change(Event.RENEW, effect, result, order))
    return Done()


def _specification(app: App, call: Call, command: Renew, present: Specification) -> Specification:
    if call.version is Version.V2 and command.scene in NEW_SPECIFICATION:
        return content_of(app, command.order_id, command.order_part, call.deadline).specification
    return replace(
        present,
        product_id=command.product_id or present.product_id,
        period_type=command.period_type or present.period_type,
        period_number=command.period_number or present.period_number,
    )


INTERFACE = Interface("renew", frozenset({"refreshInstance"}), renew)
handler = endpoint(INTERFACE)
