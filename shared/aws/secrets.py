"""Secrets in AWS: Secrets Manager and Systems Manager's Parameter Store.

Both raise :class:`shared.errors.ConfigurationError` if there is no such secret, or the function may not read it, and
:class:`shared.errors.Unavailable` if the service does not answer.
"""

from collections.abc import Mapping
from typing import Any

from shared.aws.service import Api, Service, ServiceError
from shared.errors import ConfigurationError

SECRETS_MANAGER = Api("secretsmanager", "secretsmanager", "SECRETS_MANAGER")
PARAMETER_STORE = Api("ssm", "AmazonSSM", "SSM")


def secret_in_secrets_manager(name: str) -> str:
    """The current version of the secret with this name or ARN."""
    return _text(_asked(SECRETS_MANAGER, "GetSecretValue", {"SecretId": name}).get("SecretString"), SECRETS_MANAGER)


def secret_in_parameter_store(name: str) -> str:
    """The latest version of the parameter with this name, decrypted."""
    answer = _asked(PARAMETER_STORE, "GetParameter", {"Name": name, "WithDecryption": True})
    return _text(answer.get("Parameter", {}).get("Value"), PARAMETER_STORE)


def _asked(api: Api, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return Service(api).call(operation, parameters)
    except ServiceError as error:
        raise ConfigurationError(f"a secret cannot be read from {api.name}: {error.code}") from None


def _text(value: Any, api: Api) -> str:
    """``value``, which must not become a key by being spelt out: anybody could sign with ``None``."""
    if not isinstance(value, str):
        raise ConfigurationError(f"a secret in {api.name} is no text")
    return value
