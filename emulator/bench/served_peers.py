"""What the served bundle is compared with, behind the very same server: ``python -m emulator.bench.served_peers NAME
STORE``, where the store is an engine's URL or a new SQLite file. Each answers once per ``orderId``, whoever asks.
"""

import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.bench.bare import TABLE, bare_handler
from emulator.platforms.contexts import LocalLambdaContext
from emulator.wire.server import Handle, serve
from shared.http import HttpRequest, HttpResponse
from shared.store.dynamodb import administration

POWERTOOLS, PUT, INSERT = "powertools", "put", "insert"
_ANSWER = HttpResponse(200, {"Content-Type": "application/json"}, b'{"resultCode":"000000","resultMsg":"success"}')


def powertools(endpoint: str) -> Handle:
    """Powertools' idempotency around a constant; its table is there."""
    handler = bare_handler(administration(endpoint))

    def handle(request: HttpRequest) -> HttpResponse:
        handler({"queryStringParameters": dict(request.query)}, LocalLambdaContext())
        return _ANSWER

    return handle


def put(endpoint: str) -> Handle:
    """boto3's conditional put of what was asked, once."""
    client: Any = administration(endpoint)

    def handle(request: HttpRequest) -> HttpResponse:
        item = {"id": {"S": f"put-{request.first('orderId')}"}, "call": {"S": repr(request.query)}}
        client.put_item(TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(id)")
        return _ANSWER

    return handle


def insert(file: str) -> Handle:
    """One durable transaction that inserts what was asked: the limit of a call that is remembered."""
    connection = sqlite3.connect(Path(file), isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE call (id TEXT PRIMARY KEY, call TEXT NOT NULL) WITHOUT ROWID")
    lock = threading.Lock()

    def handle(request: HttpRequest) -> HttpResponse:
        with lock:
            connection.execute("INSERT INTO call VALUES (?, ?)", (request.first("orderId"), repr(request.query)))
        return _ANSWER

    return handle


HANDLES: dict[str, Callable[[str], Handle]] = {POWERTOOLS: powertools, PUT: put, INSERT: insert}

if __name__ == "__main__":
    serve(HANDLES[sys.argv[1]](sys.argv[2]), port=int(os.environ["PORT"]))
