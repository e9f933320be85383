"""The keys of the local targets. They stand in a public repository, so whoever relies on one relies on nothing."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256

KEYS: Mapping[str, str] = {
    "KOOGALLERY_KEY": "development-key-of-version-1",
    "KOOGALLERY_ACCESS_KEY": "development-access-key",
    "KOOGALLERY_SYNC_ACCESS_KEY": "development-sync-access-key",
    "KOOGALLERY_NOTIFY_ACCESS_KEY": "development-notify-access-key",
    "KOOGALLERY_USAGE_KEY": "development-usage-key",
    "KOOGALLERY_STORAGE_KEY": "development-storage-key",
    "KOOGALLERY_AK": "DEVELOPMENTAK",
    "KOOGALLERY_SK": "development-sk",
    "KOOGALLERY_APP_TOKEN": "development-application-token-for-this-machine-only",
}
"""Keys and tokens. The sample events are signed with them."""

_KNOWN = frozenset(KEYS.values())

PRIVATE_KEYS = ("KOOGALLERY_SESSION_KEY", "KOOGALLERY_RSA_PRIVATE_KEY")
_DIGESTS = frozenset(
    {
        "ca8c5cf3699f89f1b56a9411a3fda40ba729271cee31835e7c3dcc53d45148f1",
        "648c18533013fc1453d63e95d9ef9caa984dbbed6260d58bd925a16920b96346",
    }
)
"""SHA-256 of the text inside their PEM frames: private keys stand in no file."""
_PEM = re.compile(r"-----BEGIN [A-Z ]*-----(.*?)-----END", re.DOTALL)


def published(value: str) -> bool:
    """Is ``value``, or one of the keys in it, known to everybody?"""
    bodies = ("".join(body.replace("\\n", "").split()) for body in _PEM.findall(value))
    if any(sha256(body.encode()).hexdigest() in _DIGESTS for body in bodies):
        return True
    return any(part.strip() in _KNOWN for part in value.split(","))


def published_names(lookup: Callable[[str], str | None]) -> list[str]:
    """The settings that hold such a key, references not followed."""
    return [name for name in (*KEYS, *PRIVATE_KEYS) if published(lookup(name) or "")]
