"""Which engine keeps the tables (``KOOGALLERY_STORE``); only that one is imported."""

from shared.clock import Clock
from shared.config import Settings
from shared.store.table import Tables


def tables(settings: Settings, clock: Clock) -> Tables:
    """The store that the settings name; nothing is opened or connected before its first use."""
    engine, path = settings.store
    if engine == "sqlite":
        from shared.store.sqlite.table import SqliteTables

        return SqliteTables(path, clock)
    from shared.store.dynamodb import DynamoTables

    return DynamoTables(
        prefix=settings.table_prefix,
        clock=clock,
        endpoint=settings.dynamodb_endpoint,
        credentials=settings.dynamodb_credentials,
    )
