"""The keys that were dealt with a moment ago, in as much memory however many there are."""

from collections.abc import Iterable
from hashlib import blake2b

PLACES = 131_072
_BYTES = 8
"""Of a digest: that of another key is the same once in 10^19 times."""


class Recent:
    """Knows no key that was not noted, but may forget any: each has one place, which the next one there takes over. So
    however many keys come round in turn, some of them are still known; of what forgets the oldest none would be.
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
        digest = blake2b(key.encode(), digest_size=2 * _BYTES).digest()
        begin = int.from_bytes(digest[_BYTES:]) % self._places * _BYTES
        return digest[:_BYTES], slice(begin, begin + _BYTES)
