"""A product of the seller's own: every plan is bought under its ids, asked for, renewed, enlarged and released.

Whoever maps ``skuCode`` or ``productId`` to plans sees here whether the mapping holds.
"""

from typing import Any

from emulator.journey.chapters import buyer
from emulator.journey.life import Life2
from emulator.journey.player import Player
from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.delivery.message_payloads import CHARGING
from shared.commands import Version
from shared.openapi.order import Product
from shared.protocol.production.extend_params import encode_extend_params
from shared.provisioning import Charging, OrderType, Specification


def own_product(player: Player, product: ListedProduct) -> None:
    """Each plan and fee item, one instance each."""
    for plan in (*product.plans, *product.items):
        (_version_1 if product.version is Version.V1 else _version_2)(player, product, plan)


def _version_1(player: Player, product: ListedProduct, plan: Plan) -> None:
    ordering = player.ordering
    ends = {"expireTime": ordering.later(plan.days)} if plan.days else {}
    told = [{"name": name, "value": value} for name, value in product.parameters]
    extension = {"saasExtendParams": encode_extend_params(told)} if told else {}
    counted = product.charging in (Charging.PERIOD, Charging.ONE_TIME)
    amount = {"amount": plan.quantity} if counted else {}
    bought: dict[str, Any] = {
        "chargingMode": CHARGING[product.charging],
        "orderAmount": str(plan.price),
        **_ids(plan),
        **amount,
    }
    bought |= {**_period(product, plan), **ends, **extension}
    life = buyer(player, "", **bought)
    player.live(life, "buy", "the-order-again", "query")
    if product.charging is Charging.PERIOD:
        player.play("renew", life.renew(days=2 * plan.days, orderAmount=str(plan.price), **_period(product, plan)))
    for larger in product.larger(plan.id)[:1]:
        order = {"orderId": ordering.order_id(), "amount": larger.quantity, **_ids(larger)}
        player.play("upgrade", life.own("upgrade", order))
    player.live(life, "release")


def _version_2(player: Player, product: ListedProduct, plan: Plan) -> None:
    def ordered(kind: OrderType, bought: Plan, days: int) -> dict[str, str]:
        line = Specification(
            product_id=bought.id,
            sku_code=bought.sku_code,
            charging=product.charging,
            quantity=bought.quantity,
            parameters=dict(product.parameters),
            period_type=bought.period_type or None,
            period_number=bought.period_number or None,
        )
        products = [Product(bought.id, bought.sku_code, bought.quantity, f"{product.name} {bought.name}")]
        products += [Product(each.id, each.sku_code, each.quantity, each.name or None) for each in bought.accessories]
        return player.ordering.placed_line(kind, line, tuple(products), days=days or None, amount=bought.price)

    life = Life2(player.ordering, charging=product.charging, order=ordered(OrderType.NEW, plan, plan.days))
    player.live(life, "buy", "the-order-again", "query")
    if product.charging is Charging.PERIOD:
        ends = {"scene": "RENEWAL", "expireTime": player.ordering.later_v2(2 * plan.days), "productId": plan.id}
        player.play("renew", life.own("refreshInstance", ordered(OrderType.RENEW, plan, 2 * plan.days), ends))
    for larger in product.larger(plan.id)[:1]:
        player.play("upgrade", life.own("upgradeInstance", ordered(OrderType.CHANGE, larger, plan.days)))
    player.live(life, "release-expired")


def _ids(plan: Plan) -> dict[str, str]:
    return {"productId": plan.id, "skuCode": plan.sku_code}


def _period(product: ListedProduct, plan: Plan) -> dict[str, Any]:
    period = {"periodType": plan.period_type, "periodNumber": plan.period_number}
    return period if product.charging is Charging.PERIOD else {}
