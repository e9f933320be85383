"""The keys that were dealt with a moment ago, in as much memory however many there are."""

from collections.abc import Iterable
from hashlib import blake2b

BUCKETS = 32_768
EACH = 4
_BYTES = 8
"""Of a digest: that of another key is the same once in 10^18 times."""
_BUCKET = EACH * _BYTES


class Recent:
    """Knows no key that was not noted, but may forget any: each has its bucket, which holds the latest few. So however
    many keys come round in turn, some of them are still known; of what forgets the oldest of all none would be.
    """

    def __init__(self, buckets: int = BUCKETS) -> None:
        self._buckets, self._digests = buckets, bytearray()  # as long as nothing is noted

    def __contains__(self, key: str) -> bool:
        return self._holds(*self._digest(key))

    def note(self, keys: Iterable[str]) -> None:
        """They are dealt with."""
        self._digests = self._digests or bytearray(self._buckets * _BUCKET)
        for digest, begin in map(self._digest, keys):
            if not self._holds(digest, begin):
                end = begin + _BUCKET
                self._digests[begin:end] = digest + self._digests[begin : end - _BYTES]

    def _digest(self, key: str) -> tuple[bytes, int]:
        """The digest, and where its bucket begins."""
        digest = blake2b(key.encode(), digest_size=2 * _BYTES).digest()
        return digest[:_BYTES], int.from_bytes(digest[_BYTES:]) % self._buckets * _BUCKET

    def _holds(self, digest: bytes, begin: int) -> bool:
        return self._digests.find(digest, begin, begin + _BUCKET) >= 0
