"""Which engine keeps the tables (``KOOGALLERY_STORE``); only that one is imported."""

from shared.clock import Clock
from shared.config import Settings
from shared.errors import ConfigurationError
from shared.store.table import Tables

_NO_DRIVER = (
    "PostgreSQL needs psycopg: install koogallery-functions[postgresql], or pack psycopg[binary] with the functions"
)


def tables(settings: Settings, clock: Clock) -> Tables:
    """The store that the settings name; nothing is opened or connected before its first use."""
    engine, path = settings.store
    if engine == "sqlite":
        from shared.store.sqlite.table import SqliteTables

        return SqliteTables(path, clock)
    if engine == "postgresql":
        return _postgresql(settings, clock)
    from shared.store.dynamodb import DynamoTables

    return DynamoTables(
        prefix=settings.table_prefix,
        clock=clock,
        endpoint=settings.dynamodb_endpoint,
        credentials=settings.dynamodb_credentials,
        single_table=settings.single_table,
    )


def _postgresql(settings: Settings, clock: Clock) -> Tables:
    try:
        from shared.store.postgresql.pool import Pool
        from shared.store.postgresql.tables import PostgresTables
    except ImportError as error:
        raise ConfigurationError(f"KOOGALLERY_STORE: {_NO_DRIVER}") from error
    return PostgresTables(settings.table_prefix, clock, Pool(lambda: settings.store[1]))
