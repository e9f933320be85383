"""The seller's products and their plans."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from emulator.marketplace.storage.database import Document
from shared.commands import Version
from shared.provisioning import Charging


class Shelf(StrEnum):
    """What the marketplace does with a product (production interfaces, sections 2.1 and 8)."""

    ON_SALE = "on sale"
    HIDDEN = "hidden"
    """Five bad days of probes: trade is frozen and nobody sees it."""
    DELISTED = "delisted"
    """More than five failed orders in a month."""
    WITHDRAWN = "withdrawn"
    """The seller sells something else in its place; who has it keeps it."""


class Accessory(Document):
    """A product that comes with a plan, in the same line of an order: ``id`` is its ``productId``."""

    name: str = ""
    sku_code: str
    quantity: int = 1


class Plan(Document):
    """One specification of a product, at one period: ``id`` is the ``productId``.

    ``days``: how long a period lasts, 0 for what has none. ``quantity``: the linear value sold with it.
    """

    name: str
    sku_code: str
    period_type: str = ""
    period_number: int = 0
    days: int = 0
    quantity: int = 10
    price: Decimal = Decimal("100.00")
    accessories: tuple[Accessory, ...] = ()


class ListedProduct(Document):
    """A product and how it is connected. ``plans``: the first is sold, upgrades lead to those that cost more.

    ``items``: what else is paid for by use and can have an instance of its own; ``together``: every order has a line
    for each of them. ``kit``: its buyers' organisation is synchronised (joint operation). ``parameters``: extension
    parameters that the buyer fills in.
    """

    name: str
    version: Version
    charging: Charging
    plans: tuple[Plan, ...]
    items: tuple[Plan, ...] = ()
    together: bool = False
    trial_days: int = 0
    kit: bool = False
    daily: bool = False
    parameters: tuple[tuple[str, str], ...] = ()
    shelf: Shelf = Shelf.ON_SALE

    def plan(self, product_id: str) -> Plan:
        """The plan with that id, or the first."""
        return next((plan for plan in (*self.plans, *self.items) if plan.id == product_id), self.plans[0])

    def larger(self, product_id: str) -> tuple[Plan, ...]:
        """The plans that cost more than that one, to which upgrades lead, the next first."""
        price = next((plan.price for plan in self.plans if plan.id == product_id), None)
        dearer = (plan for plan in self.plans if price is not None and plan.price > price)
        return tuple(sorted(dearer, key=lambda plan: plan.price))


def _plans(number: int, unit: str, days: int, quantity: int = 10) -> tuple[Plan, ...]:
    def plan(index: int, name: str, times: int) -> Plan:
        return Plan(
            id=f"0030{number}-66660{index}-0--0",
            name=name,
            sku_code=f"d0abcd12-1234-5678-ab0{number}-11ab111a1a0{index}",
            period_type=unit,
            period_number=1 if unit else 0,
            days=days,
            quantity=quantity * times,
            price=Decimal("100.00") * times,
        )

    return plan(1, "Basic", 1), plan(2, "Professional", 2), plan(3, "Enterprise", 5)


_MAIL = (("emailDomainName", "mail.example.com"),)


def _listed(version: Version, number: int) -> tuple[ListedProduct, ...]:
    """One product of each way to charge."""

    def product(name: str, charging: Charging, plans: tuple[Plan, ...], **more: object) -> ListedProduct:
        members = {"id": f"{name}-{version}", "name": name, "version": version, "charging": charging, "plans": plans}
        return ListedProduct.model_validate(members | more)

    metered = _plans(number + 3, "", 0)
    return (
        product("yearly", Charging.PERIOD, _plans(number, "year", 365), trial_days=7, kit=True, parameters=_MAIL),
        product("monthly", Charging.PERIOD, _plans(number + 1, "month", 30)),
        product("one-time", Charging.ONE_TIME, _plans(number + 2, "", 0)[:1]),
        product("pay-per-use", Charging.ON_DEMAND, metered[:1], items=metered[1:2]),
        product("package", Charging.ON_DEMAND_PACKAGE, _plans(number + 4, "year", 365, 1000)[:1]),
    )


SHELF: Mapping[str, ListedProduct] = MappingProxyType(
    {each.id: each for version, number in ((Version.V1, 0), (Version.V2, 5)) for each in _listed(version, number)}
)
"""The products there are from the start, by id, e.g. ``yearly-v1``."""
