"""The whole table of the life cycle, in both versions: what each call does in each state."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.http import HttpRequest
from shared.instance.record import InstanceRecord
from shared.instance.transitions import RULES, Rule
from shared.provisioning import Pending
from tests.market import V1, V2, bought, ended, expiry, freezing, release, renewal, unfreezing, upgrade
from tests.world import World

WAIT, GONE, NOTHING = "000004", "000003", "nothing"

# As production interfaces, sections 2.2 to 2.6, and the table in shared/instance/transitions.py have it: the state
# afterwards, or what is answered instead.
EXPECTED = {
    "PENDING": {"renew": WAIT, "upgrade": WAIT, "freeze": WAIT, "unfreeze": NOTHING, "release": "RELEASED"},
    "ACTIVE": {
        "renew": "ACTIVE",
        "upgrade": "ACTIVE",
        "freeze": "FROZEN",
        "unfreeze": NOTHING,
        "release": "RELEASED",
    },
    "FROZEN": {
        "renew": "ACTIVE",
        "upgrade": "FROZEN",
        "freeze": NOTHING,
        "unfreeze": "ACTIVE",
        "release": "RELEASED",
    },
    "RELEASED": {"renew": GONE, "upgrade": GONE, "freeze": NOTHING, "unfreeze": GONE, "release": NOTHING},
}
METHODS = {"renew": "renew", "upgrade": "change", "freeze": "freeze", "unfreeze": "unfreeze", "release": "release"}

Make = Callable[[World, str], HttpRequest]


def in_version(version: str, make: Callable[..., HttpRequest]) -> Make:
    """The call in one version of the protocol."""
    return lambda world, instance: make(world, version, instance)


BOTH = {"renew": renewal, "upgrade": upgrade, "freeze": freezing, "unfreeze": unfreezing, "release": release}
EVENTS: dict[str, tuple[str, Make]] = {
    **{
        f"{event}-{version}": (event, in_version(version, make)) for version in (V1, V2) for event, make in BOTH.items()
    },
    "expire-v1": ("freeze", expiry),
}


def instance_in(world: World, state: str) -> str:
    """The id of an instance that got into ``state`` by calls of the marketplace."""
    if state == "PENDING":
        world.provisioner.pending = True
        world.provisioner.present = Pending()
        return str(world.buy_v2()["instanceId"])
    instance = bought(world, V1)
    if state != "ACTIVE":
        world.send({"FROZEN": ended, "RELEASED": release}[state](world, V1, instance))
    return instance


def but_for_the_time(record: InstanceRecord | None) -> InstanceRecord | None:
    """A freeze or unfreeze without an effect leaves the time at which it was sent; so does what has to wait."""
    return replace(record, wishes=(), tried={}, version=0) if record else None


@pytest.mark.parametrize("state", EXPECTED)
@pytest.mark.parametrize("name", EVENTS)
def test_what_a_call_does(world: World, state: str, name: str) -> None:
    event, make = EVENTS[name]
    instance = instance_in(world, state)
    assert world.state(instance) == state
    world.clock.advance(60)
    before, calls = world.app.instances.get(instance), world.provisioner.count(METHODS[event])
    answer = world.send(make(world, instance))
    expected = EXPECTED[state][event]
    applied = expected in EXPECTED
    assert answer["resultCode"] == ("000000" if applied or expected == NOTHING else expected)
    assert world.provisioner.count(METHODS[event]) - calls == (1 if applied else 0)
    if applied:
        assert world.state(instance) == expected
    else:
        assert but_for_the_time(world.app.instances.get(instance)) == but_for_the_time(before)


@pytest.mark.parametrize("state", EXPECTED)
@pytest.mark.parametrize("name", EVENTS)
def test_the_same_call_again_changes_nothing_more(world: World, state: str, name: str) -> None:
    _, make = EVENTS[name]
    instance = instance_in(world, state)
    world.clock.advance(60)
    request = make(world, instance)
    first = world.send(request)
    after, calls = world.app.instances.get(instance), list(world.provisioner.calls)
    assert world.send(request) == first
    world.clock.advance(60)
    again = world.send(make(world, instance))
    assert again["resultCode"] == first["resultCode"]
    assert but_for_the_time(world.app.instances.get(instance)) == but_for_the_time(after)
    assert world.provisioner.calls == calls


def test_the_table_in_the_code_is_this_one() -> None:
    words: dict[str, Any] = {WAIT: Rule.WAIT, GONE: Rule.GONE, NOTHING: Rule.NOTHING}
    expected = {
        (state, event.upper()): words.get(word, Rule.APPLY)
        for state, row in EXPECTED.items()
        for event, word in row.items()
    }
    told = {(state.value, event.name): rule for state, row in RULES.items() for event, rule in row.items()}
    assert {key: rule for key, rule in told.items() if key[1] != "RESYNC"} == expected  # no call tells that one
