"""The life of an instance, call by call, in either version (production interfaces, sections 2 and 3).

A life says what its calls say and what must be answered; who plays it signs and sends them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from emulator.checks import Reading
from emulator.checks.reading import ACCEPTED, SUCCESS
from emulator.journey.ordering import MORE_SEATS, Ordering
from emulator.order_ids import business_id, line_of
from emulator.wire.v1_fields import ONE_YEAR, OTHER_PRODUCT, OTHER_SKU
from shared.commands import Version
from shared.errors import ResultCode
from shared.provisioning import Charging, OrderType

UNKNOWN = (ResultCode.UNKNOWN_INSTANCE.value,)


class LifeCall(NamedTuple):
    """A call that is not signed yet. ``expected``: members of :class:`emulator.checks.Expected`."""

    version: Version
    activity: str
    members: Mapping[str, Any]
    expected: Mapping[str, Any]


Acts = Mapping[str, Callable[[Any], LifeCall]]


class Life:
    """``order``: the ids of its purchase. ``instance``: its id, empty before it is bought."""

    version: ClassVar[Version]
    acts: ClassVar[Acts]
    """What can happen to it, by the names that steps have."""

    def __init__(self, ordering: Ordering, order: Mapping[str, str], *, metered: bool) -> None:
        self.ordering = ordering
        self.order = order
        self.metered = metered
        self.instance = ""

    @property
    def known(self) -> tuple[str, ...]:
        """What a purchase must be answered with, if it was before."""
        return (self.instance,) if self.instance else ()

    def told(self, *names: str) -> Iterator[tuple[str, LifeCall]]:
        """The calls that the names tell, one after the other. "…-again" is the very same call, unless it is an act."""
        call: LifeCall | None = None
        for name in names:
            repeated = call if name.endswith("-again") and name not in self.acts else None
            call = repeated or self.acts[name](self)
            yield name, call

    def learn(self, call: LifeCall, reading: Reading) -> None:
        """Take the id from the answer to the purchase; without one the life goes on with what it should have been."""
        if call.activity == "newInstance" and not self.instance and "testFlag" not in call.members:
            self.instance = next(iter(reading.named), call.members["businessId"])

    def call(self, activity: str, *members: Mapping[str, Any], **expected: Any) -> LifeCall:
        """A call with all these members, of which the later ones count."""
        joined = {name: value for each in members for name, value in each.items()}
        return LifeCall(self.version, activity, joined, expected)

    def own(self, activity: str, *members: Mapping[str, Any], **expected: Any) -> LifeCall:
        """A call about the instance."""
        return self.call(activity, {"instanceId": self.instance}, *members, **expected)

    def query(self, *others: "Life") -> LifeCall:
        """Ask for the way into it and ``others``, and for the usage of what is metered."""
        asked = (self.instance, *(other.instance for other in others))
        return self.call(
            "queryInstance", {"instanceId": ",".join(asked)}, instances=asked, access=True, metered=self.metered
        )


_ACTS: Acts = {
    **dict.fromkeys(("buy", "try", "the-order-again"), lambda life: life.buy()),
    **dict.fromkeys(("renew", "renew-while-frozen"), lambda life: life.renew()),
    "renew-after-release": lambda life: life.renew(codes=UNKNOWN),
    "query": Life.query,
    "upgrade": lambda life: life.upgrade(),
}
"""What both versions have."""


class Life1(Life):
    """In version 1. ``purchase``: what a call says of what is bought, each with a ``businessId`` of its own."""

    version = Version.V1

    def __init__(self, ordering: Ordering, purchase: Callable[[], Mapping[str, Any]], order_id: str = "") -> None:
        order = {"orderId": order_id or ordering.order_id()}
        super().__init__(ordering, order, metered=purchase()["chargingMode"] in (0, 5))
        self._purchase = purchase

    def buy(self, *, others: tuple[str, ...] = (), **more: Any) -> LifeCall:
        """The order, as it comes when it is placed, when the answer was lost, and as the buyer opens the resource."""
        return self.call("newInstance", self._purchase(), self.order, more, instances=self.known, others=others)

    def renew(self, *, days: int = 730, codes: tuple[str, ...] = SUCCESS, **more: Any) -> LifeCall:
        """In an order of its own, until so many days from now."""
        order = {"orderId": self.ordering.order_id(), "expireTime": self.ordering.later(days), "orderAmount": "100.00"}
        return self.own("refreshInstance", order, ONE_YEAR, more, codes=codes)

    def upgrade(self) -> LifeCall:
        """More of another specification, in an order of its own."""
        order = {"orderId": self.ordering.order_id()}
        return self.own("upgrade", order, {"skuCode": OTHER_SKU, "productId": OTHER_PRODUCT, "amount": MORE_SEATS})

    def release(self, **more: Any) -> LifeCall:
        """The end of the instance."""
        return self.own("releaseInstance", self.order, {"orderAmount": "0.00"}, more)

    acts: ClassVar[Acts] = {
        **_ACTS,
        "debug-call": lambda self: self.buy(testFlag=1),
        "buyer-opens-the-resource": buy,
        "renewed-year-returned": lambda self: self.renew(days=365, orderAmount="-100.00"),
        "trial-to-formal": lambda self: self.renew(days=365, productId=OTHER_PRODUCT, trialToFormal=1),
        **dict.fromkeys(("expire", "expire-after-release"), lambda self: self.own("expireInstance", self.order)),
        "freeze": lambda self: self.own("instanceStatus", {"instanceStatus": "FREEZE"}),
        "unfreeze": lambda self: self.own("instanceStatus", {"instanceStatus": "NORMAL"}),
        "release": release,
        "debug-release": lambda self: self.release(testFlag=1),
    }


class Life2(Life):
    """In version 2. What is bought stands in the order, which the order query tells."""

    version = Version.V2

    def __init__(
        self,
        ordering: Ordering,
        kind: OrderType = OrderType.NEW,
        days: int | None = 365,
        charging: Charging = Charging.PERIOD,
        order: Mapping[str, str] | None = None,
    ) -> None:
        order = order or ordering.placed(kind, days, charging=charging)
        super().__init__(ordering, order, metered=charging is not Charging.PERIOD)

    def rehearse(self) -> LifeCall:
        """The purchase of a debugging order."""
        order = {"orderId": "MOCKPERIODYEARNEW", "orderLineId": line_of("MOCKPERIODYEARNEW"), "testFlag": "1"}
        return self.call("newInstance", order, {"businessId": business_id()})

    def buy(self) -> LifeCall:
        """The order, as it comes when it is placed and again when the answer was lost."""
        fresh = {"businessId": business_id()}
        return self.call("newInstance", self.order, fresh, instances=self.known, codes=ACCEPTED)

    def renew(
        self,
        scene: str = "RENEWAL",
        kind: OrderType = OrderType.RENEW,
        days: int = 730,
        *,
        codes: tuple[str, ...] = SUCCESS,
        **bought: Any,
    ) -> LifeCall:
        """In an order of its own, until so many days from now."""
        ends = {"scene": scene, "expireTime": self.ordering.later_v2(days)}
        return self.own("refreshInstance", self.ordering.placed(kind, days, **bought), ends, codes=codes)

    def upgrade(self) -> LifeCall:
        """More of another specification, in an order of its own."""
        order = self.ordering.placed(OrderType.CHANGE, seats=MORE_SEATS, sku=OTHER_SKU)
        return self.own("upgradeInstance", order)

    def freeze(self) -> LifeCall:
        """For arrears or a violation, and when what was paid ends."""
        return self.own("updateInstanceStatus", {"status": "FREEZE"})

    acts: ClassVar[Acts] = {
        **_ACTS,
        "debug-call": rehearse,
        "renewed-year-returned": lambda self: self.renew("UNSUBSCRIBE_RENEWAL_PERIOD", OrderType.UNSUBSCRIBE, 365),
        "renew-with-the-change": lambda self: self.renew("RENEWAL_CHANGE", seats=MORE_SEATS, sku=OTHER_SKU),
        "trial-to-formal": lambda self: self.renew("TRIAL_TO_FORMAL", OrderType.TRIAL_TO_FORMAL, 365),
        **dict.fromkeys(("freeze", "freeze-after-release"), freeze),
        "unfreeze": lambda self: self.own("updateInstanceStatus", {"status": "UNFREEZE"}),
        "order-notification": lambda self: self.call("orderNotify", self.order, {"testFlag": "0"}),
        "release-unsubscribed": lambda self: self.own("releaseInstance", self.ordering.placed(OrderType.UNSUBSCRIBE)),
        **dict.fromkeys(("release", "release-expired"), lambda self: self.own("releaseInstance")),
        "debug-release": lambda self: self.own("releaseInstance", {"testFlag": "1"}),
    }
