"""``expireInstance``: a period has ended; the data is kept (production interfaces, section 2.3; V2 freezes by
status).
"""

from shared.endpoint import Interface, endpoint
from shared.freezing import freeze

INTERFACE = Interface("expire", frozenset({"expireInstance"}), freeze)
handler = endpoint(INTERFACE)
