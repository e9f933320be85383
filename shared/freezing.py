"""Freezing and unfreezing: what expiry, arrears and violations have in common."""

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.call import Call
from shared.commands import Done, Freeze, Outcome, Unfreeze
from shared.lifecycle import Change, make
from shared.login.ending import end_sessions
from shared.provisioning import FreezeReason, Instance, State
from shared.transitions import Event

if TYPE_CHECKING:
    from shared.app import App


def freeze(command: Freeze, call: Call, app: "App") -> Outcome:
    """Stop the service, keep the data. V2 does not say why it freezes: past its expiry an instance counts as
    expired.
    """

    def effect(instance: Instance, key: str) -> None:
        expired = instance.expires_at is not None and instance.expires_at <= app.clock.now()
        app.provisioner.freeze(instance, FreezeReason.EXPIRED if expired else command.reason, key)

    record = make(
        app,
        call,
        command.instance_id,
        Change(Event.FREEZE, effect, lambda record: replace(record, state=State.FROZEN, frozen_at=app.clock.now())),
    )
    if record.state is State.FROZEN:
        end_sessions(app, record.instance_id)
    return Done()


def unfreeze(command: Unfreeze, call: Call, app: "App") -> Outcome:
    """Resume the service."""
    change = Change(
        Event.UNFREEZE, app.provisioner.unfreeze, lambda record: replace(record, state=State.ACTIVE, frozen_at=None)
    )
    make(app, call, command.instance_id, change)
    return Done()
