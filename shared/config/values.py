"""What a setting's value may look like, and where it comes from."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from shared.development_keys import published
from shared.errors import ConfigurationError, NotSet

Lookup: TypeAlias = Callable[[str], str | None]
Resolver: TypeAlias = Callable[[str, str], str]

TOGETHER = "KOOGALLERY_SETTINGS"
"""The setting that is a JSON object of others, where a platform has room for few."""
REFERENCE = re.compile(r"(secretsmanager|ssm|csms|file):(\S+)")
PUBLISHED = "make keys of your own: the development keys are published ({})"
_YES = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}
_HUNDRED_YEARS = 100 * 366 * 86400.0
_SWITCHES = {*_YES, "none", "null"} - {"0", "1"}


def of(values: Mapping[str, str]) -> Lookup:
    """A lookup over a plain mapping."""
    return values.get


def spelt_out(name: str, value: object) -> str:
    """The value of setting ``name`` as text, where consoles and JSON keep numbers, switches and lists as such; empty
    for nothing.

    :raises ConfigurationError: it is no such value.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "on" if value else "off"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case list():
            return ",".join(spelt_out(name, part) for part in value)
    raise ConfigurationError(f"{name} must be text, a number, on or off, or a list of them")


@dataclass(frozen=True)
class Values:
    """Values by name, of the kinds there are. What cannot be read raises :class:`ConfigurationError`, naming the
    setting, never its value.
    """

    lookup: Lookup
    resolve: Resolver
    local: bool = True
    """May they hold the published keys? Only those of the local targets and of tests may."""

    def get(self, name: str, default: str = "") -> str:
        """The value of setting ``name``, a reference resolved."""
        value = (self.lookup(name) or "").strip() or self._together(name).strip() or default
        if reference := REFERENCE.fullmatch(value):
            try:
                value = self.resolve(reference[1], reference[2]).strip()
            except ConfigurationError as error:
                raise ConfigurationError(f"{name}: {error}") from None
        if not self.local and published(value):
            raise ConfigurationError(PUBLISHED.format(name))
        return value

    def _together(self, name: str) -> str:
        if name == TOGETHER or not (text := self.get(TOGETHER)):
            return ""
        return spelt_out(name, _object(text).get(name))

    def required(self, name: str) -> str:
        """Like ``get``, for a setting that must be there."""
        value = self.get(name)
        if not value:
            raise NotSet(f"set {name}")
        return value

    def keys(self, name: str) -> tuple[str, ...]:
        """A comma-separated list of keys, newest first; empty if not set. A switch is no key: everybody would guess
        it.
        """
        keys = tuple(key for part in self.get(name).split(",") if (key := part.strip()))
        if any(key.lower() in _SWITCHES for key in keys):
            raise ConfigurationError(f"{name} must be a key, not on or off")
        return keys

    def required_keys(self, name: str) -> tuple[str, ...]:
        """Like ``keys``, for a setting that must hold at least one."""
        if keys := self.keys(name):
            return keys
        raise NotSet(f"set {name}")

    def flag(self, name: str, *, default: bool = False) -> bool:
        """An on/off setting: 1, true, yes, on, 0, false, no, off."""
        try:
            return _YES[self.get(name, "on" if default else "off").lower()]
        except KeyError:
            raise ConfigurationError(f"{name} must be on or off") from None

    def seconds(self, name: str, default: float) -> float:
        """A number of seconds, from 0 to those of a hundred years."""
        try:
            value = float(self.get(name, str(default)))
        except ValueError:
            raise ConfigurationError(f"{name} must be a number of seconds") from None
        if not 0 <= value <= _HUNDRED_YEARS:
            raise ConfigurationError(f"{name} must be a number of seconds, 0 or more, at most a hundred years")
        return value

    def choice(self, name: str, *allowed: str) -> str:
        """One of ``allowed``; the first is the default."""
        value = self.get(name, allowed[0])
        if value not in allowed:
            raise ConfigurationError(f"{name} must be one of: {', '.join(allowed)}")
        return value

    def count(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to ``most``."""
        value = self.get(name, str(default))
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
            raise ConfigurationError(f"{name} must be a whole number from 1 to {most}")
        return int(value)


def forget_objects() -> None:
    """Let nothing stay of settings that came as one object, which may hold keys."""
    _object.cache_clear()


@lru_cache(maxsize=2)
def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ConfigurationError(f"{TOGETHER} must be a JSON object of settings")
    return value
