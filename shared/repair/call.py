"""A call that no marketplace sent: how a command goes the same way through as one."""

from datetime import datetime
from typing import TYPE_CHECKING

from shared.call import Call
from shared.clock import Deadline
from shared.commands import Version

if TYPE_CHECKING:
    from shared.app import App

PATIENCE = 30.0
"""Seconds that one step may take; less than a lease, so that nobody takes it over meanwhile."""


def patience(app: "App") -> Deadline:
    """How long one step may take."""
    return Deadline(app.clock, min(PATIENCE, app.lease.total_seconds() / 2))


def command_call(app: "App", name: str, version: Version, sent_at: datetime) -> Call:
    """A call of the command ``name``, as if it had been sent at ``sent_at``."""
    return Call(version, name, test=False, sent_at=sent_at, key="", fields={}, deadline=patience(app))
