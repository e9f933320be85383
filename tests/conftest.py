"""What every test may use."""

import gc
import os
import sys
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

from shared import app, log, timeouts
from shared.secrets import forget_secrets
from tests.counting import Counting
from tests.event_receiver import EventReceiver, receiving
from tests.events import Platform
from tests.examples import QUICK
from tests.logs import LogLines, captured
from tests.platforms import Entry
from tests.postgresql import PostgresServer, shared_server
from tests.world import World

# How long drawing an example takes says something about the machine, not about the code.
settings.register_profile("repository", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(QUICK, settings.get_profile("repository"), max_examples=25)
settings.load_profile("repository")


def pytest_configure(config: pytest.Config) -> None:
    """With ``--cov``."""
    if coverage := config.pluginmanager.getplugin("_cov"):
        config.pluginmanager.register(Counting(coverage))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays: to look through it for garbage again and again takes a third of the time."""
    gc.disable()
    collected = yield
    gc.enable()
    gc.freeze()
    return collected


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """Garbage waits until the test is over: at the bottom of a recursion, as in JSON that nests too deep, what is found
    cannot be finalized any more, and whichever test has left it, this one would fail.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` runs a case on one platform, `make check` on each."""
    if config.getoption("hypothesis_profile", None) == QUICK:
        chosen = one_platform_each(items)
        config.hook.pytest_deselected(items=list(set(items).difference(chosen)))
        items[:] = chosen


def one_platform_each(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Of the cases that differ only in where a call comes in, one: another one of each test."""
    alike: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        alike[item.nodeid.replace(comes_in(item), "")].append(item)
    return [cases[crc32(name.encode()) % len(cases)] for name, cases in alike.items()]


def comes_in(item: pytest.Item) -> str:
    """The name of the platform, or of the way into it, that is a parameter of the test; empty where none is."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return next((each.name for each in parameters.values() if isinstance(each, Platform | Entry)), "")


Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``REQUIRE_ALL=1``, as in CI, a test that is skipped has failed."""
    return _required((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So has a module."""
    return _required((yield))


def _required(report: Report) -> Report:
    if report.skipped and os.environ.get("REQUIRE_ALL") == "1" and isinstance(report.longrepr, tuple):
        report.outcome, report.longrepr = "failed", f"nothing may be skipped here: {report.longrepr[2]}"
    return report


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One for all processes of the session: let each test have a database of its own."""
    base = tmp_path_factory.getbasetemp()
    with shared_server(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as server:
        yield server


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    """No test inherits another one's app, the secrets that it read, nor where its commands logged; nor its threads, as
    coverage counts only in those that were begun while it counts.
    """
    output = sys.stdout
    app.install(None)
    forget_secrets()
    yield
    app.install(None)
    forget_secrets()
    log.write_to(output)
    timeouts.end_idle_threads()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A bundle with default settings, called directly."""
    return World(tmp_path)


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """The log lines of the test so far, by calling it; ``text`` is everything that was written."""
    with captured() as lines:
        yield lines


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    """Somebody who receives events, and takes them all until told otherwise."""
    with receiving() as started:
        yield started
