"""Short ways to write cases down."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.checks import Reading
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import CallCase, Play, Says
from emulator.conformance.sources import PAGES, REFUSED
from emulator.conformance.step import Step
from emulator.keys import key_name
from shared.commands import Version
from shared.errors import ResultCode
from shared.http import HttpRequest

NO_ENTRY = (ResultCode.AUTHENTICATION_FAILED.value,)
BAD_CALL = (ResultCode.INVALID_PARAMETER.value,)
NO_ENTRY_OR_BAD = NO_ENTRY + BAD_CALL

Make = Callable[[CallFactory], Step]
Fields = Callable[[CallFactory], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """What cases have in common: ``prefix`` of their ids, page if not that of the activity, and what
    :class:`CallCase` has besides.
    """

    version: Version
    prefix: str
    source: str = ""
    says: Says = REFUSED
    kind: str = "default"
    real: bool = False
    sync: bool = False

    def case(self, name: str, play: Play, *, source: str = "", advised: bool = False, activity: str = "") -> CallCase:
        """A case of the group; it needs the key that signs ``activity``."""
        keys = (key_name(self.version, activity, sync=self.sync),)
        return CallCase(
            id=f"{self.version}.{self.prefix}.{name}",
            kind=self.kind,
            source=source or self.source or PAGES[self.version][activity],
            says=self.says,
            version=self.version,
            advised=advised,
            play=play,
            keys=(*keys, "rsa_public_key") if activity == "applicationSync" else keys,
            real=self.real,
            sync=self.sync,
        )

    def call(
        self,
        activity: str,
        fields: Fields,
        *,
        alter: Callable[[HttpRequest], HttpRequest] = lambda request: request,
        sign: Callable[[HttpRequest, str], HttpRequest] = lambda request, _key: request,
        **expected: Any,
    ) -> Make:
        """A debug call; ``alter`` and ``sign`` are those of :class:`Step`."""

        def make(factory: CallFactory) -> Step:
            debug = factory.sync if self.sync else factory.debug
            return debug(self.version, activity, fields(factory), **expected).resigned(sign).altered(alter)

        return make

    def debug(
        self,
        name: str,
        activity: str,
        fields: Fields,
        *,
        times: int = 1,
        source: str = "",
        advised: bool = False,
        **more: Any,
    ) -> CallCase:
        """A case of one debug call, sent so many times; ``more`` as of :meth:`call`."""
        play = calls(*[self.call(activity, fields, **more)] * times)
        return self.case(name, play, source=source, advised=advised, activity=activity)


def calls(*makes: Make) -> Play:
    """One call after the other; the results the calls expect are all there is to it."""

    def play(factory: CallFactory) -> Generator[Step, Reading, None]:
        for make in makes:
            yield make(factory)

    return play


def twice(make: Make) -> Play:
    """The very same bytes, twice."""

    def play(factory: CallFactory) -> Generator[Step, Reading, None]:
        step = make(factory)
        request = step.make()
        for _ in range(2):
            yield replace(step, make=lambda: request)

    return play
