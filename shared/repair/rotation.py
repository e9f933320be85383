"""``koogallery rotate``: a key is exchanged in steps, each of which can be undone and none of which refuses a call.

    one key    old         add     the new one behind it: both verify, the old one signs
    added      old, new    switch  the new one in front: once the other side has it
    switched   new, old    drop    the old one: once nobody uses it, and nothing is sealed with it
    one key    new

A list of keys does not say which of two is the new one, so whoever gives the step says what the list is.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from shared import log
from shared.config import Settings, of
from shared.errors import ConfigurationError

PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)


class RotationStep(StrEnum):
    ADD = "add"
    SWITCH = "switch"
    DROP = "drop"


KEYS_BEFORE = {RotationStep.ADD: 1, RotationStep.SWITCH: 2, RotationStep.DROP: 2}
"""How many keys there are when a step is taken."""


@dataclass(frozen=True, slots=True)
class KeyKind:
    """A setting whose key can be exchanged. ``make`` makes one, ``None`` where the marketplace gives it. ``check``
    raises :class:`ConfigurationError` for a list that cannot be used.
    """

    make: Callable[[], str] | None
    check: Callable[[Settings], object]
    pem: bool = False


def rotated(keys: Sequence[str], step: RotationStep, new: str = "") -> tuple[str, ...]:
    """The list after a step.

    :raises ConfigurationError: there are more or fewer keys than before such a step, or the new one is among them.
    """
    if len(keys) != KEYS_BEFORE[step]:
        raise ConfigurationError(f"there must be {KEYS_BEFORE[step]} keys before this step, and there are {len(keys)}")
    match step:
        case RotationStep.ADD:
            if new in keys:
                raise ConfigurationError("the new key is the old one")
            return (*keys, new)
        case RotationStep.SWITCH:
            return keys[1], keys[0]
        case RotationStep.DROP:
            return (keys[0],)


def keys_in(name: str, value: str) -> tuple[str, ...]:
    """The keys of a setting's value, newest first."""
    if KINDS[name].pem:
        return tuple(PEM.findall(value.replace("\\n", "\n")))
    return tuple(key for part in value.split(",") if (key := part.strip()))


def value_of(name: str, keys: Sequence[str]) -> str:
    """The value of the setting that holds these keys.

    :raises ConfigurationError: the bundle could not use it.
    """
    value = "\n".join(keys) if KINDS[name].pem else ",".join(keys)
    if keys_in(name, value) != tuple(keys):
        raise ConfigurationError("a key must be one, without a comma in it")
    KINDS[name].check(Settings(of({name: value}), lambda _store, name: name))
    return value


def note(name: str, step: RotationStep) -> None:
    """Log that a step was written, for whoever asks later when it was; no key is in the line."""
    log.event("a key was rotated", setting=name, state=step.value)


def fingerprint(key: str) -> str:
    """Tells keys apart and gives none away."""
    return sha256(b"koogallery-functions fingerprint" + key.encode()).hexdigest()[:8]


def _storage(settings: Settings) -> None:
    from shared.store.cipher import StorageCipher

    for keys in (settings.storage_key, *((key,) for key in settings.storage_key)):
        cipher = StorageCipher(keys)
        cipher.open(cipher.seal("pair"))


def _signing(keys: Sequence[str]) -> None:
    from shared.protocol.signing import body_sign, verify_body_sign

    for key in keys:
        verify_body_sign(key, body_sign(key, b"pair"), b"pair")


def _webhook(texts: Sequence[str]) -> None:
    from shared.provisioning.standard_webhooks import read_secret

    for text in texts:
        read_secret(text)


def _client_secret(settings: Settings) -> None:
    from shared.errors import InvalidParameter
    from shared.protocol.client_secret import decrypt_secret

    try:
        decrypt_secret(settings.rsa_private_key, "")
    except InvalidParameter:
        return  # the keys can be used, and open nothing that is not there


def _session(settings: Settings) -> None:
    from shared.login.token import SessionTokens

    SessionTokens(settings.session_key, "", "").key_set()


def _token() -> str:
    return secrets.token_urlsafe(32)


def _webhook_secret() -> str:
    from shared.provisioning.standard_webhooks import new_secret

    return new_secret()


def _p256() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


def _rsa() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


KINDS: Mapping[str, KeyKind] = {
    "KOOGALLERY_KEY": KeyKind(None, lambda settings: _signing(settings.key)),
    "KOOGALLERY_ACCESS_KEY": KeyKind(None, lambda settings: _signing(settings.access_key)),
    "KOOGALLERY_SYNC_ACCESS_KEY": KeyKind(None, lambda settings: settings.sync_access_key),
    "KOOGALLERY_NOTIFY_ACCESS_KEY": KeyKind(None, lambda settings: settings.notify_access_key),
    "KOOGALLERY_USAGE_KEY": KeyKind(None, lambda settings: settings.usage_key),
    "KOOGALLERY_STORAGE_KEY": KeyKind(_token, _storage),
    "KOOGALLERY_APP_TOKEN": KeyKind(_token, lambda settings: settings.app_tokens),
    "KOOGALLERY_WEBHOOK_SECRET": KeyKind(_webhook_secret, lambda settings: _webhook(settings.webhook_secrets)),
    "KOOGALLERY_EVENTS_SECRET": KeyKind(_webhook_secret, lambda settings: _webhook(settings.events_secrets)),
    "KOOGALLERY_SESSION_KEY": KeyKind(_p256, _session, pem=True),
    "KOOGALLERY_RSA_PRIVATE_KEY": KeyKind(_rsa, _client_secret, pem=True),
}
"""The settings whose key can be exchanged; the first ones are given by the marketplace."""
