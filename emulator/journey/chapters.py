"""The lives that the journey plays, every call repeated where the marketplace may."""

from collections.abc import Callable
from typing import Any

from emulator.journey.life import Life, Life1, Life2
from emulator.journey.ordering import CUSTOMER_NAME, MORE_SEATS, SEATS, TOO_FEW
from emulator.journey.player import Player
from emulator.journey.refusals import refusals
from emulator.wire.v1_fields import OTHER_PRODUCT, OTHER_SKU, PRODUCT, SKU, YEARLY, contact, extension, purchase
from shared.errors import ResultCode
from shared.protocol.field_cipher import FieldCipher
from shared.provisioning import Charging, OrderType

Chapter = Callable[[Player], None]
_RELEASED = ("release", "release-again")


def life(make: Callable[[Player], Life], *names: str) -> Chapter:
    """One instance, from its purchase to its end."""
    return lambda player: player.live(make(player), *names)


def buyer(player: Player, order_id: str = "", **bought: Any) -> Life1:
    """What a buyer who shares everything buys in version 1."""
    cipher = FieldCipher(player.settings.key, player.settings.cipher_bits)
    return Life1(player.ordering, lambda: purchase(customerName=CUSTOMER_NAME, **contact(cipher), **bought), order_id)


def yearly(player: Player, **more: Any) -> Life1:
    """A yearly product in version 1."""
    period = {"amount": SEATS, **extension(), **YEARLY, "expireTime": player.ordering.later(365), **more}
    return buyer(player, **period)


def trial(player: Player) -> Life1:
    return yearly(player, trialFlag=1, periodType="day", periodNumber=7, expireTime=player.ordering.later(7))


def package(player: Player) -> Life1:
    """A package in version 1."""
    return buyer(player, chargingMode=5, expireTime=player.ordering.later(365))


def once(player: Player) -> Life1:
    """A one-time product in version 1: no period, so nothing to renew."""
    return buyer(player, chargingMode=3, amount=SEATS)


def ordered(kind: OrderType = OrderType.NEW, days: int = 365, **more: Any) -> Callable[[Player], Life]:
    """What an order of version 2 tells."""
    return lambda player: Life2(player.ordering, kind, days, **more)


def on_demand(player: Player) -> None:
    """One order with two products makes two instances (section 2.1, notes)."""
    first = buyer(player, chargingMode=0)
    second = buyer(player, first.order["orderId"], chargingMode=0, productId=OTHER_PRODUCT, skuCode=OTHER_SKU)
    player.play("first-product", first.buy(), first)
    player.play("second-product", second.buy(others=(first.instance,)), second)
    player.play("first-product-again", first.buy())
    player.play("query", first.query(second))
    player.live(first, "freeze", "unfreeze", *_RELEASED)
    player.live(second, *_RELEASED)


def change(player: Player) -> None:
    """The buyer asks for another size while renewing: once too small, then larger."""
    instance = Life2(player.ordering)
    player.live(instance, "buy", "query")
    small = {"productId": PRODUCT, "skuCode": SKU, "linearValue": TOO_FEW}
    check = instance.own("changeInstanceCheck", {"productInfo": small}, codes=_no(player))
    player.play("change-to-too-few", check)
    larger = {"productId": OTHER_PRODUCT, "skuCode": OTHER_SKU, "linearValue": MORE_SEATS}
    player.play("change-to-more", instance.own("changeInstanceCheck", {"productInfo": [larger]}))
    player.live(instance, "renew-with-the-change", "release-expired")


def _no(player: Player) -> tuple[str, ...]:
    """A refusal; a provisioner of the seller's own may also agree."""
    demo = player.settings.get("KOOGALLERY_PROVISIONER") == "demo"
    refusal = ResultCode.INVALID_PARAMETER.value
    return (refusal,) if demo else (refusal, ResultCode.SUCCESS.value)


CHAPTERS: tuple[tuple[str, Chapter], ...] = (
    (
        "v1-yearly",
        life(
            yearly,
            *("debug-call", "buy", "the-order-again", "buyer-opens-the-resource", "query"),
            *("renew", "renew-again", "renewed-year-returned", "expire", "expire-again", "renew-while-frozen"),
            *("freeze", "unfreeze", "upgrade", "upgrade-again"),
            *(*_RELEASED, "expire-after-release", "renew-after-release"),
        ),
    ),
    ("v1-trial", life(trial, "try", "trial-to-formal", "query", *_RELEASED)),
    ("v1-one-time", life(once, "buy", *_RELEASED)),
    ("v1-on-demand", on_demand),
    ("v1-package", life(package, "buy", "query", *_RELEASED)),
    (
        "v2-yearly",
        life(
            ordered(),
            *("debug-call", "buy", "the-order-again", "query"),
            *("renew", "renew-again", "renewed-year-returned", "freeze", "freeze-again", "renew-while-frozen"),
            *("unfreeze", "upgrade", "upgrade-again", "order-notification"),
            *("release-unsubscribed", "release-again", "freeze-after-release", "renew-after-release"),
        ),
    ),
    ("v2-change", change),
    (
        "v2-trial",
        life(ordered(OrderType.TRIAL, 7), "try", "query", "trial-to-formal", "release-expired"),
    ),
    ("v2-package", life(ordered(charging=Charging.ON_DEMAND_PACKAGE), "buy", "query", "release-expired")),
    ("refused", refusals),
)
