"""A product as its seller describes it, in a file or in a form, by the protocol's own names (production interfaces,
sections 2.1, 3.10 and 7).
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from emulator.marketplace.catalogue.products import Accessory, ListedProduct, Plan
from shared.commands import Version
from shared.provisioning import Charging

MOST_PARAMETERS = 3
"""Extension parameters of one product (section 7)."""
DAYS: Mapping[str, int] = MappingProxyType({"year": 365, "month": 30, "day": 1})
"""How long a period lasts here."""

Id = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!-~]*$", min_length=1, max_length=64)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Quantity = Annotated[int, Field(ge=1, le=9_999_999)]


class _Entry(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, validate_by_name=True)


class AccessoryEntry(_Entry):
    """A product in the same line of an order."""

    product_id: Id
    sku_code: Id
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = ""
    quantity: Quantity = 1


class PlanEntry(_Entry):
    """What is sold under a ``productId``."""

    product_id: Id
    sku_code: Id
    name: Name
    period_type: Literal["", "year", "month", "day"] = ""
    period_number: Annotated[int, Field(ge=1, le=99)] = 1
    quantity: Quantity = 1
    price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)] = Decimal("100.00")
    accessories: tuple[AccessoryEntry, ...] = ()

    def plan(self) -> Plan:
        return Plan(
            id=self.product_id,
            name=self.name,
            sku_code=self.sku_code,
            period_type=self.period_type,
            period_number=self.period_number if self.period_type else 0,
            days=self.period_number * DAYS[self.period_type] if self.period_type else 0,
            quantity=self.quantity,
            price=self.price,
            accessories=tuple(
                Accessory(id=each.product_id, sku_code=each.sku_code, name=each.name, quantity=each.quantity)
                for each in self.accessories
            ),
        )


class ParameterEntry(_Entry):
    """What the buyer fills in when ordering; ``value`` stands there at first."""

    name: Id
    value: Annotated[str, StringConstraints(max_length=512)] = ""


class ProductEntry(_Entry):
    """A product. ``id``: what it is called here; the marketplace never tells it."""

    id: Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
    name: Name
    version: Version = Version.V2
    charging_mode: Charging = Charging.PERIOD
    trial_days: Annotated[int, Field(ge=0, le=365)] = 0
    organisation: bool = False
    daily: bool = False
    parameters: Annotated[tuple[ParameterEntry, ...], Field(max_length=MOST_PARAMETERS)] = ()
    plans: Annotated[tuple[PlanEntry, ...], Field(min_length=1, max_length=50)]
    items: Annotated[tuple[PlanEntry, ...], Field(max_length=50)] = ()

    def listed(self) -> ListedProduct:
        """As the marketplace keeps it."""
        return ListedProduct(
            id=self.id,
            name=self.name,
            version=self.version,
            charging=self.charging_mode,
            plans=tuple(each.plan() for each in self.plans),
            items=tuple(each.plan() for each in self.items),
            together=bool(self.items),
            trial_days=self.trial_days,
            kit=self.organisation,
            daily=self.daily,
            parameters=tuple((each.name, each.value) for each in self.parameters),
        )


class ProductFile(_Entry):
    """A seller's products; ``samples``: beside those that there are from the start."""

    samples: bool = True
    products: Annotated[tuple[ProductEntry, ...], Field(min_length=1, max_length=100)]


def described(product: ListedProduct, name: str) -> dict[str, Any]:
    """The entry of a product, called ``name``, without what goes without saying."""
    entry = {
        "id": name,
        "name": product.name,
        "version": product.version,
        "chargingMode": product.charging,
        "trialDays": product.trial_days,
        "organisation": product.kit,
        "daily": product.daily,
        "parameters": [{"name": each, "value": value} for each, value in product.parameters],
        "plans": [_plan(each) for each in product.plans],
        "items": [_plan(each) for each in product.items],
    }
    return {member: value for member, value in entry.items() if value}


def _plan(plan: Plan) -> dict[str, Any]:
    period = {"periodType": plan.period_type, "periodNumber": plan.period_number} if plan.period_type else {}
    bought = {"productId": plan.id, "skuCode": plan.sku_code, "name": plan.name, **period}
    also = [
        {"productId": each.id, "skuCode": each.sku_code, "name": each.name, "quantity": each.quantity}
        for each in plan.accessories
    ]
    return {**bought, "quantity": plan.quantity, "price": str(plan.price), **({"accessories": also} if also else {})}
