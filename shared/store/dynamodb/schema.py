"""The tables, for the local targets and the tests. On a platform the deployment makes them, never the program."""

from typing import Any, Protocol, cast

from shared.store.items import table_name
from shared.store.table import NAMES

TABLES = NAMES

TTL = {"AttributeName": "expires", "Enabled": True}
HAS_TTL_ALREADY_OR_NEVER = ("ValidationException", "UnknownOperation", "UnknownOperationException")
"""What services answer where it is switched on, and where there is no such thing."""


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


def definitions(prefix: str) -> list[dict[str, Any]]:
    """The parameters of ``CreateTable`` for each table of the bundle, named ``prefix`` + its short name."""
    return [_definition(table_name(prefix, name)) for name in TABLES]


def ensure_tables(client: Administration, prefix: str) -> None:
    """Make the tables that are not there yet, wait until they can be used, and let the service remove expired items
    (``expires``), new tables and old ones. A stand-in that cannot do that keeps them.
    """
    from botocore.exceptions import ClientError

    for definition in definitions(prefix):
        try:
            client.create_table(**definition)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ResourceInUseException":
                raise
        waiter = client.get_waiter("table_exists")
        waiter.wait(TableName=definition["TableName"], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        try:
            client.update_time_to_live(TableName=definition["TableName"], TimeToLiveSpecification=TTL)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in HAS_TTL_ALREADY_OR_NEVER:
                raise


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
