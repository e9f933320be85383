"""Ids as the marketplace makes them: the same seed makes the same ones in the same order."""

from datetime import datetime
from hashlib import sha256

from emulator.marketplace.storage.database import Database
from emulator.order_ids import LETTERS, order_id


class Ids:
    """Numbers its ids in ``database``, so that none comes twice."""

    def __init__(self, database: Database, seed: int) -> None:
        self._database = database
        self._seed = seed

    def order(self, now: datetime) -> str:
        """An order id, e.g. ``CS2611221821ACILM``."""
        drawn = self._digest("order")
        return order_id(now, "".join(LETTERS[byte % len(LETTERS)] for byte in drawn[:5]))

    def hexadecimal(self, name: str) -> str:
        """32 characters: business ids, customers, subscriptions."""
        return self._digest(name).hex()[:32]

    def nonce(self) -> str:
        """64 characters."""
        return self._digest("nonce").hex().upper()

    def vector(self) -> str:
        """16 characters: what encryption begins with."""
        return self._digest("vector").hex()[:16]

    def _digest(self, name: str) -> bytes:
        return sha256(f"{self._seed} {name} {self._database.next_number(name)}".encode()).digest()
