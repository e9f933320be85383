"""The keys that were dealt with a moment ago, in as much memory however many there are."""

from collections.abc import Iterable
from hashlib import blake2b

PLACES = 65_536
_BYTES = 16
"""Of a digest: so long that no two keys have the same."""


class Recent:
    """Takes no key for another, but may forget any: each has one place, which the next one there takes over. So however
    many keys come round in turn, some of them are still known; of what forgets the oldest none would be.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._places, self._digests = places, bytearray(places * _BYTES)

    def __contains__(self, key: str) -> bool:
        digest, place = self._digest(key)
        return self._digests[place] == digest

    def note(self, keys: Iterable[str]) -> None:
        """They are dealt with."""
        for key in keys:
            digest, place = self._digest(key)
            self._digests[place] = digest

    def _digest(self, key: str) -> tuple[bytes, slice]:
        digest = blake2b(key.encode(), digest_size=_BYTES).digest()
        begin = int.from_bytes(digest[:8]) % self._places * _BYTES
        return digest, slice(begin, begin + _BYTES)
