"""Calls over HTTP to ``koogallery serve``, the server for production: several processes on SQLite, and on a real
PostgreSQL beside it, which keeps what was committed. The calls are those of :mod:`emulator.bench.served`.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryDirectory

from emulator.bench.served import SQLITE, Load, ServedFigures, ServedSubject, bundle, in_turns
from emulator.bench.timing import Track
from emulator.platforms.postgresql import installed, postgresql

POSTGRESQL = "PostgreSQL"


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
        yield from bundle(stack, store, SQLITE, {"KOOGALLERY_STORE": address})
