"""What the bundle is compared with: Powertools' idempotency around a handler that does nothing else."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent

TABLE = "bare"


def make_table(client: Any) -> None:
    """Make the table in the form that Powertools documents."""
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )


def bare_handler(client: Any) -> Callable[[Any, Any], dict[str, Any]]:
    """A handler for API Gateway's events. It verifies nothing and always answers the same, once per order."""
    records = DynamoDBPersistenceLayer(table_name=TABLE, boto3_client=client)
    config = IdempotencyConfig(event_key_jmespath="queryStringParameters.orderId")

    @idempotent(config=config, persistence_store=records)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - a handler's signature
        return {
            "statusCode": 200,
            "headers": {"Content-Type": "application/json"},
            "body": '{"resultCode":"000000","resultMsg":"success"}',
            "isBase64Encoded": False,
        }

    return handler
