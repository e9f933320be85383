"""What is left of a tenant's people goes some time after the tenant was unbound."""

from typing import TYPE_CHECKING

from shared import log
from shared.clock import epoch_ms

if TYPE_CHECKING:
    from shared.app import App
    from shared.clock import Deadline

PORTION, PORTIONS = 500, 40
"""Words removed at a time, and how many of these a run makes at most."""


def clear_up(app: "App", deadline: "Deadline") -> None:
    """Remove what does not count since an unbinding that is long enough ago (``KOOGALLERY_FORGET_AFTER``), in portions,
    while time is left; what remains is for the next run.
    """
    due = epoch_ms(app.clock.now() - app.settings.forget_after)
    portions, removed = PORTIONS, 0
    for unbinding in app.directory.to_clear_up():
        if unbinding.at_ms > due:
            continue
        more = True
        while more and portions and deadline.left():
            portions -= 1
            found = app.directory.clear_up(unbinding, PORTION)
            removed, more = removed + found, found == PORTION
    if removed:
        log.event("people of unbound tenants were forgotten", count=removed)
