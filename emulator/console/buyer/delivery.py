"""What a click has caused: the messages it posted, delivered while the reader waits, and their calls."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import NamedTuple

from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.messages import DELIVER, Delivery, Message
from emulator.marketplace.market import Market
from emulator.marketplace.storage.database import Database

PATIENCE = 6.0
"""Seconds that a reader is kept waiting for the first attempts; they go on without."""
SHOWN = 30
"""Messages shown at most."""
_LOOK, _END = 0.02, 0.5


class Caused(NamedTuple):
    """A message with the calls made for it so far."""

    message: Message
    calls: Sequence[RecordedCall]

    @property
    def pending(self) -> bool:
        return self.message.state in (Delivery.WAITING, Delivery.OPENING)


def mark(database: Database) -> int:
    """Where the messages end now."""
    return database.count(Message)


def posted(database: Database, since: int) -> Sequence[Message]:
    """The messages posted after a ``mark``, oldest first."""
    return database.all(Message, newest=max(database.count(Message) - since, 0))[::-1]


@contextmanager
def delivered(market: Market) -> Iterator[int]:
    """What is posted within is attempted at its end; the mark of its beginning."""
    since = mark(market.database)
    yield since
    await_tasks(market, lambda: [(DELIVER, message.id) for message in posted(market.database, since)])


def await_tasks(market: Market, tasks: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Let what is due be done, and wait for these tasks of the agenda, by name and subject, but no longer than
    ``PATIENCE``.
    """
    thread = Thread(target=_run, args=(market,), name="console-delivery", daemon=True)
    thread.start()
    until = monotonic() + PATIENCE
    while monotonic() < until and any(_due(market, *task) for task in tasks()):
        sleep(_LOOK)
    thread.join(_END)  # time must not be moved while it looks for more


def caused(market: Market, since: int) -> Sequence[Caused]:
    """The first messages after the mark, with their calls."""
    return [Caused(message, _calls(market, message)) for message in posted(market.database, since)[:SHOWN]]


def _calls(market: Market, message: Message) -> Sequence[RecordedCall]:
    found = (market.timeline.get(number) for number in message.calls)
    return [call for call in found if call]


def _due(market: Market, name: str, subject: str) -> bool:
    """Is a task due or being done?"""
    due = market.agenda.due_at(name, subject)
    return due is not None and due <= market.clock.now()


def _run(market: Market) -> None:
    try:
        market.run_due()
    except Exception:
        logging.getLogger(__name__).exception("a task of the marketplace failed")
