"""A product of the seller's own: every plan is bought under its ids, asked for, renewed, enlarged and released.

Whoever maps ``skuCode`` or ``productId`` to plans sees here whether the mapping holds.
"""

from typing import Any

from emulator.journey.chapters import buyer
from emulator.journey.life import Life2
from emulator.journey.ordering import Ordering
from emulator.journey.player import Player
from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.delivery.message_payloads import plan_fields
from emulator.marketplace.subscriptions.order_book import products_of, specification
from shared.commands import Version
from shared.protocol.production.extend_params import encode_extend_params
from shared.provisioning import Charging, OrderType


def own_product(player: Player, product: ListedProduct) -> None:
    """Each plan and fee item, one instance each."""
    for plan in (*product.plans, *product.items):
        (_version_1 if product.version is Version.V1 else _version_2)(player, product, plan)


def _version_1(player: Player, product: ListedProduct, plan: Plan) -> None:
    ordering = player.ordering
    bought = purchased(ordering, product, plan)
    life = buyer(player, "", **bought)
    player.live(life, "buy", "the-order-again", "query")
    if product.charging is Charging.PERIOD:
        player.play("renew", life.renew(days=2 * plan.days, orderAmount=str(plan.price), **period_of(product, plan)))
    for larger in product.larger(plan.id)[:1]:
        order = {"orderId": ordering.order_id(), "amount": larger.quantity, **ids_of(larger)}
        player.play("upgrade", life.own("upgrade", order))
    player.live(life, "release")


def _version_2(player: Player, product: ListedProduct, plan: Plan) -> None:
    def order(kind: OrderType, bought: Plan, days: int) -> dict[str, str]:
        return ordered(player.ordering, kind, product, bought, days)

    life = Life2(player.ordering, charging=product.charging, order=order(OrderType.NEW, plan, plan.days))
    player.live(life, "buy", "the-order-again", "query")
    if product.charging is Charging.PERIOD:
        ends = {"scene": "RENEWAL", "expireTime": player.ordering.later_v2(2 * plan.days), "productId": plan.id}
        player.play("renew", life.own("refreshInstance", order(OrderType.RENEW, plan, 2 * plan.days), ends))
    for larger in product.larger(plan.id)[:1]:
        player.play("upgrade", life.own("upgradeInstance", order(OrderType.CHANGE, larger, plan.days)))
    player.live(life, "release-expired")


def purchased(ordering: Ordering, product: ListedProduct, plan: Plan) -> dict[str, Any]:
    """What version 1 says of the purchase of a plan, now (section 2.1)."""
    ends = {"expireTime": ordering.later(plan.days)} if plan.days else {}
    told = [{"name": name, "value": value} for name, value in product.parameters]
    extension = {"saasExtendParams": encode_extend_params(told)} if told else {}
    bought = {"orderAmount": str(plan.price), **plan_fields(product, plan), **period_of(product, plan)}
    return {**bought, **ends, **extension}


def ordered(ordering: Ordering, kind: OrderType, product: ListedProduct, plan: Plan, days: int) -> dict[str, str]:
    """The ids of an order of a plan that the order query will tell, for so many days, 0 for no end (section 3.9)."""
    line, products = specification(product, plan), products_of(product, plan)
    return ordering.placed_line(kind, line, products, days=days or None, amount=plan.price)


def ids_of(plan: Plan) -> dict[str, str]:
    """What a plan is called at the marketplace."""
    return {"productId": plan.id, "skuCode": plan.sku_code}


def period_of(product: ListedProduct, plan: Plan) -> dict[str, Any]:
    """How long a plan lasts, as version 1 says it: only of what is charged by period."""
    period = {"periodType": plan.period_type, "periodNumber": plan.period_number}
    return period if product.charging is Charging.PERIOD else {}
