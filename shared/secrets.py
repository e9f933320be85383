"""Secrets by reference: AWS Secrets Manager, AWS Parameter Store, Huawei Cloud CSMS."""

import json
import time
from collections.abc import Callable, Mapping

from shared import log
from shared.config import Lookup, Resolver
from shared.errors import ConfigurationError

MAX_AGE = 300
"""Seconds a secret is kept in the process before it is read again, by the wall clock: other clocks stand still in a
process that a platform has frozen, or in a snapshot.
"""

_known: dict[tuple[str, str], tuple[float, str]] = {}


def resolver(lookup: Lookup) -> Resolver:
    """A resolver for references; ``lookup`` gives what reaching CSMS needs.

    :raises ConfigurationError: (when used) the store does not give the secret, or it has no such member.
    """
    fetchers: Mapping[str, Callable[[str], str]] = {
        "secretsmanager": _secrets_manager,
        "ssm": _parameter_store,
        "csms": lambda name: _csms(name, lookup),
    }

    def resolve(store: str, reference: str) -> str:
        name, _, member = reference.partition("#")
        secret = _kept(store, name, fetchers[store])
        return _member(secret, member) if member else secret

    return resolve


def forget_secrets() -> None:
    """Read every secret anew: those of a snapshot may be out of use."""
    _known.clear()


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
