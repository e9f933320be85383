"""The DynamoDB engine: DynamoDB itself, GeminiDB's DynamoDB-compatible interface, and the stand-ins that tests use."""

from shared.store.dynamodb.schema import administration, definitions, ensure_tables
from shared.store.dynamodb.tables import DynamoTables

__all__ = ["DynamoTables", "administration", "definitions", "ensure_tables"]
