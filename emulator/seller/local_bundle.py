"""The bundle on this machine: its app from the local settings."""

import math
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from emulator.development import completed
from shared.app import App
from shared.clock import Clock, SystemClock
from shared.config import PUBLISHED, Settings, of
from shared.development_keys import published_names
from shared.errors import ConfigurationError
from shared.login.sign_in import SignIn
from shared.outbound import Reach, is_loopback, shared_client
from shared.secrets import resolver

_LONGEST_OFFSET = 100 * 366 * 86400.0


@dataclass(frozen=True)
class Local:
    """Settings on this machine, the names of those that are development defaults, and a clock shifted as they say."""

    settings: Settings
    defaulted: list[str]
    offset: float
    clock: Clock


def local_settings(environ: Mapping[str, str]) -> Local:
    """The settings in ``environ``, what is missing replaced by its development default.

    :raises ConfigurationError: the clock's offset is no number of seconds.
    """
    values, defaulted = completed(environ)
    lookup = of(values)
    settings = Settings(lookup, resolver(lookup))
    offset = clock_offset(settings.get("KOOGALLERY_CLOCK_OFFSET", "0"))
    return Local(settings, defaulted, offset, SystemClock(offset))


def local_app(local: Local, **parts: Any) -> App:
    """The bundle with these settings, whose tenants may have the sign-in server of the emulator on this machine; the
    tables of a local DynamoDB engine are made.

    :param parts: in place of those that the settings name, as for :class:`shared.app.App`.
    :raises ConfigurationError: a setting cannot be used.
    """
    app = App(local.settings, clock=local.clock, sign_in=SignIn(shared_client(), Reach.PRIVATE), **parts)
    _ready(app)
    return app


def clock_offset(text: str) -> float:
    """The seconds of ``KOOGALLERY_CLOCK_OFFSET``.

    :raises ConfigurationError: it is no such number.
    """
    with suppress(ValueError):
        offset = float(text)
        if math.isfinite(offset) and abs(offset) <= _LONGEST_OFFSET:
            return offset
    raise ConfigurationError("KOOGALLERY_CLOCK_OFFSET must be a number of seconds, at most a hundred years")


def _ready(app: App) -> None:
    """Read and build what every call needs, so that what cannot work is said at the start."""
    settings = app.settings
    _refuse_strangers(settings)
    _ = settings.key, settings.access_key, settings.notify_access_key, settings.v1_zone, settings.cipher_bits
    _ = settings.deadline, settings.lease, settings.give_up
    _ = settings.app_tokens, settings.shards, settings.usage_batch, app.usage_push
    _ = app.tables, app.instances, app.provisioner, app.orders
    _ = settings.sync_access_key, settings.rsa_private_key, app.directory
    _make_tables(settings)


def _refuse_strangers(settings: Settings) -> None:
    """Behind an address that others reach, keys that everybody knows let everybody in."""
    host = urlsplit(settings.get("KOOGALLERY_PUBLIC_URL")).hostname or ""
    names = published_names(settings.get)
    if names and not is_loopback(host):
        raise ConfigurationError(f"KOOGALLERY_PUBLIC_URL is not this machine: {PUBLISHED.format(', '.join(names))}")


def _make_tables(settings: Settings) -> None:
    """Tables of a local engine are made here; on a platform the deployment makes them."""
    endpoint = settings.get("KOOGALLERY_DYNAMODB_ENDPOINT")
    if settings.get("KOOGALLERY_STORE") != "dynamodb" or not endpoint:
        return
    from botocore.exceptions import BotoCoreError, ClientError

    from shared.store.dynamodb import administration, ensure_tables

    if urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1"):
        # Every call is signed with something; an engine on this machine does not care with what.
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
    try:
        ensure_tables(
            administration(endpoint, settings.dynamodb_credentials),
            settings.table_prefix,
            settings.single_table,
        )
    except (BotoCoreError, ClientError) as error:
        raise ConfigurationError(f"KOOGALLERY_DYNAMODB_ENDPOINT: no tables there ({type(error).__name__})") from error
