"""The connection to the service, and what its answers mean."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeAlias

from shared.aws.credentials import Credentials, current_credentials
from shared.aws.service import Api, Service, ServiceError
from shared.errors import Unavailable

DYNAMODB = Api("dynamodb", "DynamoDB_20120810", "DYNAMODB", "1.0")

Operation: TypeAlias = Callable[..., Mapping[str, Any]]


class Client(Protocol):
    """What the engine needs of the service. Each operation raises :class:`shared.aws.service.ServiceError` if the
    service refuses it, and ``Unavailable`` if it does not answer.
    """

    def get_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def put_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def delete_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def query(self, **parameters: Any) -> Mapping[str, Any]: ...
    def scan(self, **parameters: Any) -> Mapping[str, Any]: ...
    def batch_get_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def batch_write_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def transact_write_items(self, **parameters: Any) -> Mapping[str, Any]: ...


class SignedClient:
    """A :class:`Client` that asks the service itself. Thread-safe."""

    def __init__(self, service: Service) -> None:
        self.url = service.url
        self._call = service.call

    def get_item(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("GetItem", parameters)

    def put_item(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("PutItem", parameters)

    def delete_item(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("DeleteItem", parameters)

    def query(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("Query", parameters)

    def scan(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("Scan", parameters)

    def batch_get_item(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("BatchGetItem", parameters)

    def batch_write_item(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("BatchWriteItem", parameters)

    def transact_write_items(self, **parameters: Any) -> Mapping[str, Any]:
        return self._call("TransactWriteItems", parameters)


class ConditionFailed(Exception):
    """The service refused a conditional write.

    ``attributes`` are those of the item that stood in the way, if the service says so (GeminiDB and others do not).
    ``resent``: the request went out more than once, so an earlier copy of it may have been carried out.
    """

    def __init__(self, attributes: Mapping[str, Any] | None, resent: bool) -> None:
        super().__init__("the condition of a write failed")
        self.attributes = attributes
        self.resent = resent


class Refused(Unavailable):
    """The service refused what it was asked as such: nothing was done, nor would be at another time."""


_clients: dict[tuple[str | None, str | None, tuple[str, str] | None], Client] = {}
_building = threading.Lock()


def shared_client(
    endpoint: str | None = None, region: str | None = None, credentials: tuple[str, str] | None = None
) -> Client:
    """The client for an endpoint, built at the first call and then shared by the whole process.

    :param endpoint: URL; ``None`` for DynamoDB of the region.
    :param region: ``None`` for the one of the environment. At an endpoint that has none it matters to nobody.
    :param credentials: access key and secret key; ``None`` for those of the process.
    """
    key = (endpoint, region, credentials)
    with _building:
        if key not in _clients:
            given = partial(Credentials, *credentials) if credentials else current_credentials
            _clients[key] = SignedClient(Service(DYNAMODB, endpoint, region, given))
        return _clients[key]


def call(operation: Operation, **parameters: Any) -> Mapping[str, Any]:
    """Carry out one operation of a :class:`Client`.

    :raises ConditionFailed: the service refused a conditional write, or the transaction that it is part of.
    :raises Refused: the service refused for a reason that does not pass.
    :raises Unavailable: anything else went wrong. Whether a write took place is unknown then.
    """
    try:
        return operation(**parameters)
    except ServiceError as error:
        if (failure := _failed_condition(error)) is not None:
            raise ConditionFailed(failure.get("Item"), error.resent) from None
        kind = Unavailable if error.resent or error.passes else Refused
        raise kind(f"the store answered {error.code}") from error
    except Unavailable as error:
        raise Unavailable(f"the store could not be reached: {error}") from error


def _failed_condition(error: ServiceError) -> Mapping[str, Any] | None:
    """What the service says of the condition that failed."""
    if error.code == "ConditionalCheckFailedException":
        return error.members
    return next((each for each in error.reasons if each.get("Code") == "ConditionalCheckFailed"), None)
