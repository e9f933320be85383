"""What coverage counts: the bundle's own tests, as to count takes as long as to run."""

import pkgutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Protocol

import pytest

import shared

HERE = Path(__file__).parent
COUNTED = (HERE / "functions", HERE / "shared")


class Controller(Protocol):
    """Of pytest-cov."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Counting:
    """Lets coverage count only where it is worth it: not while tests are collected, nor in those that do not count."""

    def __init__(self, plugin: object) -> None:
        self._plugin = plugin
        self._counted: set[pytest.Item] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Modules are counted as they are imported, so all are imported before."""
        for module in pkgutil.walk_packages(shared.__path__, "shared."):
            import_module(module.name)
        with self._paused():
            return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self._counted = set(counted(items))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if item in self._counted:
            return (yield)
        with self._paused():
            return (yield)

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """The controller is there once the session has begun."""
        controller: Controller = self._plugin.cov_controller  # type: ignore[attr-defined]
        controller.pause()
        try:
            yield
        finally:
            controller.resume()


def counted(items: Iterable[pytest.Item]) -> Iterable[pytest.Item]:
    """What stands elsewhere goes through what is counted already, and so do long and random tests. Of the cases of one
    test, most of which are platforms, the first counts, but each below a folder of ``shared``, where they are values.
    """
    seen = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        again = test in seen and HERE / "shared" not in item.path.parent.parents
        long = item.get_closest_marker("slow") or getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if any(map(item.path.is_relative_to, COUNTED)) and not (again or long):
            seen.add(test)
            yield item
