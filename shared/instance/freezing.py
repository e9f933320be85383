"""Freezing and unfreezing: what expiry, arrears and violations have in common."""

from dataclasses import replace
from typing import TYPE_CHECKING

from shared import log
from shared.call import Call
from shared.commands import Done, Freeze, Outcome, Unfreeze
from shared.instance.change import Change
from shared.instance.changes import make
from shared.instance.in_service import stand, wishes_of
from shared.instance.precedence import Stamp, Wish, WishKind, late, placed, reasons, repeated
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.instance.unfinished import Aspect
from shared.login.session_end import end_sessions
from shared.provisioning import FreezeReason, State

if TYPE_CHECKING:
    from shared.app import App


def freeze(command: Freeze, call: Call, app: "App") -> Outcome:
    """Stop the service, keep the data. The provisioner hears of the first reason, the record keeps each."""
    kind = WishKind.EXPIRY if command.reason is FreezeReason.EXPIRED else WishKind.FREEZE
    record = make(app, call, command.instance_id, _change(app, call, Event.FREEZE, kind))
    if record.state is State.FROZEN:
        end_sessions(app, record.instance_id, never_entered=record.never_entered)
    return _answered(record, overtaken=record.state is State.ACTIVE)


def unfreeze(command: Unfreeze, call: Call, app: "App") -> Outcome:
    """Resume the service, whatever it was frozen for."""
    record = make(app, call, command.instance_id, _change(app, call, Event.UNFREEZE, WishKind.UNFREEZE))
    return _answered(record, overtaken=record.state is State.FROZEN)


def _change(app: "App", call: Call, event: Event, kind: WishKind) -> Change:
    mark = call.nonce.mark if call.nonce else ""

    def carry_out(held: InstanceRecord, sent_ms: int, key: str) -> InstanceRecord:
        return stand(app, held, _with(held, Wish(kind, Stamp(sent_ms), mark=mark)), key)

    def unnoticed(record: InstanceRecord, sent_ms: int) -> InstanceRecord | None:
        wish = Wish(kind, Stamp(sent_ms), mark=mark)
        if record.state is State.PENDING:
            return replace(record, wishes=(wish,))
        if late(wishes_of(record), wish) or repeated(wishes_of(record), wish):
            return record
        after = _with(record, wish)
        same = bool(reasons(after.wishes)) is (record.state is State.FROZEN)
        return after if same and Aspect.SERVICE not in record.unsure else None

    return Change(event, kind.value, carry_out, unnoticed=unnoticed)


def _with(record: InstanceRecord, wish: Wish) -> InstanceRecord:
    return replace(record, wishes=placed(wishes_of(record), wish))


def _answered(record: InstanceRecord, *, overtaken: bool) -> Outcome:
    if overtaken:
        log.event("no effect: a newer call counts", instance_id=record.instance_id, state=record.state.value)
    return Done()
