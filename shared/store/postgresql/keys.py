"""Keys as they are stored: bytes, compared as such. Text of PostgreSQL holds no zero, and may sort by the rules of some
language.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import TypeAlias

from shared.store.items import checked_key
from shared.store.table import Write

Key: TypeAlias = tuple[bytes, bytes]

_MOST_PK = 1024
"""An entry of an index has room for 2,700 bytes in all."""


def partition(pk: str) -> bytes:
    """A partition key. Of a long one only the beginning is kept; what stands for the rest makes it longer than any that
    is kept as it is.
    """
    whole = pk.encode()
    return whole if len(whole) <= _MOST_PK else whole[:_MOST_PK] + sha256(whole).digest()


def key(pk: str, sk: str) -> Key:
    """Both parts.

    :raises ValueError: no engine has such a key.
    """
    checked_key(pk, sk)
    return partition(pk), sk.encode()


def key_of(write: Write) -> Key:
    return key(write.item["pk"], write.item["sk"])


def those(keys: Iterable[Key]) -> dict[str, list[bytes]]:
    """Different keys as statements take them: in their order, so that none waits for another that waits for it."""
    ordered = sorted(set(keys))
    return {"pks": [pk for pk, _ in ordered], "sks": [sk for _, sk in ordered]}
