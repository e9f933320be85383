"""Ids of orders and of calls, in the marketplace's form (production interfaces, sections 2.1 and 3.1)."""

import secrets
import string
from datetime import datetime
from uuid import uuid4

LETTERS = string.ascii_uppercase + string.digits


def fresh_order_id(now: datetime) -> str:
    """An order id that nobody has, e.g. ``CS2611221821ACILM``."""
    return order_id(now, "".join(secrets.choice(LETTERS) for _ in range(5)))


def order_id(now: datetime, letters: str) -> str:
    """The id of an order of ``now`` that ends with five ``letters``."""
    return f"CS{now:%y%m%d%H%M}{letters}"


def line_of(order: str) -> str:
    """The id of the only line of an order."""
    return f"{order}-000001"


def business_id() -> str:
    """What the marketplace sends anew with each call of a purchase."""
    return uuid4().hex
