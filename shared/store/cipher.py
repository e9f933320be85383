"""Encrypts secrets at rest. ``cryptography`` is imported where it is used."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

SEALED = re.compile(r"gAAAA[A-Za-z0-9_-]{60,}=*")
"""What is sealed begins with Fernet's version and the time."""
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")


class StorageCipher:
    """Secrets at rest (``KOOGALLERY_STORAGE_KEY``): Fernet, so encrypted and authenticated.

    :param keys: newest first: the newest seals, all open. Each is a Fernet key, or at least 16 characters long.
    :raises ConfigurationError: no key, or one that is too short.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or min(map(len, keys)) < 16:  # noqa: PLR2004 - said in the text
            raise ConfigurationError("KOOGALLERY_STORAGE_KEY must be a Fernet key or have 16 characters or more")
        self._keys = tuple(keys)

    def seal(self, text: str) -> str:
        """Encrypt; the result is ASCII.

        :raises ValueError: ``text`` holds a lone surrogate. The text is not shown.
        """
        return self._fernets.encrypt(_utf8(text)).decode()

    def open(self, token: str) -> str:
        """The text that was sealed.

        :raises ConfigurationError: no key opens it: the key it was sealed with is gone, or the store was tampered with.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernets.decrypt(token.encode("ascii", "replace")).decode()
        except InvalidToken:
            raise ConfigurationError(
                "KOOGALLERY_STORAGE_KEY does not open a stored secret: list the old key too"
            ) from None

    def resealed(self, token: str) -> str | None:
        """The same sealed with the newest key; ``None`` if it is.

        :raises ConfigurationError: as for :meth:`open`.
        """
        from cryptography.fernet import InvalidToken

        with suppress(InvalidToken):
            self._newest.decrypt(token.encode("ascii", "replace"))
            return None
        return self.seal(self.open(token))

    def mark(self, text: str) -> str:
        """A digest that tells ``text`` from any other, and gives nothing away to who has not the newest key."""
        key = hashlib.sha256(b"koogallery-functions mark" + _utf8(self._keys[0])).digest()
        return hmac.digest(key, _utf8(text), "sha256").hex()[:16]

    def prepare_for_calls(self) -> None:
        """Derive the keys."""
        _ = self._fernets

    @cached_property
    def _newest(self) -> "Fernet":
        return _fernet(self._keys[0])

    @cached_property
    def _fernets(self) -> "MultiFernet":
        from cryptography.fernet import MultiFernet

        return MultiFernet([_fernet(key) for key in self._keys])


def _fernet(key: str) -> "Fernet":
    """A Fernet key as it is; from anything else, a passphrase, the same key is derived each time."""
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    if _FERNET_KEY.fullmatch(key):
        return Fernet(key)
    derived = HKDF(SHA256(), length=32, salt=None, info=b"koogallery-functions storage key").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _utf8(text: str) -> bytes:
    """``UnicodeEncodeError`` would carry the whole text into a log."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ValueError("the text is not Unicode: it holds a lone surrogate") from None
