"""What the provisioner may hear of when a change is made."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.commands import Version
from shared.instance.change import Change, told_by
from shared.instance.precedence import Wish, WishKind
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.instance.unfinished import Aspect
from shared.provisioning import State

BOUGHT = {Aspect.PERIOD, Aspect.SPECIFICATION}
STOPPED = {"wishes": (Wish(WishKind.START), Wish(WishKind.EXPIRY))}


@pytest.mark.parametrize(
    ("event", "state", "members", "told"),
    [
        (Event.RENEW, State.ACTIVE, {}, BOUGHT),
        (Event.RENEW, State.ACTIVE, STOPPED, set(Aspect)),
        (Event.RENEW, State.FROZEN, {}, set(Aspect)),
        (Event.UPGRADE, State.FROZEN, STOPPED, {Aspect.SPECIFICATION}),
        (Event.FREEZE, State.ACTIVE, {}, {Aspect.SERVICE}),
        (Event.UNFREEZE, State.FROZEN, STOPPED, {Aspect.SERVICE}),
        (Event.RELEASE, State.ACTIVE, STOPPED, set()),
        (Event.RESYNC, State.ACTIVE, {}, set(Aspect)),
    ],
)
def test_a_renewal_may_also_end_a_freeze(
    event: Event, state: State, members: dict[str, Any], told: set[Aspect]
) -> None:
    record = InstanceRecord("i", "CS1", None, Version.V1, state, datetime(2026, 11, 20, tzinfo=UTC), **members)
    assert told_by(record, Change(event, "name", lambda held, *_: held)) == told
