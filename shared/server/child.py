"""What the processes below the supervisor have in common: how they begin, and when they are to end."""

import os
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from shared import log
from shared.metrics.counts import FOLDER, Counts

TICK = 0.2
"""Seconds between two looks whether the process is to end."""


class EndSignal:
    """Has one of these signals come? For the main thread."""

    def __init__(self, *signals: signal.Signals) -> None:
        self._came = False  # a plain flag: no lock may be taken where a signal comes in
        for each in signals:
            signal.signal(each, self._come)

    def came(self) -> bool:
        """Is this process to end?"""
        return self._came

    def _come(self, *_: object) -> None:
        self._came = True


class Lifetime:
    """From :meth:`ready` until SIGTERM, or until the supervisor is gone. For the main thread.

    :param descriptor: where the supervisor wants to be told of the beginning.
    :param supervisor: its process id. It may be gone before this process could ask whose child it is.
    """

    def __init__(self, descriptor: int, supervisor: int) -> None:
        self._descriptor = descriptor
        self._supervisor = supervisor
        self._end = EndSignal(signal.SIGTERM)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the supervisor says what to do
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the supervisor's own mask came along

    def ready(self) -> None:
        """Tell the supervisor that this process does its work from now on."""
        with suppress(OSError):
            os.write(self._descriptor, b"1")
        os.close(self._descriptor)

    def over(self) -> bool:
        """Is this process to end?"""
        return self._end.came() or os.getppid() != self._supervisor

    def wait(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        end = time.monotonic() + seconds
        while not self.over() and (left := end - time.monotonic()) > 0:
            time.sleep(min(TICK, left))


def counted() -> Counts:
    """The counts of this process's log lines from now on, beside those of the other processes."""
    counts = Counts(Path(os.environ.get(FOLDER) or tempfile.mkdtemp()))
    log.tell(counts.line)
    counts.keep_writing()
    return counts
