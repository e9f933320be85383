"""The :class:`shared.outbound.HttpClient` of the running bundle: which connection a call uses, and whether it is made
again.
"""

import os
import ssl
import time
import weakref
from collections import deque
from collections.abc import Iterable, Mapping
from functools import cache, cached_property, lru_cache
from threading import Lock
from typing import NamedTuple, TypeAlias

from shared.clock import Deadline
from shared.errors import InProcess
from shared.http import HttpResponse
from shared.outbound.address_guard import Resolver, allowed_addresses, may_be_plain, system_resolver
from shared.outbound.connection import Connection, connect
from shared.outbound.http_client import (
    LIMIT,
    ConnectionLost,
    ForbiddenAddress,
    Headers,
    NotConnected,
    Reach,
    host_of,
    made,
    parse_url,
    port_of,
    visible,
)
from shared.timeouts import within

_CONNECT_SECONDS = 2.0  # one lost packet is made up for; the time left stays for another address
_SAFE = ("GET", "HEAD")
_KEPT = 16
_KEPT_SECONDS = 30.0

_Key: TypeAlias = tuple[int, str, str, int, Reach]


class _Target(NamedTuple):
    """An address, taken apart; ``host`` is the header, ``path`` has the query."""

    scheme: str
    name: str
    port: int
    host: str
    path: str


def _target(url: str, *, plain: bool) -> _Target:
    """What stays for the next call, here and in ``urllib``, is the address without a query: that may hold a token."""
    address, mark, query = url.partition("#")[0].partition("?")
    target = _place(address, plain=plain)
    return target._replace(path=target.path + mark + visible(query)) if query else target


@lru_cache(maxsize=64)
def _place(address: str, *, plain: bool) -> _Target:
    parts = parse_url(address, plain=plain)
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return _Target(parts.scheme, parts.hostname or "", port_of(parts), host_of(parts), path)


class PooledClient:
    """Keeps connections open between calls; safe to share between threads."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        resolve: Resolver = system_resolver,
        *,
        limit: int = LIMIT,
        kept: int = _KEPT,
    ) -> None:
        """``limit``: bytes of an answer at most; ``kept``: connections that wait for another call at most."""
        self._given_tls, self._resolve, self._limit = tls, resolve, limit
        self._kept = _Kept(kept)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        deadline: Deadline,
        body: bytes = b"",
        repeatable: bool = False,
        reach: Reach = Reach.ANYWHERE,
    ) -> HttpResponse:
        target = _target(url, plain=reach is Reach.OWN_NETWORK)
        if not deadline.left():
            raise NotConnected("no time left for a call")
        key = (os.getpid(), target.scheme, target.name, target.port, reach)  # nothing is kept across a fork

        def exchange(connection: Connection) -> HttpResponse:
            try:
                return connection.exchange(method, target.path, _complete(made(headers), target), body, deadline)
            finally:
                self._kept.give_back(key, connection)

        if (repeatable or method in _SAFE) and (kept := self._kept.take(key)):
            try:
                return exchange(kept)
            except ConnectionLost:
                pass  # most likely the other side had given it up
        return exchange(self._connected(target, reach, deadline))

    def _connected(self, target: _Target, reach: Reach, deadline: Deadline) -> Connection:
        """A new connection to the first address of ``target`` that can be reached."""
        tls = self._tls if target.scheme == "https" else None
        addresses = self._addresses(target, reach, deadline)
        problem = NotConnected("no connection")
        for position, address in enumerate(addresses):
            # The call itself needs a share of the time as well.
            share = deadline.share(len(addresses) - position + 1, _CONNECT_SECONDS)
            try:
                return connect(address, target.port, share, tls, name=target.name, limit=self._limit)
            except NotConnected as error:
                problem = error
        raise problem

    def _addresses(self, target: _Target, reach: Reach, deadline: Deadline) -> list[str]:
        try:
            # The system's resolver knows no deadline.
            addresses = within(deadline, lambda: allowed_addresses(target.name, target.port, reach, self._resolve))
        except InProcess:
            raise NotConnected("no connection (the name service does not answer)") from None
        if target.scheme == "http" and not all(may_be_plain(address, reach) for address in addresses):
            raise ForbiddenAddress("an address to call must be https; plain http is for the machine itself only")
        return list(addresses)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or trusted()


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that the system trusts, read once."""
    return ssl.create_default_context()


def forget_connections() -> None:
    """Close what any client of the process keeps, before a snapshot: several processes may go on from there."""
    for pool in list(_pools):
        pool.close()


class _Kept:
    """Connections that wait for another call: the latest few, and none for long.

    They age by the wall clock: a platform may freeze the process, and other clocks with it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: deque[tuple[_Key, Connection, float]] = deque()
        self._lock = Lock()
        weakref.finalize(self, _close_all, self._waiting)
        _pools.add(self)

    def take(self, key: _Key) -> Connection | None:
        """One that still stands, as far as can be seen."""
        while found := self._latest(key):
            connection, since = found
            if 0 <= time.time() - since <= _KEPT_SECONDS and connection.is_quiet():
                return connection
            connection.close()
        return None

    def give_back(self, key: _Key, connection: Connection) -> None:
        """Keep it if it can be used again, and close it otherwise."""
        if not connection.reusable:
            connection.close()
            return
        with self._lock:
            self._waiting.append((key, connection, time.time()))
            oldest = self._waiting.popleft()[1] if len(self._waiting) > self._most else None
        if oldest is not None:
            oldest.close()

    def close(self) -> None:
        with self._lock:
            _close_all(self._waiting)
            self._waiting.clear()

    def _latest(self, key: _Key) -> tuple[Connection, float] | None:
        with self._lock:
            for entry in reversed(self._waiting):
                if entry[0] == key:
                    self._waiting.remove(entry)
                    return entry[1:]
        return None


_pools: weakref.WeakSet[_Kept] = weakref.WeakSet()


def _close_all(waiting: Iterable[tuple[_Key, Connection, float]]) -> None:
    for _, connection, _ in waiting:
        connection.close()


def _complete(headers: Mapping[str, str], target: _Target) -> dict[str, str]:
    given = {name: value for name, value in headers.items() if name.lower() != "host"}
    return {"Host": target.host, "User-Agent": "koogallery-functions", **given}
