"""The DynamoDB engine: DynamoDB itself, GeminiDB's DynamoDB-compatible interface, and the stand-ins that tests use."""

from shared.store.dynamodb.schema import definitions, ensure_tables
from shared.store.dynamodb.tables import DynamoTables

__all__ = ["DynamoTables", "definitions", "ensure_tables"]
