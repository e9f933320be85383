"""What one usage record may say (metering and open APIs, sections 2.3 and 2.4)."""

from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

PLACES = Decimal("0.0001")
MOST = Decimal("99999999.9999")
"""``usage_value`` is a ``Double(12,4)`` above zero."""
LATE_LIMIT = timedelta(days=21)
"""``begin_time`` must not lie further back (error ``MKT.9004``)."""

TIME = "%Y%m%dT%H%M%SZ"


@lru_cache(maxsize=1024)
def time_text(moment: datetime) -> str:
    """A time (UTC) as it is sent: ``20261120T080000Z``. Most records begin and end when many others do."""
    return f"{moment:{TIME}}"


def sendable(amount: Decimal) -> Decimal:
    """``amount`` without what is below 0.0001."""
    return amount.quantize(PLACES, ROUND_FLOOR)
