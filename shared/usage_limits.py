"""What one usage record may say (metering and open APIs, sections 2.3 and 2.4)."""

from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

PLACES = Decimal("0.0001")
MOST = Decimal("99999999.9999")
"""``usage_value`` is a ``Double(12,4)`` above zero."""
LATE_LIMIT = timedelta(days=21)
"""``begin_time`` must not lie further back (error ``MKT.9004``)."""


def sendable(amount: Decimal) -> Decimal:
    """``amount`` without what is below 0.0001."""
    return amount.quantize(PLACES, ROUND_FLOOR)
