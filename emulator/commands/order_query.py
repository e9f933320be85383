"""The marketplace's order query, which a server of version 2 asks about real orders."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from emulator.development import KEYS
from emulator.openapi.order_query import OrderQueryApi, Orders
from emulator.wire.server import running
from shared.clock import SystemClock
from shared.config import Settings
from shared.secrets import resolver


def order_query(environ: Mapping[str, str], orders: Orders, port: int) -> AbstractContextManager[str]:
    """It answers while the block is open, to the access key of the settings, or to that of a laptop.

    :raises ConfigurationError: a reference leads nowhere.
    :raises OSError: the port is taken.
    """
    settings = Settings(environ.get, resolver(environ.get))
    ak, sk = (settings.get(name) or KEYS[name] for name in ("KOOGALLERY_AK", "KOOGALLERY_SK"))
    return running(OrderQueryApi(ak, sk, SystemClock(), orders).answer, port=port)
