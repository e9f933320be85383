"""Short ways to write cases down."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from emulator.checks import Reading
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import CallCase, Play, Says
from emulator.conformance.sources import REFUSED
from emulator.conformance.step import Step
from shared.errors import ResultCode
from shared.http import HttpRequest

NO_ENTRY = (ResultCode.AUTHENTICATION_FAILED.value,)
BAD_CALL = (ResultCode.INVALID_PARAMETER.value,)
NO_ENTRY_OR_BAD = NO_ENTRY + BAD_CALL
UNKNOWN = (ResultCode.UNKNOWN_INSTANCE.value,)
ACCEPTED = (ResultCode.SUCCESS.value, ResultCode.IN_PROCESS.value)

Make = Callable[[CallFactory], Step]


class CaseGroup(NamedTuple):
    """What cases have in common: ``prefix`` of their ids, key, page; ``kind`` as of :class:`CallCase`."""

    version: str
    prefix: str
    key: str
    source: str
    says: Says = REFUSED
    kind: str = "default"
    real: bool = False
    sync: bool = False

    def case(
        self,
        name: str,
        play: Play,
        *,
        source: str = "",
        advised: bool = False,
        key: str = "",
        also: tuple[str, ...] = (),
    ) -> CallCase:
        """A case of the group; what is not given is the group's. It needs ``key`` and the keys in ``also``."""
        return CallCase(
            id=f"{self.version}.{self.prefix}.{name}",
            kind=self.kind,
            source=source or self.source,
            says=self.says,
            version=self.version,
            advised=advised,
            play=play,
            keys=(key or self.key, *also),
            real=self.real,
            sync=self.sync,
        )


def calls(*makes: Make) -> Play:
    """One call after the other; the results the calls expect are all there is to it."""

    def play(factory: CallFactory) -> Generator[Step, Reading, None]:
        for make in makes:
            yield make(factory)

    return play


def v1(activity: str, fields: Callable[[CallFactory], Mapping[str, Any]], **expected: Any) -> Play:
    """One debug call of version 1."""
    return calls(lambda factory: factory.v1(activity, fields(factory), **expected))


def v2(activity: str, members: Callable[[CallFactory], Mapping[str, Any]], **expected: Any) -> Play:
    """One debug call of version 2."""
    return calls(lambda factory: factory.v2(activity, members(factory), **expected))


def altered(step: Step, alter: Callable[[HttpRequest], HttpRequest], codes: tuple[str, ...] | None = None) -> Step:
    """``step`` with its request altered after it was signed; ``codes`` are then expected instead."""
    expected = step.expected if codes is None else replace(step.expected, codes=codes)
    return replace(step, make=lambda: alter(step.make()), expected=expected)


def with_pairs(request: HttpRequest, change: Callable[[str, str], str | None]) -> HttpRequest:
    """``request`` with each query value changed; ``None`` leaves the pair out."""
    changed = ((name, change(name, value)) for name, value in request.query)
    return replace(request, query=tuple((name, value) for name, value in changed if value is not None))


def without(name: str) -> Callable[[HttpRequest], HttpRequest]:
    """Leaves a query parameter out."""
    return lambda request: with_pairs(request, lambda each, value: None if each == name else value)


def setting(name: str, change: Callable[[str], str]) -> Callable[[HttpRequest], HttpRequest]:
    """Changes the value of a query parameter."""
    return lambda request: with_pairs(request, lambda each, value: change(value) if each == name else value)
