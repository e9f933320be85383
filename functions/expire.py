"""``expireInstance``: a period has ended; the data is kept (production interfaces, section 2.3; V2 freezes by
status).
"""

from shared.instance.freezing import freeze
from shared.pipelines.marketplace import Interface, endpoint

__all__ = ["handler"]

INTERFACE = Interface("expire", frozenset({"expireInstance"}), freeze)
handler = endpoint(INTERFACE)
