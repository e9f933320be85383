"""A process of its own that works on a store: ``child.py crash|count KOOGALLERY_STORE``."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from shared.clock import SystemClock
from shared.config import Settings, of
from shared.store.engines import tables
from shared.store.table import WHOLE, Exists, Stale, Table

INCREMENTS = 25
_ROOT = Path(__file__).parents[3]


def start(work: str, store: str) -> "subprocess.Popen[bytes]":
    """The process."""
    command = [sys.executable, "-m", "tests.shared.store.child", work, store]
    return subprocess.Popen(command, cwd=_ROOT, env={**os.environ, "PYTHONPATH": str(_ROOT)})


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
    settings = Settings(of({"KOOGALLERY_STORE": sys.argv[2]}), lambda _store, name: name)
    work(tables(settings, SystemClock()).table("instances"))
