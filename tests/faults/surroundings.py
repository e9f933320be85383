"""Faults of surroundings that are really there: a store that throttles, and one that somebody has locked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse

REFUSAL = b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}'


@dataclass
class Throttle:
    """In front of a DynamoDB engine: while ``on``, it refuses as DynamoDB does where more is asked than was bought."""

    engine: str
    on: bool = False
    refused: int = 0
    url: str = ""

    def handle(self, request: HttpRequest) -> HttpResponse:
        if self.on:
            self.refused += 1
            return HttpResponse(400, {"Content-Type": "application/x-amz-json-1.0"}, REFUSAL)
        kept = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        passed = Request(self.engine, request.body, kept, method="POST")  # noqa: S310 - an engine on loopback
        try:
            answer = urlopen(passed, timeout=10)  # noqa: S310
        except HTTPError as refused:
            answer = refused
        with answer:
            return HttpResponse(answer.status, {"Content-Type": answer.headers["Content-Type"]}, answer.read())


@contextmanager
def throttled(engine: str) -> Iterator[Throttle]:
    throttle = Throttle(engine)
    with running(throttle.handle) as throttle.url:
        yield throttle


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process is writing, and does not come to an end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
