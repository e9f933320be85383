"""The orders the order query tells, from the marketplace's file (metering and open APIs, section 4)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, takewhile

from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.storage.database import Database
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder, line_document
from emulator.openapi.order_query import Orders
from shared.clock import Clock
from shared.openapi.order import Order, OrderLine, Product
from shared.provisioning import Buyer, Charging, Specification


class OrderBook(Orders):
    """Those placed in the marketplace, those added by hand, and the debugging ones."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(clock)
        self._database = database

    def get(self, order_id: str) -> Order | None:
        placed = list(self._lines(order_id))
        return self._told(placed) if placed and order_id == placed[0].id else super().get(order_id)

    def _lines(self, order_id: str) -> Iterator[PlacedOrder]:
        numbers = (self._database.get(PlacedOrder, line_document(order_id, number)) for number in count(1))
        return (each for each in takewhile(bool, numbers) if each)

    def _told(self, placed: Sequence[PlacedOrder]) -> Order:
        first = placed[0]
        customer = self._database.the(Customer, first.customer_id)
        buyer = Buyer(customer.id, customer.name, mobile_phone=customer.mobile_phone, email=customer.email)
        return Order(first.id, first.kind, first.placed_at, tuple(map(self._line, placed)), buyer)

    def _line(self, placed: PlacedOrder) -> OrderLine:
        listed = self._database.the(ListedProduct, placed.product)
        plan = listed.plan(placed.plan)
        bought = specification(listed, plan)
        if placed.trial and listed.charging is Charging.PERIOD:
            bought = replace(bought, period_type="day", period_number=listed.trial_days)
        if placed.parameters is not None:
            bought = replace(bought, parameters=dict(placed.parameters))
        product, *own = products_of(listed, plan)
        more = [Product(placed.accessory, f"{plan.sku_code}-a", 1, "Accessory")] if placed.accessory else own
        return OrderLine(placed.line_id, bought, placed.expires_at, (product, *more), placed.amount)


def specification(product: ListedProduct, plan: Plan) -> Specification:
    """What is bought with a plan."""
    return Specification(
        product_id=plan.id,
        sku_code=plan.sku_code,
        charging=product.charging,
        period_type=plan.period_type or None,
        period_number=plan.period_number or None,
        quantity=plan.quantity,
        parameters=dict(product.parameters),
    )


def products_of(product: ListedProduct, plan: Plan) -> tuple[Product, ...]:
    """The products of a plan's line: its own, and the accessories."""
    own = (Product(each.id, each.sku_code, each.quantity, each.name or None) for each in plan.accessories)
    return Product(plan.id, plan.sku_code, plan.quantity, f"{product.name} {plan.name}"), *own
