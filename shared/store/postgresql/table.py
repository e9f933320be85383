"""The ``Table`` port on PostgreSQL: one row an item, every method one round trip."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from psycopg.rows import TupleRow

from shared.clock import Clock, Deadline
from shared.store.items import checked_limit, checked_range, epoch_seconds
from shared.store.paging import still_to_read
from shared.store.postgresql import statements as sql
from shared.store.postgresql.connection import STATEMENT_SECONDS
from shared.store.postgresql.database import Doubtful, PostgresqlDatabase
from shared.store.postgresql.keys import Key, key, key_of, partition, those
from shared.store.postgresql.transaction import ConditionalWrites, new_mark, puts
from shared.store.table import WHOLE, Item, Outcome, Page, Write
from shared.store.writes import NOT_BEGUN, all_checked, returned

Values: TypeAlias = Mapping[str, Any] | Sequence[Any]


class PostgresTable:
    """A :class:`shared.store.table.Table` in a PostgreSQL database.

    Every method raises :class:`shared.errors.Unavailable` if the database does not do what it is asked (as
    :class:`Doubtful` if a write may have taken place all the same), and ``ValueError`` or ``TypeError`` for what no
    engine can store (:mod:`shared.store.items`).
    """

    def __init__(self, name: str, database: PostgresqlDatabase, clock: Clock) -> None:
        self._name = name
        self._database = database
        self._clock = clock

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:
        rows = self._rows(sql.GET, (*key(pk, sk), self._now))
        return rows[0][0] if rows else None

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        wanted = [key(*each) for each in keys]
        rows = self._rows(sql.GET_MANY, {**those(wanted), "now": self._now}) if wanted else []
        return [item for (item,) in rows]

    def create(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        return self._written(Write("create", item, beside))

    def replace(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        return self._written(Write("replace", item, beside))

    def delete(self, item: Item) -> None:
        self._written(Write("delete", item))

    def query(
        self,
        pk: str,
        *,
        first: str = "",
        last: str = "\U0010ffff",
        limit: int = 100,
        after: str | None = None,
        reverse: bool = False,
    ) -> Page:
        checked_range(pk, first, last, after)
        low, high = (bound.encode() for bound in still_to_read(first, last, after, reverse=reverse))
        values = {"pk": partition(pk), "low": low, "high": high, "limit": checked_limit(limit), "now": self._now}
        return _page(self._rows(sql.BACKWARD if reverse else sql.FORWARD, values), limit)

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        pk, sk = (bytes.fromhex(part) for part in (after or ".").split("."))
        rows = self._rows(sql.SCAN, {"pk": pk, "sk": sk, "limit": checked_limit(limit)})
        following = ".".join(part.hex() for part in rows[-1][:2]) if len(rows) == limit else None
        return Page([item for *_, item in rows], following)

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        for pk in pks:
            checked_range(pk)
        values = {"pks": [partition(pk) for pk in pks], "limit": checked_limit(limit), "now": self._now}
        found: list[list[TupleRow]] = [[] for _ in pks]
        for place, *row in self._rows(sql.FIRST_PAGES, values) if pks else ():
            found[place - 1].append(tuple(row))
        return [_page(rows, limit) for rows in found]

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        listed = all_checked(writes)
        left = [STATEMENT_SECONDS if deadline is None else deadline.left() for _ in listed]
        begun = [write for write, seconds in zip(listed, left, strict=True) if seconds]
        outcomes = self._outcomes(begun, min(filter(None, left))) if begun else {}
        return [outcomes.get(key_of(write), NOT_BEGUN) for write in listed]

    def put_many(self, items: Iterable[Item]) -> None:
        if (values := puts(items, new_mark())) is not None:
            self._run(sql.PUT_MANY, values)

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        if unwanted := [key(*each) for each in keys]:
            self._run(sql.REMOVE_MANY, those(unwanted))

    def remove_expired(self, most: int) -> int:
        """Remove at most so many expired items, found by an index that holds those only that expire one day."""
        return self._run(sql.REMOVE_EXPIRED, {"now": self._now, "most": most})

    def _written(self, write: Write) -> Item:
        (outcome,) = self.write_many([write])
        return returned(outcome)

    def _outcomes(self, writes: Sequence[Write], seconds: float) -> Mapping[Key, Outcome]:
        transaction = ConditionalWrites(self._name, writes, self._now, seconds)
        try:
            return self._database.ask(self._name, transaction.carry_out)
        except Doubtful as doubt:
            return dict.fromkeys(map(key_of, writes), doubt.with_traceback(None))

    def _rows(self, statement: str, values: Values) -> list[TupleRow]:
        said = sql.about(self._name, statement)
        return self._database.ask(
            self._name, lambda connection, _: connection.execute(said, values, binary=True).fetchall()
        )

    def _run(self, statement: str, values: Values) -> int:
        said = sql.about(self._name, statement)
        return self._database.ask(self._name, lambda connection, _: connection.execute(said, values).rowcount)

    @property
    def _now(self) -> int:
        return epoch_seconds(self._clock)


def _page(rows: Sequence[TupleRow], limit: int) -> Page:
    items = [item for _, item in rows if item is not None]
    return Page(items, rows[-1][0].decode() if len(rows) == limit else None)
