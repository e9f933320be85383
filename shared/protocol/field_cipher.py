"""Encryption of single fields, as the marketplace does it (production interfaces, section 6.3).

``cryptography`` is imported where it is used: verifying a signature must not pay for it.
"""

import base64
import hashlib
import secrets
import string
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from shared.errors import ConfigurationError, InvalidParameter
from shared.protocol.base64_text import as_sent, decoded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

MAX_CIPHERTEXT = 128
"""Longest encrypted ``userName`` or ``password``: 79 bytes of text (production interfaces, section 2.1)."""

_ENCRYPT_TYPES = {256: "1", 128: "2"}
_BLOCK = 16  # bytes of an AES block, hence characters of an IV
_IV_CHARACTERS = string.digits * 26 + string.ascii_letters * 5  # the marketplace's are digits one time in two
_LONGEST_PLAIN = 256  # characters; documented are 64 of phone and mail (production interfaces, section 14)


@lru_cache(maxsize=64)
def derive_key(access_key: str, bits: int) -> bytes:
    """The AES key Java makes of a ``SHA1PRNG`` seeded with ``access_key`` (production interfaces, section 6.3).

    Sun's generator hashes its state for every 20 bytes of output. Between two of them it adds the output and one to the
    state, byte by byte from the first on; bytes are signed, and so is the carry.

    :param bits: 128 or 256.
    """
    sha1 = partial(hashlib.sha1, usedforsecurity=False)  # the marketplace's derivation, not our choice
    state = sha1(access_key.encode()).digest()
    output = b""
    while len(output) * 8 < bits:
        chunk = sha1(state).digest()
        output += chunk
        state = _next_state(state, chunk)
    return output[: bits // 8]


class FieldCipher:
    """AES-CBC for single fields: 16 characters of IV, then base64 (production interfaces, section 6.3).

    A wrong key gets past the padding by chance, about once in a million fields. Where a signature tells which key is
    in use, build the cipher with that key first.

    :param keys: V1 keys, newest first: the newest encrypts, all decrypt.
    :param bits: 256 or 128, as chosen when the product was published; decrypting falls back to the other size.
    :raises ConfigurationError: no key, or another size.
    """

    def __init__(self, keys: Sequence[str], bits: int = 256) -> None:
        if not keys or not all(keys):
            raise ConfigurationError("KOOGALLERY_KEY is needed for encrypted fields")
        if bits not in _ENCRYPT_TYPES:
            raise ConfigurationError("encrypted fields use 256 or 128 bits")
        self._keys = tuple(keys)
        self._sizes = sorted(_ENCRYPT_TYPES, key=lambda size: size != bits)

    @property
    def encrypt_type(self) -> str:
        """``encryptType`` of an answer: ``1`` for 256 bits, ``2`` for 128."""
        return _ENCRYPT_TYPES[self._sizes[0]]

    def encrypt(self, text: str, *, iv: str | None = None) -> str:
        """Encrypt with the newest key. ``MAX_CIPHERTEXT`` is for the caller to keep: text of n bytes
        becomes ``16 + 4 * ceil((n // 16 + 1) * 16 / 3)`` characters.

        :param iv: 16 ASCII characters, for vectors; random if absent.
        :raises ValueError: ``text`` holds a lone surrogate, or ``iv`` has another form. The text is not shown.
        """
        from cryptography.hazmat.primitives.padding import PKCS7

        iv = iv or _random_iv()
        padder = PKCS7(_BLOCK * 8).padder()
        padded = padder.update(_utf8(text)) + padder.finalize()
        encryptor = _aes(self._keys[0], self._sizes[0], iv.encode("ascii")).encryptor()
        return iv + base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def decrypt(self, value: str, *, field: str) -> str | None:
        """Decrypt with the first key that fits, each in the configured size first. Spaces are read as ``+``.

        :param field: the parameter's name, for the error.
        :returns: the text, or ``None`` for a value that holds no more than an IV.
        :raises InvalidParameter: no key opens it. One error for every cause.
        """
        if len(value) <= _BLOCK:
            return None
        for key in self._keys:
            for bits in self._sizes:
                try:
                    return _decrypted(_aes(key, bits, value[:_BLOCK].encode("ascii")), value[_BLOCK:])
                except ValueError:  # base64, length, padding or UTF-8
                    continue
        raise InvalidParameter(f"{field} cannot be decrypted")

    def reveal(self, value: str, *, field: str) -> str:
        """What a buyer's parameter says: decrypted where it has the form of a ciphertext, spelt in any way that
        :mod:`shared.protocol.base64_text` undoes; anything else is plain text.

        :param field: the parameter's name, for the error.
        :raises InvalidParameter: no key opens it, or it is no text anyone would have typed.
        """
        for text in as_sent(value):
            if form := _ciphertext(text):
                return self.decrypt(form, field=field) or ""
        plain = unquote(value).strip()
        if len(plain) > _LONGEST_PLAIN or not plain.isprintable():
            raise InvalidParameter(f"{field} cannot be decrypted")
        return plain


def _next_state(state: bytes, output: bytes) -> bytes:
    result = bytearray()
    carry = 1
    for a, b in zip(memoryview(state).cast("b"), memoryview(output).cast("b"), strict=True):
        total = a + b + carry
        result.append(total & 0xFF)
        carry = total >> 8
    return bytes(result)


def _random_iv() -> str:
    return "".join(secrets.SystemRandom().choices(_IV_CHARACTERS, k=_BLOCK))


def _utf8(text: str) -> bytes:
    """``UnicodeEncodeError`` would carry the whole text into a log."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ValueError("the text is not Unicode: it holds a lone surrogate") from None


def _aes(access_key: str, bits: int, iv: bytes) -> "Cipher[modes.CBC]":
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(derive_key(access_key, bits)), modes.CBC(iv))


def _ciphertext(text: str) -> str | None:
    """``text`` as :meth:`FieldCipher.encrypt` spells it, if that is what it is: an IV, and base64 of whole blocks."""
    try:
        data = decoded(text[_BLOCK:])
    except ValueError:
        return None
    sealed = bool(data) and len(data) % _BLOCK == 0 and set(text[:_BLOCK]) <= set(_IV_CHARACTERS)
    return text[:_BLOCK] + base64.b64encode(data).decode() if sealed else None


def _decrypted(cipher: "Cipher[modes.CBC]", text: str) -> str:
    from cryptography.hazmat.primitives.padding import PKCS7

    text = text.replace(" ", "+")
    data = base64.b64decode(text)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the one base64 form")
    decryptor = cipher.decryptor()
    unpadder = PKCS7(_BLOCK * 8).unpadder()
    padded = decryptor.update(data) + decryptor.finalize()
    return (unpadder.update(padded) + unpadder.finalize()).decode()
