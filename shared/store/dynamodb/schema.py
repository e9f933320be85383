"""The tables, for the local targets and the tests. On a platform the deployment makes them, never the program."""

from collections.abc import Callable
from typing import Any, Protocol, cast

from shared import log
from shared.store.items import table_name
from shared.store.table import NAMES

TABLES = NAMES

TTL = {"AttributeName": "expires", "Enabled": True}
THERE_ALREADY = "ResourceInUseException"
HAS_TTL_ALREADY = "ValidationException"
KNOWS_NO_TTL = ("UnknownOperation", "UnknownOperationException")
"""What services answer where a table is there, where TTL is switched on, and where there is no such thing."""


class Administration(Protocol):
    """What making tables needs of boto3's low-level ``dynamodb`` client."""

    def create_table(self, **parameters: Any) -> Any: ...
    def update_time_to_live(self, **parameters: Any) -> Any: ...
    def get_waiter(self, waiter_name: Any, /) -> Any: ...


def administration(endpoint: str | None = None, credentials: tuple[str, str] | None = None) -> Administration:
    """boto3's client, for what is not on the way of a call.

    :param endpoint: URL; ``None`` for DynamoDB of the region.
    :param credentials: access key and secret key; ``None`` for those that boto3 finds.
    """
    from boto3.session import Session

    access_key, secret_key = credentials or (None, None)
    session = Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key)
    region = session.region_name or (endpoint and "us-east-1")
    return cast(Administration, session.client("dynamodb", endpoint_url=endpoint, region_name=region))


def definitions(prefix: str, single_table: str | None = None) -> list[dict[str, Any]]:
    """The parameters of ``CreateTable`` for each table of the bundle, named ``prefix`` + its short name; or for the
    single one that holds them all.
    """
    names = [single_table] if single_table else [table_name(prefix, name) for name in TABLES]
    return [_definition(name) for name in names]


def ensure_tables(client: Administration, prefix: str, single_table: str | None = None) -> None:
    """Make the tables that are not there yet, wait until they can be used, and let the service remove expired items
    (``expires``), new tables and old ones. One that cannot do that keeps them, which the log tells.
    """
    answers = set()
    for definition in definitions(prefix, single_table):
        name = definition["TableName"]
        _refusal(client.create_table, (THERE_ALREADY,), **definition)
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        may_be = (HAS_TTL_ALREADY, *KNOWS_NO_TTL)
        answers.add(_refusal(client.update_time_to_live, may_be, TableName=name, TimeToLiveSpecification=TTL))
    if any(answer in KNOWS_NO_TTL for answer in answers):
        log.event("the store does not remove what has expired: it knows no TTL")


def _refusal(operation: Callable[..., Any], may_be: tuple[str, ...], **parameters: Any) -> str | None:
    """The service's refusal, one of those that may be; ``None`` if it did what it was asked."""
    from botocore.exceptions import ClientError

    try:
        operation(**parameters)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code not in may_be:
            raise
        return code
    return None


def _definition(name: str) -> dict[str, Any]:
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    }
