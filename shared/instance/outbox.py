"""What is still to be told of an instance to whoever receives events: a part of the instance itself.

The very write that makes a change puts it in, so nothing is told that was refused, and nothing is lost that was done.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.provisioning import State

MOST = 100
"""How much waits in an instance at most; the oldest becomes a dead letter (:mod:`shared.instance.dead_letters`)."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event. ``number`` counts those of the instance from 1; state and end of the period are those after it."""

    number: int
    kind: str
    at_ms: int
    state: State
    expires_at: datetime | None = None
    order_id: str = ""
