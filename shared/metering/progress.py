"""Progress of a command on the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error; the function it yields is told how much of ``total`` is done.

    Nothing is shown where standard error is no terminal, or rich (a development dependency) is not installed.
    """
    if not sys.stderr.isatty() or find_spec("rich") is None:
        yield lambda done: None  # noqa: ARG005 - nobody looks
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
