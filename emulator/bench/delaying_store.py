"""Another process on the way to a store: an HTTP proxy that counts requests and lets each wait, as a network would.

Every connection of a client has one of its own to the store. A request waits there by itself; those on other
connections go on. Answers pass as they come.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import urllib3

from emulator.bench.timing import ROOT
from emulator.platforms.engines import running

_CONTROL = "PUT /control/"
"""Begins the requests that are for the proxy itself; a store of DynamoDB's kind takes ``POST /`` only."""


class DelayingStore:
    """The proxy as the benchmarks see it; ``url`` is the address of the store behind it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def delay(self, milliseconds: float) -> None:
        """Let each request wait so long from now on."""
        self._control(f"{milliseconds}")

    def counted(self) -> Counter[str]:
        """Requests since the last time that this was asked, by operation."""
        return Counter(json.loads(self._control("counted")))

    def _control(self, text: str) -> bytes:
        return urllib3.request("PUT", f"{self.url}/control/{text}", retries=False, timeout=10).data


@contextmanager
def delaying(store: str) -> Iterator[DelayingStore]:
    """The proxy before the store at that URL, for as long as the context lasts."""
    command = [sys.executable, "-m", "emulator.bench.delaying_store", store]
    with running(lambda port: [*command, str(port)], {"PYTHONPATH": str(ROOT)}) as url:
        yield DelayingStore(url)


class _Proxy:
    def __init__(self, store: str) -> None:
        parts = urlsplit(store)
        self._host, self._port = parts.hostname, parts.port
        self._seconds = 0.0
        self._counts: Counter[str] = Counter()

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, backlog=1000)
        await server.serve_forever()

    async def _connected(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        store, requests = await asyncio.open_connection(self._host, self._port)
        back = asyncio.create_task(_passed_on(store, answers))
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._request(client, requests, answers)
        back.cancel()
        for stream in (requests, answers):
            stream.close()

    async def _request(
        self, client: asyncio.StreamReader, requests: asyncio.StreamWriter, answers: asyncio.StreamWriter
    ) -> None:
        head = await client.readuntil(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        body = await client.readexactly(int(headers.get("content-length", "0")))
        if line.startswith(_CONTROL):
            told = self._controlled(line.removeprefix(_CONTROL).split()[0])
            answers.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told))
            return
        self._counts[headers.get("x-amz-target", line).rpartition(".")[2]] += 1
        await asyncio.sleep(self._seconds)
        requests.write(head + body)

    def _controlled(self, text: str) -> bytes:
        if text != "counted":
            self._seconds = float(text) / 1000
            return b""
        counts, self._counts = self._counts, Counter()
        return json.dumps(counts).encode()


async def _passed_on(store: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
    """Answers as they come; where the store ends a connection, the client's ends too."""
    with suppress(ConnectionError):
        while data := await store.read(1 << 16):
            answers.write(data)
    answers.close()


if __name__ == "__main__":
    asyncio.run(_Proxy(sys.argv[1]).serve(int(sys.argv[2])))
