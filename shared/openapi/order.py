"""An order as the open API tells it, and how its JSON is read (metering and open APIs, section 4).

Reading is lenient, since a paid order must not be lost over a detail: unknown members are skipped, ``null`` counts as
absent, numbers may be strings, a list of one may be the object itself, and what cannot be understood becomes ``None``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from shared.errors import KooGalleryError, ResultCode
from shared.provisioning import Buyer, Charging, OrderType, Specification

E = TypeVar("E", bound=StrEnum)

_SECONDS_DIGITS = 14  # yyyyMMddHHmmss; three more are milliseconds
_MOST_DIGITS = 30  # on each side of the point: nobody's amount, and written out it fits into a line
_TOO_LARGE = 10**9  # for a count; documented are 7 digits


class OrderNotFound(KooGalleryError):
    """The open API knows no such order or order line, or it belongs to another seller."""

    code = ResultCode.INVALID_PARAMETER


@dataclass(frozen=True, slots=True)
class Product:
    """One product of an order line. ``quantity`` is the linear value the buyer chose."""

    product_id: str | None = None
    sku_code: str | None = None
    quantity: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order.

    ``specification`` names the first of ``products`` and has the extension parameters of the order and of the line, the
    line's first. ``expires_at`` is UTC; ``None`` for what does not expire. ``amount`` is what the buyer pays,
    ``list_amount`` the same before discount.
    """

    line_id: str
    specification: Specification
    expires_at: datetime | None = None
    products: tuple[Product, ...] = ()
    amount: Decimal | None = None
    list_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order. ``order_type`` is ``None`` for a type newer than this program.

    ``created_at`` (UTC) is when it was placed, not when it takes effect. ``buyer.customer_id`` is empty if the open API
    does not name the buyer. ``parameters`` are the extension parameters of the order itself.
    """

    order_id: str
    order_type: OrderType | None
    created_at: datetime | None
    lines: tuple[OrderLine, ...]
    buyer: Buyer
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    def line(self, line_id: str | None) -> OrderLine:
        """The line called ``line_id``, or the first one if that is ``None``.

        :raises OrderNotFound: if there is none.
        """
        for line in self.lines:
            if line_id in (None, line.line_id):
                return line
        raise OrderNotFound("the order has no such line")


def read_order(info: Mapping[str, Any]) -> Order:
    """The order in ``orderInfo``."""
    parameters = _parameters(info.get("extendParams"))
    return Order(
        order_id=_text(info.get("orderId")) or "",
        order_type=_member(OrderType, info.get("orderType")),
        created_at=_moment(info.get("createTime")),
        lines=tuple(_line(line, parameters) for line in _objects(info.get("orderLine"))),
        buyer=_buyer(info.get("buyerInfo")),
        parameters=parameters,
    )


def _line(line: Mapping[str, Any], parameters: Mapping[str, str]) -> OrderLine:
    products = tuple(_product(product) for product in _objects(line.get("productInfo")))
    first = products[0] if products else Product()
    return OrderLine(
        line_id=_text(line.get("orderLineId")) or "",
        specification=Specification(
            product_id=first.product_id,
            sku_code=first.sku_code,
            charging=_member(Charging, line.get("chargingMode")),
            period_type=_text(line.get("periodType")),
            period_number=_whole(line.get("periodNumber")),
            quantity=first.quantity,
            parameters={**parameters, **_parameters(line.get("extendParams"))},
        ),
        expires_at=_moment(line.get("expireTime")),
        products=products,
        amount=_decimal(line.get("currencyAfterDiscount")),
        list_amount=_decimal(line.get("currency")),
    )


def _product(product: Mapping[str, Any]) -> Product:
    return Product(
        product_id=_text(product.get("productId")),
        sku_code=_text(product.get("skuCode")),
        quantity=_whole(product.get("linearValue")),
        name=_text(product.get("productName")),
    )


def _buyer(info: Any) -> Buyer:
    buyer = info if isinstance(info, dict) else {}
    return Buyer(
        customer_id=_text(buyer.get("customerId")) or "",
        customer_name=_text(buyer.get("customerName")),
        user_id=_text(buyer.get("userId")),
        user_name=_text(buyer.get("userName")),
        mobile_phone=_text(buyer.get("mobilePhone")),
        email=_text(buyer.get("email")),
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


def _parameters(value: Any) -> dict[str, str]:
    pairs = ((_text(item.get("name")), _text(item.get("value"))) for item in _objects(value))
    return {name: text or "" for name, text in pairs if name}


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    return str(value).encode(errors="replace").decode().strip() or None  # no lone surrogates, which nothing can store


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(_text(value) or "NaN")
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None


def _whole(value: Any) -> int | None:
    number = _decimal(value)
    if number is None or abs(number) >= _TOO_LARGE or number != number.to_integral_value():
        return None
    return int(number)


def _member(kind: type[E], value: Any) -> E | None:
    try:
        return kind(_text(value) or "")
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    text = _text(value) or ""
    if not text.isascii() or not text.isdigit() or len(text) not in (_SECONDS_DIGITS, _SECONDS_DIGITS + 3):
        return None
    try:
        moment = datetime.strptime(text[:_SECONDS_DIGITS], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.replace(microsecond=int(text[_SECONDS_DIGITS:] or "0") * 1000)
