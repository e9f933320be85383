"""Secrets by reference: AWS Secrets Manager, AWS Parameter Store, Huawei Cloud CSMS, files."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from shared import log
from shared.config import Lookup, Resolver
from shared.errors import ConfigurationError

MAX_AGE = 300
"""Seconds a secret is kept in the process before it is read again, by the wall clock: other clocks stand still in a
process that a platform has frozen, or in a snapshot.
"""

_known: dict[tuple[str, str], tuple[float, str]] = {}
_stamps: dict[str, tuple[int, ...]] = {}


def resolver(lookup: Lookup) -> Resolver:
    """A resolver for references; ``lookup`` gives what reaching CSMS needs.

    :raises ConfigurationError: (when used) the store does not give the secret, or it has no such member.
    """
    fetchers: Mapping[str, Callable[[str], str]] = {
        "secretsmanager": _secrets_manager,
        "ssm": _parameter_store,
        "csms": lambda name: _csms(name, lookup),
        "file": _file,
    }

    def resolve(store: str, reference: str) -> str:
        name, _, member = reference.partition("#")
        if store == "file":
            _forget_changed(name)
        secret = _kept(store, name, fetchers[store])
        return _member(secret, member) if member else secret

    return resolve


def forget_secrets() -> None:
    """Read every secret anew: those of a snapshot may be out of use."""
    _known.clear()
    _stamps.clear()


def _kept(store: str, name: str, fetch: Callable[[str], str]) -> str:
    """The secret, read at most ``MAX_AGE`` ago, or longer ago where it cannot be read any more."""
    read_at, last = _known.get((store, name), (0.0, None))
    if last is not None and 0 <= time.time() - read_at <= MAX_AGE:
        return last
    try:
        secret = fetch(name)
    except Exception as error:  # noqa: BLE001 - what finds credentials has exceptions of its own
        # Texts that are not the bundle's own may quote the request; what kind of error it is is enough to act on.
        reason = str(error) if isinstance(error, ConfigurationError) else type(error).__name__
        if last is None:
            problem = ConfigurationError(f"a secret cannot be read from {store}: {reason}")
            raise error if isinstance(error, ConfigurationError) else problem from None
        log.alarm("a secret cannot be read again, its last value stays in use", reason=reason)
        return last
    _known[store, name] = time.time(), secret
    return secret


def _member(secret: str, member: str) -> str:
    """A member, which must not become a key by being spelt out: anybody could sign with ``None``."""
    try:
        value = json.loads(secret)[member]
    except (ValueError, KeyError, TypeError):
        value = None
    if not isinstance(value, str):
        raise ConfigurationError("a secret has no such JSON member, as text, as its reference names")
    return value


def _secrets_manager(name: str) -> str:
    from shared.aws.secrets import secret_in_secrets_manager

    return secret_in_secrets_manager(name)


def _parameter_store(name: str) -> str:
    from shared.aws.secrets import secret_in_parameter_store

    return secret_in_parameter_store(name)


def _csms(name: str, lookup: Lookup) -> str:
    from shared.openapi.csms import read_secret

    return read_secret(name, lookup)


def _file(name: str) -> str:
    """What is in the file, without the end of its last line.

    :raises ConfigurationError: it cannot be read, or its name is not absolute.
    """
    if not name.startswith("/"):
        raise ConfigurationError("its name must begin with /")
    try:
        return Path(name).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, ValueError) as error:
        raise ConfigurationError(type(error).__name__) from None


def _forget_changed(name: str) -> None:
    """Files are as old as they say, so one that is another than before is read at once."""
    with suppress(OSError, ValueError):
        found = Path(name).stat()
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if _stamps.get(name) != stamp and ("file", name) in _known:
            _known["file", name] = (0.0, _known["file", name][1])
        _stamps[name] = stamp
