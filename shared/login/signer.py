"""Text that a browser keeps for us: it can be read and thrown away, but neither changed nor kept for longer than it
counts.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from shared.clock import Clock
from shared.errors import AuthenticationError

SKEW_SECONDS = 60
"""How far ahead the clock of the process that signed may have been."""
_PURPOSE = b"koogallery-functions signed cookie"


class CookieSigner:
    """Signs with HMAC-SHA256, and with the time.

    :param keys: ``KOOGALLERY_STORAGE_KEY``, newest first: the newest signs, all verify. Each is used through a key of
        its own, derived for this purpose.
    """

    def __init__(self, keys: Sequence[str], clock: Clock) -> None:
        self._keys, self._clock = [hmac.digest(key.encode(), _PURPOSE, "sha256") for key in keys], clock

    def sign(self, text: str) -> str:
        """``text``, the UTC epoch second, and the signature over both, in characters a cookie's value may hold."""
        signed = f"{_encoded(text.encode())}.{self._now()}"
        return f"{signed}.{_encoded(_signature(self._keys[0], signed))}"

    def unsign(self, value: str, seconds: int) -> tuple[str, int]:
        """The text that was signed, and when (UTC epoch seconds).

        :param seconds: for how long after that it counts.
        :raises AuthenticationError: none of the keys signed it, or too long ago. One error for every cause.
        """
        signed, _, signature = value.rpartition(".")
        # All are compared, so that the time taken does not tell which one came close.
        given = signature.encode("ascii", "replace")
        matches = [hmac.compare_digest(_encoded(_signature(key, signed)).encode(), given) for key in self._keys]
        if not any(matches):
            raise AuthenticationError("signature")
        text, _, moment = signed.partition(".")
        if not -SKEW_SECONDS <= self._now() - int(moment) <= seconds:
            raise AuthenticationError("window")
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode(), int(moment)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _signature(key: bytes, signed: str) -> bytes:
    return hmac.digest(key, signed.encode("utf-8", "replace"), "sha256")


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
