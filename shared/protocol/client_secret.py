"""``clientSecret`` on its way from the marketplace: RSA with OAEP padding (joint operation, section 3.1)."""

import base64
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.errors import ConfigurationError, InvalidParameter

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LEAST_BITS = 3072
SETTING = "KOOGALLERY_RSA_PRIVATE_KEY"
_BLOCK = re.compile(r"-----BEGIN (?P<kind>(?:[A-Z]+ )*)PRIVATE KEY-----(?P<body>.*?)-----END", re.DOTALL)


def decrypt_secret(private_keys: str, ciphertext: str) -> str:
    """The secret, by the first key and combination of hashes that opens it.

    No page says which hashes are used, so those are tried that Java programs use: SHA-256 for both, SHA-256 with MGF1
    of SHA-1 (Java's default for OAEP with SHA-256), SHA-1 for both. PKCS #1 v1.5 is never tried.

    :param private_keys: one or more PEM blocks, PKCS #8 or PKCS #1, in any order. Line breaks may be lost, or be
        written as ``\\n``, as settings often have them.
    :param ciphertext: base64; a space is read as ``+``.
    :raises InvalidParameter: nothing opens it. One error for every cause.
    :raises ConfigurationError: there is no usable key.
    """
    keys = _keys(private_keys)
    try:
        data = base64.b64decode(re.sub(r"[\r\n]", "", ciphertext).strip().replace(" ", "+"), validate=True)
    except ValueError:
        data = b""
    for key in keys:
        for padding in _paddings():
            try:
                return key.decrypt(data, padding).decode()
            except ValueError:  # length, padding or UTF-8
                continue
    raise InvalidParameter("clientSecret cannot be decrypted")


def check_private_keys(private_keys: str) -> None:
    """Are they such keys?

    :raises ConfigurationError: one is none.
    """
    _keys(private_keys)


def _keys(private_keys: str) -> tuple["RSAPrivateKey", ...]:
    keys = tuple(_key(block) for block in _BLOCK.finditer(private_keys.replace("\\n", "\n")))
    if not keys:
        raise ConfigurationError(f"{SETTING} must hold a private key in PEM form")
    return keys


def _key(block: re.Match[str]) -> "RSAPrivateKey":
    if "ENCRYPTED" in block["kind"]:
        raise ConfigurationError(f"{SETTING} must not be encrypted: keep it in a secret store instead")
    return _loaded("".join(block["body"].split()))


@lru_cache(maxsize=4)
def _loaded(body: str) -> "RSAPrivateKey":
    """The key of a block. To check one takes a tenth of a second or two, and others may come or go beside it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        key = load_der_private_key(base64.b64decode(body), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError(f"{SETTING} holds a block that is no private key") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ConfigurationError(f"{SETTING} must hold RSA keys of {LEAST_BITS} bits or more")
    return key


def _paddings() -> Iterator["OAEP"]:
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    yield OAEP(MGF1(SHA256()), SHA256(), label=None)
    yield OAEP(MGF1(SHA1()), SHA256(), label=None)  # noqa: S303 - OAEP does not rest on collision resistance
    yield OAEP(MGF1(SHA1()), SHA1(), label=None)  # noqa: S303 - as above
