"""Values that arrive encrypted or encoded: what is in them is replaced, and they are sealed with development keys."""

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

from emulator.development import KEYS, rsa_key
from emulator.recorder.substitutes import Substitutes
from emulator.wire.client_secret import encrypt_secret, public_half
from shared.errors import InvalidParameter
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.sync.lenient_json import compact, parse

_SEALED = re.compile(r"[0-9A-Za-z]{16}(?P<text>(?:[0-9A-Za-z+/]{4})+(?:[0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?)")
_BLOCK = 16
_LEAST_RSA = 128


class SealedFields:
    """``mobilePhone`` and ``email`` of version 1, ``clientSecret``, ``saasExtendParams``.

    :param keys: the seller's own of version 1. With one of them the same phone number gets the same substitute in each
        call; without, every ciphertext is taken for another number.
    """

    def __init__(self, substitutes: Substitutes, keys: Sequence[str]) -> None:
        self._substitutes = substitutes
        self._opens = FieldCipher(keys) if keys else None
        self._seals = FieldCipher((KEYS["KOOGALLERY_KEY"],))
        self._secrets: dict[str, str] = {}

    def contact(self, name: str, value: str) -> str:
        """A phone number or a mail address; what is not encrypted is replaced as it is."""
        text = value.replace(" ", "+")
        if not _is_sealed(text):
            return self._substitutes.of(value)
        made = self._contact(name, text)
        return self._seals.encrypt(made, iv=self._substitutes.secret(f"iv of {text}", 16))

    def client_secret(self, value: str) -> str:
        """A client secret, encrypted for the development key; what cannot be such a thing is replaced as it is."""
        if not _is_rsa(value):
            return self._substitutes.of(value)
        if value not in self._secrets:
            self._secrets[value] = encrypt_secret(public_half(rsa_key()), self._substitutes.secret(value))
        return self._secrets[value]

    def extend_params(self, value: str, clean: Callable[[list[Any]], list[Any]]) -> str:
        """The extension parameters, each value cleaned; what cannot be read is replaced as it is."""
        text = value.replace(" ", "+")
        try:
            items = parse(base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode())
        except ValueError:
            items = None
        if not isinstance(items, list):
            return self._substitutes.of(value)
        return base64.b64encode(compact(clean(items)).encode()).decode()

    def _contact(self, name: str, text: str) -> str:
        try:
            known = self._opens.decrypt(text, field=name) if self._opens else None
        except InvalidParameter:
            known = None
        if known and known.strip():
            return self._substitutes.of(known)
        return self._substitutes.mail(text) if name == "email" else self._substitutes.phone(text)


def _is_sealed(text: str) -> bool:
    match = _SEALED.fullmatch(text)
    return match is not None and len(base64.b64decode(match["text"])) % _BLOCK == 0


def _is_rsa(value: str) -> bool:
    try:
        data = base64.b64decode(value.strip().replace(" ", "+"), validate=True)
    except ValueError:
        return False
    return len(data) >= _LEAST_RSA and len(data) % 64 == 0
