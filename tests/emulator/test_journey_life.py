"""A life tells its calls by the names of the steps, in both versions."""

import pytest

from emulator.checks import Expected, Reading
from emulator.journey.life import Life, Life1, Life2
from emulator.journey.ordering import Ordering
from emulator.openapi.order_query import Orders
from emulator.texts import verbatim
from emulator.wire.client import Answer, NoAnswer, Reply
from emulator.wire.v1_fields import YEARLY, purchase
from shared.commands import Version
from tests.fakes import FakeClock

CLOCK = FakeClock()


def life(version: Version) -> Life:
    ordering = Ordering(CLOCK, Orders(CLOCK))
    return Life1(ordering, lambda: purchase(**YEARLY)) if version is Version.V1 else Life2(ordering)


def heard(reply: Reply, version: Version = Version.V1) -> Reading:
    return Reading(reply, Expected(version, "newInstance", "key"))


@pytest.mark.parametrize("version", Version)
def test_again_is_the_very_same_call_but_the_order_again_is_another(version: Version) -> None:
    made = life(version)
    (_, renewed), (_, repeated), (_, other) = made.told("renew", "renew-again", "renew")
    assert renewed is repeated
    assert renewed.members["orderId"] != other.members["orderId"]
    (_, bought), (_, again) = made.told("buy", "the-order-again")
    assert bought.members["orderId"] == again.members["orderId"] == made.order["orderId"]
    assert bought.members["businessId"] != again.members["businessId"]


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("name", ["refund", "renew-again"])
def test_what_is_no_act_and_repeats_nothing_is_an_error(version: Version, name: str) -> None:
    with pytest.raises(KeyError):
        list(life(version).told(name))


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize(
    ("reply", "named"),
    [
        (Answer(200, (), b'{"instanceId":"own-id"}', 1.0), "own-id"),
        (Answer(200, (), b"{}", 1.0), ""),
        (NoAnswer(verbatim("gone")), ""),
    ],
)
def test_its_id_is_the_first_one_told_or_what_it_should_have_been(version: Version, reply: Reply, named: str) -> None:
    made = life(version)
    for name, call in made.told("debug-call", "buy", "the-order-again"):
        assert call.expected.get("instances", ()) == made.known
        made.learn(call, heard(reply, version))
        if name == "debug-call":
            assert made.instance == ""
        if name == "buy":
            assert made.known == (named or call.members["businessId"],)
    assert made.query().members["instanceId"] == made.instance


def test_orders_of_version_2_are_told_by_the_order_query() -> None:
    orders = Orders(CLOCK)
    made = Life2(Ordering(CLOCK, orders))
    for name in ("buy", "renew", "upgrade", "release-unsubscribed"):
        ((_, call),) = made.told(name)
        order = orders.get(call.members["orderId"])
        assert order is not None
        assert order.lines[0].line_id == call.members["orderLineId"]
