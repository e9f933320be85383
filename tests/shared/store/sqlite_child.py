"""A process of its own that works on a SQLite store, for ``test_sqlite.py``: ``sqlite_child.py crash|count PATH``."""

import os
import signal
import sys
from contextlib import suppress

from shared.clock import SystemClock
from shared.store.sqlite.table import SqliteTables
from shared.store.table import WHOLE, Exists, Stale, Table

INCREMENTS = 25


def crash(table: Table) -> None:
    """Create an item and die at once, without any chance to tidy up."""
    table.create({"pk": "crash", "sk": WHOLE, "kept": True})
    os.kill(os.getpid(), signal.SIGKILL)


def count(table: Table) -> None:
    """Add ``INCREMENTS`` to the shared counter, one by one."""
    with suppress(Exists):
        table.create({"pk": "count", "sk": WHOLE, "sum": 0})
    done = 0
    while done < INCREMENTS:
        item = table.get("count")
        assert item is not None
        try:
            table.replace({**item, "sum": item["sum"] + 1})
        except Stale:
            continue
        done += 1


if __name__ == "__main__":
    work = {"crash": crash, "count": count}[sys.argv[1]]
    work(SqliteTables(sys.argv[2], SystemClock()).table("instances"))
