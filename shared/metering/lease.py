"""A lease that lets one run at a time work on a shard."""

from datetime import timedelta
from types import TracebackType

from shared.clock import Clock, epoch_ms
from shared.store.table import WHOLE, Exists, Item, Stale, Table


class ShardLease:
    """``with`` it: true if the shard is this run's, until the block ends or the lease runs out."""

    def __init__(self, table: Table, clock: Clock, shard: int, length: timedelta) -> None:
        self._table, self._clock, self._length = table, clock, length
        self._pk = f"lease#{shard}"
        self._held: Item | None = None

    def __enter__(self) -> bool:
        now = self._clock.now()
        item = {"pk": self._pk, "sk": WHOLE, "until_ms": epoch_ms(now + self._length)}
        try:
            self._held = self._table.create(item)
        except Exists as found:
            if found.existing["until_ms"] > epoch_ms(now):
                return False
            try:
                self._held = self._table.replace(item | {"version": found.existing["version"]})
            except Stale:
                return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held is None or (kind is not None and not issubclass(kind, Exception)):
            return
        try:
            self._table.delete(self._held)
        except Stale:
            return
