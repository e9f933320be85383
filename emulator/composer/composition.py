"""The call that becomes of what stands in its fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.checks.reading import ACCEPTED, SUCCESS
from emulator.composer.interfaces import CallField, ComposedInterface
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.step import Step
from emulator.journey.life import LifeCall
from emulator.keys import SETTINGS, key_name
from emulator.texts import Text
from shared.commands import Version
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params


class NotComposed(ValueError):
    """No call becomes of it. ``field``: which one is at fault, empty for none."""

    def __init__(self, what: Text, name: str = "") -> None:
        super().__init__(str(what))
        self.what = what
        self.field = name


@dataclass(frozen=True)
class CallWish:
    """A call somebody wants. ``values``: by field, what is empty is not sent. ``real``: it is no debug call, so it
    changes something. ``code``: the result code that is right, empty for success.
    """

    call: ComposedInterface
    values: Mapping[str, str]
    real: bool = False
    code: str = ""


def compose(factory: CallFactory, wish: CallWish) -> Step:
    """The call, which is signed each time it is made.

    :raises NotComposed: a value cannot be sent, or the key is missing.
    """
    call, members = wish.call, _members(factory, wish)
    needed = key_name(call.version, call.name, sync=call.sync)
    if not getattr(factory.keys, needed):
        raise NotComposed(Text("composer.key", setting=SETTINGS[needed]))
    return _step(factory, wish, members)


def _step(factory: CallFactory, wish: CallWish, members: Mapping[str, Any]) -> Step:
    call = wish.call
    opening = call.version is Version.V2 and call.name == "newInstance"
    expected = {"codes": (wish.code,) if wish.code else ACCEPTED if opening else SUCCESS}
    if call.sync:
        return factory.sync(call.version, call.name, members, real=wish.real, **expected)
    if wish.real:
        return factory.real(LifeCall(call.version, call.name, members, expected))
    return factory.debug(call.version, call.name, members, **expected)


def _members(factory: CallFactory, wish: CallWish) -> dict[str, Any]:
    return {name: _value(factory, wish.call.field(name), value) for name, value in wish.values.items() if value.strip()}


def _value(factory: CallFactory, known: CallField, value: str) -> Any:
    if known.kind == "number" and value.strip().lstrip("-").isdecimal():
        return int(value)
    if known.kind == "secret":
        return FieldCipher([factory.keys.key], factory.bits).encrypt(value)
    if known.kind == "pairs" and value.lstrip().startswith("["):
        return encode_extend_params(_json(known, value))
    return _json(known, value) if known.kind == "json" else value


def _json(known: CallField, value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise NotComposed(Text("composer.json", field=known.name), known.name) from None
