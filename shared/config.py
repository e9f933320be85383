"""Settings: one lookup by name, read when they are needed, never at import.

The lookup is the platform's (environment on Lambda; user data, then environment on FunctionGraph). A value of the form
``secretsmanager:NAME``, ``ssm:NAME`` or ``csms:NAME``, optionally with ``#MEMBER`` of a JSON secret, is a reference to
a secret store and is resolved when it is used, with a cache of a few minutes, so that a rotated secret is picked up
without a deployment.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import TypeAlias

from shared.development_keys import published
from shared.errors import ConfigurationError, NotSet

Lookup: TypeAlias = Callable[[str], str | None]
Resolver: TypeAlias = Callable[[str, str], str]

REFERENCE = re.compile(r"(secretsmanager|ssm|csms):(\S+)")
MIN_TOKEN = 32
"""Characters of the application's token, at least: usage and the buyers' people stand behind it."""
PUBLISHED = "make keys of your own: the development keys are published ({})"
API_URLS = "https://mkt.myhuaweicloud.com,https://mkt.myhuaweicloud.cn"
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
class Settings:
    """The settings in ``docs/settings.md``. Properties raise :class:`ConfigurationError`, naming the setting, never
    its value.
    """

    lookup: Lookup
    resolve: Resolver
    local: bool = True
    """May they hold the published keys? Only those of the local targets and of tests may."""

    def get(self, name: str, default: str = "") -> str:
        """The value of setting ``name``, a reference resolved."""
        value = (self.lookup(name) or "").strip() or default
        if reference := REFERENCE.fullmatch(value):
            try:
                value = self.resolve(reference[1], reference[2]).strip()
            except ConfigurationError as error:
                raise ConfigurationError(f"{name}: {error}") from None
        if not self.local and published(value):
            raise ConfigurationError(PUBLISHED.format(name))
        return value

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

    @property
    def key(self) -> tuple[str, ...]:
        """The Key of protocol version 1, newest first."""
        return self.required_keys("KOOGALLERY_KEY")

    @property
    def access_key(self) -> tuple[str, ...]:
        """The access keys of the basic V2 interfaces, newest first."""
        return self.required_keys("KOOGALLERY_ACCESS_KEY")

    @property
    def notify_access_key(self) -> tuple[str, ...]:
        """The access keys of ``orderNotify``; those of the basic interfaces where none is set."""
        return self.keys("KOOGALLERY_NOTIFY_ACCESS_KEY") or self.access_key

    @property
    def usage_key(self) -> str:
        """The key that signs usage pushes: the access key of the basic interfaces where none is set (metering and open
        APIs, section 13).
        """
        keys = self.keys("KOOGALLERY_USAGE_KEY") or self.keys("KOOGALLERY_ACCESS_KEY")
        return (keys or self.required_keys("KOOGALLERY_USAGE_KEY"))[0]

    @property
    def sync_access_key(self) -> tuple[str, ...]:
        """The access keys of the V2 sync interfaces, newest first."""
        return self.required_keys("KOOGALLERY_SYNC_ACCESS_KEY")

    @property
    def app_tokens(self) -> tuple[str, ...]:
        """The tokens of the seller's application, newest first, each long enough not to be guessed."""
        tokens = self.required_keys("KOOGALLERY_APP_TOKEN")
        if min(map(len, tokens)) < MIN_TOKEN:
            raise ConfigurationError(f"KOOGALLERY_APP_TOKEN: each token must have {MIN_TOKEN} characters or more")
        return tokens

    @property
    def rsa_private_key(self) -> str:
        """PEM of the private keys whose public ones the marketplace encrypts client secrets with; one or several."""
        return self.required("KOOGALLERY_RSA_PRIVATE_KEY")

    @property
    def storage_key(self) -> tuple[str, ...]:
        """The keys that seal secrets at rest, newest first."""
        return self.required_keys("KOOGALLERY_STORAGE_KEY")

    @property
    def base_path(self) -> str:
        """Path of the production address: starts with ``/`` and does not end with one, but for the root itself."""
        return "/" + self.get("KOOGALLERY_BASE_PATH", "/saas").strip("/")

    @property
    def notify_path(self) -> str:
        """Path of the address of ``orderNotify``, which may have one of its own; the production address's otherwise."""
        own = self.get("KOOGALLERY_NOTIFY_PATH").strip("/")
        return f"/{own}" if own else self.base_path

    @property
    def api_urls(self) -> tuple[str, ...]:
        """Open-API hosts, in the order in which they are tried."""
        return tuple(
            url.strip().rstrip("/") for url in self.get("KOOGALLERY_API_URLS", API_URLS).split(",") if url.strip()
        )

    @property
    def deadline(self) -> float:
        """Seconds within which the marketplace gets an answer."""
        return self.seconds("KOOGALLERY_DEADLINE", 4.0)

    @property
    def lease(self) -> timedelta:
        """How long a claim holds if its owner dies; longer than the slowest provisioner call."""
        return timedelta(seconds=self.seconds("KOOGALLERY_LEASE", 60.0))

    @property
    def give_up(self) -> timedelta:
        """After how long a creation that is still pending is undone: the marketplace refunds after 3 hours (section
        2.1).
        """
        return timedelta(seconds=self.seconds("KOOGALLERY_GIVE_UP", 4 * 3600.0))

    @property
    def forget_after(self) -> timedelta:
        """How long after a tenant was unbound the people who belonged to it are forgotten: with the next sweep, or
        later.
        """
        return timedelta(seconds=self.seconds("KOOGALLERY_FORGET_AFTER", 0.0))

    @property
    def v1_window(self) -> float | None:
        """Greatest age of a V1 ``timeStamp`` in seconds; ``None`` for no limit (section 4.1 documents none)."""
        return self.seconds("KOOGALLERY_V1_WINDOW", 0.0) or None

    @property
    def v1_pending(self) -> str:
        """What V1 answers while creation is pending: ``busy`` (``000004``) or ``accept`` (success without
        ``appInfo``).
        """
        return self.choice("KOOGALLERY_V1_PENDING", "busy", "accept")

    @property
    def v1_zone(self) -> timezone:
        """Time zone of V1 ``expireTime``, which no page states; the console's samples are Beijing time (section
        2.1).
        """
        try:
            return timezone(timedelta(hours=float(self.get("KOOGALLERY_V1_UTC_OFFSET", "8"))))
        except (ValueError, OverflowError):
            raise ConfigurationError("KOOGALLERY_V1_UTC_OFFSET must be a number of hours") from None

    @property
    def cipher_bits(self) -> int:
        """AES size of V1 fields, as chosen when the product was published: 256 or 128."""
        return int(self.choice("KOOGALLERY_AES_BITS", "256", "128"))

    @property
    def shards(self) -> int:
        """Into how many shards metering is divided, 1 to 1024; must not change while usage is due."""
        return self._count("KOOGALLERY_SHARDS", 4, 1024)

    @property
    def usage_batch(self) -> int:
        """Records in one usage push, 1 to 1000 (metering and open APIs, section 2.3)."""
        return self._count("KOOGALLERY_USAGE_BATCH", 1000, 1000)

    @property
    def daily_products(self) -> frozenset[str]:
        """Product or specification ids that are billed by the day; all others by the hour."""
        return frozenset(self.keys("KOOGALLERY_DAILY_PRODUCTS"))

    def _count(self, name: str, default: int, most: int) -> int:
        value = self.get(name, str(default))
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
            raise ConfigurationError(f"{name} must be a whole number from 1 to {most}")
        return int(value)
