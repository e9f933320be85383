"""The connection to the service, and what its answers mean."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, cast

from shared.errors import Unavailable


class Client(Protocol):
    """What the engine needs of boto3's low-level ``dynamodb`` client."""

    def get_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def put_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def delete_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def query(self, **parameters: Any) -> Mapping[str, Any]: ...
    def batch_get_item(self, **parameters: Any) -> Mapping[str, Any]: ...
    def batch_write_item(self, **parameters: Any) -> Mapping[str, Any]: ...


class ConditionFailed(Exception):
    """The service refused a conditional write.

    ``attributes`` are those of the item that stood in the way, if the service says so (GeminiDB and others do not).
    ``resent``: the request went out more than once, so an earlier copy of it may have been carried out.
    """

    def __init__(self, attributes: Mapping[str, Any] | None, resent: bool) -> None:
        super().__init__("the condition of a write failed")
        self.attributes = attributes
        self.resent = resent


Credentials: TypeAlias = tuple[str, str]
_clients: dict[tuple[str | None, str | None, Credentials | None], Client] = {}
_building = threading.Lock()


def shared_client(
    endpoint: str | None = None, region: str | None = None, credentials: Credentials | None = None
) -> Client:
    """boto3's client for an endpoint, built at the first call and then shared by the whole process (it is thread-safe).

    :param endpoint: URL; ``None`` for DynamoDB of the region.
    :param region: ``None`` for the one of the environment. At an endpoint that has none it matters to nobody.
    :param credentials: access key and secret key; ``None`` for those that boto3 finds.
    """
    key = (endpoint, region, credentials)
    with _building:
        if key not in _clients:
            _clients[key] = _build(endpoint, region, credentials)
        return _clients[key]


def _build(endpoint: str | None, region: str | None, credentials: Credentials | None) -> Client:
    from boto3.session import Session
    from botocore.config import Config

    access_key, secret_key = credentials or (None, None)
    session = Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key)
    config = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=50,
        # What is sent is checked before (shared.store.items); botocore's own check costs a tenth of the call.
        parameter_validation=False,
        tcp_keepalive=True,
    )
    # A custom endpoint's signature needs some region; DynamoDB itself needs the right one, so none is made up there.
    region = region or session.region_name or (endpoint and "us-east-1")
    return cast(Client, session.client("dynamodb", endpoint_url=endpoint, region_name=region, config=config))


def call(operation: Callable[..., Mapping[str, Any]], **parameters: Any) -> Mapping[str, Any]:
    """Carry out one operation of a :class:`Client`.

    :raises ConditionFailed: the service refused a conditional write.
    :raises Unavailable: anything else went wrong. Whether a write took place is unknown then.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return operation(**parameters)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ConditionalCheckFailedException":
            answer = cast(Mapping[str, Any], error.response)
            resent = bool(answer.get("ResponseMetadata", {}).get("RetryAttempts"))
            raise ConditionFailed(answer.get("Item"), resent) from None
        raise Unavailable(f"the store answered {code}") from error
    except BotoCoreError as error:
        raise Unavailable("the store could not be reached") from error
