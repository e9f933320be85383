"""Amounts, pure: how much of what is due one record can carry.

``usage_value`` is a ``Double(12,4)`` above zero (metering and open APIs, section 2.3). Less than 0.0001 is carried to
the next record; more than the cap needs several records.
"""

from decimal import ROUND_FLOOR, Decimal
from math import ceil

PLACES = Decimal("0.0001")
MOST = Decimal("99999999.9999")
"""What one record can say."""


def sendable(amount: Decimal) -> Decimal:
    """``amount`` without what is below 0.0001."""
    return amount.quantize(PLACES, ROUND_FLOOR)


def portion(exact: Decimal, carry: Decimal) -> Decimal:
    """So much of ``exact`` goes into the next record, together with the ``carry`` from earlier ones."""
    return exact if sendable(exact + carry) <= MOST else MOST - carry


def portions(exact: Decimal, carry: Decimal) -> int:
    """How many records ``exact`` makes, together with the ``carry`` from earlier ones."""
    return max(1, ceil(sendable(exact + carry) / MOST))
