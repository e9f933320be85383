"""What no program can undercut: the very items that a run left, written once more, and nothing else."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from emulator.bench.raw_http import exchanged, request_bytes
from emulator.bench.timing import BenchError, seconds
from shared.aws.credentials import current_credentials
from shared.aws.signature import signed
from shared.clock import SystemClock
from shared.http import HttpRequest

Item: TypeAlias = Mapping[str, Any]
"""As the API has it."""
CONNECTIONS = 64
"""As many writes are under way at once at most: the bundle's own bound, four shards with sixteen each."""
_NEW, _OK, _BATCH = "attribute_not_exists(pk)", 200, 25


def items_of(client: Any, table: str) -> list[Item]:
    """Every item of a table."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def signed_puts(url: str, table: str, items: Iterable[Item]) -> Iterator[bytes]:
    """A conditional write of each item, signed, as it goes over the wire."""
    for item in items:
        yield _signed(url, "PutItem", {"TableName": table, "Item": item, "ConditionExpression": _NEW})


def signed_batches(url: str, table: str, items: Sequence[Item]) -> Iterator[bytes]:
    """The items without a condition, as many in a request as the API takes."""
    for start in range(0, len(items), _BATCH):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + _BATCH]]
        yield _signed(url, "BatchWriteItem", {"RequestItems": {table: puts}})


def _signed(url: str, operation: str, members: Mapping[str, Any]) -> bytes:
    body = json.dumps(members, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
    whose, now = current_credentials(), SystemClock().now()
    headers = signed(url, headers, body, service="dynamodb", region="eu-west-1", credentials=whose, at=now)
    return request_bytes(HttpRequest("POST", "/", (), headers, body), url)


def written_over_http(url: str, requests: Sequence[bytes]) -> None:
    """Send these writes over :data:`CONNECTIONS`.

    :raises BenchError: one is refused.
    """
    if refused := [answer for answer in exchanged(url, requests, CONNECTIONS) if answer.status != _OK]:
        raise BenchError(f"a bare write was refused: {refused[0].body[:200]!r}")


def put(client: Any, table: str, item: Item) -> None:
    """boto3's conditional put."""
    client.put_item(TableName=table, Item=item, ConditionExpression=_NEW)


def written_to_sqlite(file: Path, rows: Iterable[tuple[Any, ...]]) -> float:
    """Seconds for one durable transaction for each row of five columns, keyed by the first two, in a new file."""
    listed = list(rows)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE bare (pk, sk, version, expires, item, PRIMARY KEY (pk, sk)) WITHOUT ROWID")
        write = "INSERT INTO bare VALUES (?, ?, ?, ?, ?)"
        return seconds(lambda: [connection.execute(write, row) for row in listed])
