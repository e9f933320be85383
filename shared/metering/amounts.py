"""How much of what is due one record carries: less than 0.0001 waits for the next, more than the cap needs several.
Pure.
"""

from decimal import Decimal
from math import ceil

from shared.usage_limits import MOST, sendable


def portion(exact: Decimal, carry: Decimal) -> Decimal:
    """So much of ``exact`` goes into the next record, together with the ``carry`` from earlier ones."""
    return exact if sendable(exact + carry) <= MOST else MOST - carry


def portions(exact: Decimal, carry: Decimal) -> int:
    """How many records ``exact`` makes, together with the ``carry`` from earlier ones."""
    return max(1, ceil(sendable(exact + carry) / MOST))
