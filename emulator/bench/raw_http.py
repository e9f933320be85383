"""HTTP with next to nothing around it: bytes made beforehand go out on a kept connection, and the answer comes back.

What measures must cost less than what it measures, and what nothing can undercut is measured by it.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from emulator.bench.timing import BenchError
from shared.http import HttpRequest


class RawAnswer(NamedTuple):
    """An answer, and the seconds from the first byte sent to the last one received."""

    status: int
    body: bytes
    seconds: float


def request_bytes(request: HttpRequest, url: str) -> bytes:
    """``request`` as it goes to the server at ``url``."""
    path = f"{request.path}?{urlencode(request.query)}" if request.query else request.path
    headers = {**request.headers, "Host": urlsplit(url).netloc, "Content-Length": str(len(request.body))}
    lines = [f"{request.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + request.body


def exchanged(url: str, requests: Sequence[bytes], connections: int) -> list[RawAnswer]:
    """The answers to all ``requests``, sent over so many connections at once; each sends its next when one is answered.

    :raises BenchError: a connection ends too early.
    """
    with ThreadPoolExecutor(1) as alone:  # a loop of its own, whatever runs in the caller's thread
        exchange = alone.submit(lambda: asyncio.run(_all(url, iter(requests), connections)))
    try:
        return exchange.result()
    except (OSError, asyncio.IncompleteReadError) as error:
        raise BenchError(f"{url}: {error}") from None


async def _all(url: str, requests: Iterator[bytes], connections: int) -> list[RawAnswer]:
    parts = await asyncio.gather(*(_connection(url, requests) for _ in range(connections)))
    return [answer for part in parts for answer in part]


async def _connection(url: str, requests: Iterable[bytes]) -> list[RawAnswer]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    answers = []
    try:
        for request in requests:
            started = time.perf_counter()
            writer.write(request)
            status, body = await _answer(reader)
            answers.append(RawAnswer(status, body, time.perf_counter() - started))
    finally:
        writer.close()
        await writer.wait_closed()
    return answers


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("\r\ncontent-length:")[2].partition("\r\n")[0]
    return int(head.split(" ", 2)[1]), await reader.readexactly(int(length or 0))
