"""Conditional writes in one transaction, which is one round trip.

They go in the order of their keys, so that no two transactions wait for each other, and behind them, in its own order,
all that stands beside them. Where one may create, the transaction also tells what stood in the way: ``ON CONFLICT`` has
locked it until then.
"""

import secrets
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from psycopg import Cursor
from psycopg.rows import TupleRow

from shared.store.items import checked, end_of
from shared.store.postgresql import statements as sql
from shared.store.postgresql.connection import STATEMENT_SECONDS, PatientConnection
from shared.store.postgresql.database import Doubtful
from shared.store.postgresql.keys import Key, key, key_of, those
from shared.store.table import Exists, Item, Outcome, Stale, Write
from shared.store.writes import written

_STATEMENTS = {"create": sql.CREATE, "replace": sql.REPLACE, "delete": sql.DELETE}


class ConditionalWrites:
    """Writes of different keys of the table called ``name``. May be carried out twice.

    :param now: UTC epoch seconds.
    :param seconds: what each of them may take, unless that is more than any statement may.
    """

    def __init__(self, name: str, writes: Iterable[Write], now: int, seconds: float) -> None:
        self._name, self._now, self._seconds = name, now, seconds
        self._writes = {key_of(write): write for write in sorted(writes, key=key_of)}
        self._mark = new_mark()
        self._beside = puts(chain.from_iterable(write.beside for write in self._writes.values()), self._mark)

    def carry_out(self, connection: PatientConnection, resent: bool) -> dict[Key, Outcome]:
        """The outcome of each.

        :param resent: an earlier copy may have been carried out; the mark tells.
        """
        found = None
        # What is sent from here to the end of the block is one transaction.
        with connection.pipeline():
            if self._seconds < STATEMENT_SECONDS:
                connection.execute(sql.LIMIT_TIME, (f"{self._seconds * 1000 + 1:.0f}",))
            done = {key: self._send(connection, key) for key in self._writes}
            if self._beside:
                connection.execute(sql.about(self._name, sql.PUT_MANY), self._beside)
            if resent or any(write.kind == "create" for write in self._writes.values()):
                asked = {**those(self._writes), "writer": self._mark}
                found = connection.execute(sql.about(self._name, sql.IN_THE_WAY), asked, binary=True)
        there = {(pk, sk): (version, item) for pk, sk, version, item in found} if found else {}
        return {
            key: written(write) if done[key].rowcount else _refusal(write, *there.get(key, (0, {})), resent=resent)
            for key, write in self._writes.items()
        }

    def _send(self, connection: PatientConnection, key: Key) -> Cursor[TupleRow]:
        write = self._writes[key]
        values = {"pk": key[0], "sk": key[1], "version": write.item.get("version"), "now": self._now}
        if write.kind != "delete":
            values |= {"item": checked(written(write)), "expires": end_of(write.item), "writer": self._mark}
        return connection.execute(sql.about(self._name, _STATEMENTS[write.kind]), values)


def new_mark() -> bytes:
    """Marks what is written at once."""
    return secrets.token_bytes(8)


def puts(items: Iterable[Item], mark: bytes) -> Mapping[str, Any] | None:
    """What ``PUT_MANY`` takes for these items; ``None`` if there are none.

    :raises ValueError, TypeError: no engine can store one of them.
    """
    new = {key(item["pk"], item["sk"]): {**item, "version": 1} for item in items}
    ordered = [new[each] for each in sorted(new)]
    texts, ends = [checked(item) for item in ordered], [end_of(item) for item in ordered]
    return {**those(new), "items": texts, "expires": ends, "writer": mark} if new else None


def _refusal(write: Write, version: int, there: Item, *, resent: bool) -> Outcome:
    """Why a write was not carried out, given version and content of what stood in the way."""
    if write.kind == "create":
        return Exists(there)
    # Sent again: only another writer's row where ours would have been proves that nothing was done.
    if resent and (write.kind == "delete" or version != write.item["version"] + 1):
        return Doubtful("the store did not say whether it carried out a write")
    return Stale()
