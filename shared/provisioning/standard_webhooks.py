"""Signatures after the Standard Webhooks specification 1.0.0 (symmetric, ``v1``)."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from shared.clock import epoch_ms
from shared.errors import ConfigurationError

_PREFIX = "whsec_"
_SHORTEST = 24


def new_secret() -> str:
    """A secret that nobody has, as :func:`read_secret` reads it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def read_secret(text: str) -> bytes:
    """The key in ``whsec_<base64>`` (the prefix may be missing), at least 24 bytes.

    :raises ConfigurationError: if it is not that.
    """
    try:
        key = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError("a webhook secret must be whsec_ and base64") from None
    if len(key) < _SHORTEST:
        raise ConfigurationError(f"a webhook secret must hold at least {_SHORTEST} bytes")
    return key


def signed_headers(keys: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message.

    Each key signs, so that a receiver who knows any of them accepts the message while keys are exchanged.

    :param message_id: the same whenever the same message is sent again; without ``.``.
    :param at: moment of this attempt; receivers tolerate a few minutes.
    """
    timestamp = str(epoch_ms(at) // 1000)
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
