"""The first login to an instance is noted in it, so that its end ends sessions (:mod:`shared.login.session_end`)."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.clock import Deadline
from shared.login.refusals import LoginRefused, RefusalReason
from shared.provisioning import State
from shared.store.table import Stale

if TYPE_CHECKING:
    from shared.app import App

POLL_SECONDS = 0.1


def note_entry(app: "App", instance_id: str, deadline: Deadline) -> None:
    """Note that somebody is about to be let in to an active instance. Nothing is written where that is known.

    :raises LoginRefused: it is not active any more, or somebody is at work on it until the deadline.
    """
    while (record := app.instances.get(instance_id)) is not None and record.never_entered:
        if record.state is not State.ACTIVE:
            raise LoginRefused(RefusalReason.FROZEN if record.state is State.FROZEN else RefusalReason.RELEASED)
        if not record.leased(app.clock.now()):
            with suppress(Stale):
                app.instances.replace(replace(record, never_entered=False))
                return
        elif deadline.left() <= POLL_SECONDS:
            raise LoginRefused(RefusalReason.BUSY)
        else:
            app.clock.sleep(POLL_SECONDS)
