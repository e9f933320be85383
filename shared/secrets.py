"""Secrets by reference: AWS Secrets Manager, AWS Parameter Store, Huawei Cloud CSMS."""

import json
from collections.abc import Callable, Mapping

from shared import log
from shared.config import Lookup, Resolver
from shared.errors import ConfigurationError

MAX_AGE = 300
"""Seconds a secret is kept in the process before it is read again."""

_known: dict[tuple[str, str], str] = {}


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
        try:
            secret = _known[store, name] = fetchers[store](name)
        except Exception as error:  # noqa: BLE001 - each store's library has exceptions of its own
            if (store, name) not in _known:
                # The library's text may quote the request; its type is enough to act on.
                problem = f"a secret cannot be read from {store}: {type(error).__name__}"
                raise error if isinstance(error, ConfigurationError) else ConfigurationError(problem) from None
            log.alarm("a secret cannot be read again, its last value stays in use", reason=type(error).__name__)
            secret = _known[store, name]
        return _member(secret, member) if member else secret

    return resolve


def _member(secret: str, member: str) -> str:
    try:
        value = json.loads(secret)[member]
    except (ValueError, KeyError, TypeError):
        value = None
    return _text(value, "a secret has no such JSON member, as text, as its reference names")


def _text(value: object, problem: str) -> str:
    """``value``, which must not become a key by being spelt out: anybody could sign with ``None``."""
    if not isinstance(value, str):
        raise ConfigurationError(problem)
    return value


def _secrets_manager(name: str) -> str:
    from aws_lambda_powertools.utilities import parameters

    return _text(parameters.get_secret(name, max_age=MAX_AGE), "a secret in secretsmanager is no text")


def _parameter_store(name: str) -> str:
    from aws_lambda_powertools.utilities import parameters

    return _text(parameters.get_parameter(name, decrypt=True, max_age=MAX_AGE), "a secret in ssm is no text")


def _csms(name: str, lookup: Lookup) -> str:
    from shared.openapi.csms import read_secret

    return read_secret(name, lookup, MAX_AGE)
