"""The conformance checker, run in the background: one run at a time, every call of it in the timeline."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock, Thread
from urllib.parse import urlsplit

from emulator.conformance.address import is_loopback
from emulator.conformance.case import CallCase, Case, Exchange, Result
from emulator.conformance.catalogue import chosen
from emulator.conformance.probing import probed
from emulator.conformance.report import Report
from emulator.conformance.runner import Runner
from emulator.console.builder.sending import factory
from emulator.keys import key_name
from emulator.marketplace.delivery.sender import About
from emulator.marketplace.market import Market
from emulator.texts import Text
from emulator.wire.client import send
from shared.clock import SystemClock


class CheckRefused(Exception):
    """The run cannot be started. ``reason`` is the end of the text ``check.refused.…``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class WishedCheck:
    """What to check. ``only``: patterns of case ids; ``real`` orders create instances, on another machine only with
    ``remote``.
    """

    versions: tuple[str, ...] = ("v1", "v2")
    only: tuple[str, ...] = ()
    sync: bool = False
    real: bool = False
    remote: bool = False


@dataclass
class Run:
    """A run as it goes. ``calls``: numbers in the timeline by case. ``report`` is there at the end.

    ``earlier``: seconds that it took before some cases were tried again.
    """

    url: str
    started: str
    cases: Sequence[Case]
    wish: WishedCheck
    current: str = ""
    results: dict[str, Result] = field(default_factory=dict)
    calls: dict[str, list[int]] = field(default_factory=dict)
    report: Report | None = None
    broken: bool = False
    earlier: float = 0.0

    @property
    def going(self) -> bool:
        return self.report is None and not self.broken

    @property
    def counts(self) -> Mapping[str, int]:
        """How many results there are by now, by verdict."""
        verdicts = [result.verdict.value for result in self.results.values()]
        return {verdict: verdicts.count(verdict) for verdict in ("failed", "warning", "passed", "skipped")}


class CheckRuns:
    """The latest run against ``market``'s target."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._lock = Lock()
        self._latest: Run | None = None

    @property
    def latest(self) -> Run | None:
        """As it stands: it goes on, and what was read of it stays."""
        return self._latest and replace(self._latest)

    @property
    def url(self) -> str:
        return self._market.sender.target.url

    @property
    def local(self) -> bool:
        return is_loopback(self.url)

    def start(self, wish: WishedCheck) -> Run:
        """Begin a run.

        :raises CheckRefused: one is going, a key is missing, no case is called so, or it would create instances
            elsewhere.
        """
        versions = [version for version in wish.versions if getattr(self._market.keys, key_name(version, ""))]
        if not versions:
            raise CheckRefused("keys")
        if wish.real and not (self.local or wish.remote):
            raise CheckRefused("remote")
        try:
            cases = chosen(wish.only, versions, real=wish.real, sync=wish.sync)
        except ValueError:
            raise CheckRefused("only") from None
        with self._lock:
            if self.latest and self.latest.going:
                raise CheckRefused("going")
            started = self._market.signing_clock.now().isoformat(timespec="seconds")
            return self._begin(Run(self.url, started, cases, wish), cases)

    def again(self, ids: Collection[str]) -> Run:
        """Try these cases of the latest run once more; the other results stay.

        :raises CheckRefused: there is no run, it is going, or none of its cases is called so.
        """
        with self._lock:
            before = self.latest
            if before is None or before.report is None:
                raise CheckRefused("going" if before and before.going else "only")
            cases = [case for case in before.cases if case.id in ids]
            if not cases:
                raise CheckRefused("only")
            calls = {name: numbers for name, numbers in before.calls.items() if name not in ids}
            return self._begin(replace(before, report=None, calls=calls, earlier=before.report.seconds), cases)

    def _begin(self, run: Run, cases: Sequence[Case]) -> Run:
        self._latest = run
        Thread(target=self._go, args=(run, cases), name="conformance-check", daemon=True).start()
        return run

    def _go(self, run: Run, cases: Sequence[Case]) -> None:
        before, target = time.monotonic(), self._market.sender.target
        makes, sending = factory(self._market), partial(send, target.base)
        runner = Runner(
            run.url,
            makes,
            sending,
            lambda case: setattr(run, "current", case.id),
            lambda exchange: self._kept(run, exchange),
            SystemClock(),  # servers date their answers by the real time, however far the marketplace's clock is moved
        )
        try:
            for case in sorted(cases, key=lambda case: not isinstance(case, CallCase)):
                # Exchanged, not changed: a page may be reading it.
                run.results = {**run.results, case.id: runner.run([case])[0]}
            results = [run.results[case.id] for case in run.cases]
            answers = probed(results, makes, sending)
            run.report = Report(run.url, run.started, run.earlier + time.monotonic() - before, results, answers)
        finally:
            run.broken = run.report is None

    def _kept(self, run: Run, exchange: Exchange) -> None:
        occasion = Text("occasions.more", what=Text("occasions.check"), more=exchange.case)
        about = About.played(exchange.request, exchange.reading.expected, occasion)
        now = self._market.clock.now()
        call = self._market.sender.keep(exchange.request, exchange.reading, about, now)
        run.calls.setdefault(exchange.case, []).append(call.number)


def host_of(url: str) -> str:
    return urlsplit(url).hostname or "server"
