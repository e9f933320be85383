"""The engine: returns tables and opens no connection."""

from collections.abc import Callable
from functools import partial

from shared.clock import Clock
from shared.store.dynamodb.client import Client, shared_client
from shared.store.dynamodb.table import DynamoTable
from shared.store.dynamodb.together import Together
from shared.store.items import table_name


class DynamoTables:
    """All tables whose names begin with ``prefix``; or one that holds them all, for a service that allows few, with the
    name of the bundle's table before each partition key.

    :param single_table: the name of that one.
    :param endpoint: URL of the service; ``None`` for DynamoDB of the region.
    :param region: ``None`` for the one of the environment.
    :param credentials: access key and secret key; ``None`` for those of the process.
    :param client_factory: gives the client at each use, in place of the one shared by the process.
    """

    remote = True

    def __init__(
        self,
        prefix: str,
        clock: Clock,
        endpoint: str | None = None,
        region: str | None = None,
        *,
        client_factory: Callable[[], Client] | None = None,
        credentials: tuple[str, str] | None = None,
        single_table: str | None = None,
    ) -> None:
        self._prefix = prefix
        self._single_table = single_table
        self._clock = clock
        self._client = client_factory or partial(shared_client, endpoint, region, credentials)
        self._together = Together()

    def table(self, name: str) -> DynamoTable:
        """The table called ``prefix`` + ``name``, or that part of the single one; nothing is connected yet.

        :raises ValueError: if that cannot be a table's name on every engine.
        """
        if self._single_table:
            return DynamoTable(self._single_table, self._client, self._clock, self._together, part=f"{name}#")
        return DynamoTable(table_name(self._prefix, name), self._client, self._clock, self._together)

    def remove_expired(self, most: int) -> int:  # noqa: ARG002 - the service does it: see ``ensure_tables``
        """Nothing: TTL removes them."""
        return 0

    def compact(self) -> bool:
        """Nothing: the service does it, and its backups are its own."""
        return False
