"""Calls over HTTP to ``koogallery serve``, the server for production: several processes on SQLite, and on a real
PostgreSQL beside it, which keeps what was committed. The calls are those of :mod:`emulator.bench.served`.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.bench.market import SETTINGS
from emulator.bench.served import FREEZE, NEW, QUERY, REPEATED, SQLITE, Load, ServedFigures, ServedSubject, in_turns
from emulator.bench.timing import Track
from emulator.platforms.engines import running
from emulator.platforms.postgresql import installed, postgresql

POSTGRESQL = "PostgreSQL"
_ROOT = str(Path(__file__).resolve().parent.parent.parent)
_COMMAND = [sys.executable, "-m", "emulator", "serve"]


def measure(load: Load, track: Track) -> list[ServedFigures]:
    """Both stores in turns, each compared with SQLite; SQLite alone where PostgreSQL is not installed.

    :raises BenchError: an answer is not the right one.
    """
    with ExitStack() as stack:
        subjects = list(_subjects(stack))
        in_turns(subjects, load, track)
    sqlite = {subject.name: subject for subject in subjects if subject.store == SQLITE}
    return [subject.row(sqlite[subject.name]) for subject in subjects]


def _subjects(stack: ExitStack) -> Iterator[ServedSubject]:
    stores = {SQLITE: f"sqlite:{stack.enter_context(TemporaryDirectory())}/store.sqlite"}
    if installed():
        stores[POSTGRESQL] = stack.enter_context(postgresql(durable=True)).url
    for store, address in stores.items():
        environment = {**SETTINGS, "KOOGALLERY_STORE": address, "PYTHONPATH": _ROOT}
        url = stack.enter_context(running(lambda _: _COMMAND, environment))
        for name in (NEW, REPEATED, QUERY, FREEZE):
            yield ServedSubject(store, name, SQLITE, url)
