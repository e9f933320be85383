"""Runs the marketplace's due tasks in the background while real time passes."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread

from emulator.marketplace.market import Market

PAUSE = 0.2
"""Seconds between two looks at the agenda."""
AT_ONCE = 4
"""Calls made side by side."""


@contextmanager
def ticking(market: Market) -> Iterator[None]:
    """As long as the context lasts, what is due is done. A task that fails is logged, and tried again later."""
    stopping = Event()

    def loop() -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="market") as executor:
            while not stopping.wait(PAUSE):
                try:
                    market.run_due(executor)
                except Exception:
                    logging.getLogger(__name__).exception("a task of the marketplace failed")

    thread = Thread(target=loop, name="market-ticker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
