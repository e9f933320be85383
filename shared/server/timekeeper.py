"""``python -m shared.server.timekeeper``: runs what is due, in a process of its own, so that no call waits for it."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from threading import Thread

from shared import log
from shared.app import App, bootstrap
from shared.clock import Clock, Deadline
from shared.pipelines.schedule import RunFailed, carry_out
from shared.server.child import Lifetime, counted
from shared.server.schedule import Timer, Turns, timers

PAUSE = 2.0
"""Seconds between two looks at a timer."""


class UntilStopped(Deadline):
    """A deadline that is over as soon as the process is to end."""

    def __init__(self, clock: Clock, seconds: float, stopped: Callable[[], bool]) -> None:
        super().__init__(clock, seconds)
        self._stopped = stopped

    def left(self) -> float:
        """Seconds left, none once the process is to end."""
        return 0.0 if self._stopped() else super().left()


def run_due(app: App, timer: Timer, stopped: Callable[[], bool]) -> bool:
    """Run ``timer`` if it is due and this process's turn; was it?

    A run that fails is told and counts as done: the next one is due in minutes. One that the end of the process cuts
    short does not, so that another machine, or this one's successor, runs it at once.
    """
    turns = Turns(app.tables.table("agenda"), app.clock)
    if (turn := turns.take(timer)) is None:
        return False
    run = getattr(import_module(f"functions.{timer.name}"), timer.function)
    began = time.monotonic()
    with suppress(RunFailed):
        carry_out(timer.name, run, app, {}, UntilStopped(app.clock, timer.seconds, stopped))
    log.event("timer", interface=timer.name, milliseconds=round((time.monotonic() - began) * 1000))
    if stopped():
        turns.give_back(turn)
    else:
        turns.done(turn)
    return True


def keep(app: App, timer: Timer, life: Lifetime) -> None:
    """Look after one timer until the process is to end."""
    while not life.over():
        try:
            run_due(app, timer, life.over)
        except Exception as error:  # noqa: BLE001 - the store may be back the next time
            log.failure("a timer cannot be looked after", error, interface=timer.name)
        life.wait(PAUSE)


def main(ready: int, supervisor: int) -> None:
    """Look after all timers, each on a thread of its own: a long sweep must not put off the upload."""
    life = Lifetime(ready, supervisor)
    app = bootstrap(os.environ.get)
    counted()
    threads = [
        Thread(target=keep, args=(app, timer, life), name=timer.name, daemon=True) for timer in timers(app.settings)
    ]
    for thread in threads:
        thread.start()
    life.ready()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
