"""Several hosts of one API: tried in order, each with its share of the time."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.clock import Clock, Deadline
from shared.errors import ConfigurationError, Unavailable

T = TypeVar("T")

LONGEST = 30.0
"""Seconds for one host at most, however much time there is."""
PASSED_OVER = 300.0
"""Seconds for which a host that let its share of the time pass is asked last."""


class Declined(Unavailable):
    """The API itself cannot answer now; another of its hosts would say the same."""


class NoHostAnswers(Unavailable):
    """No host gave an answer; ``problems`` tells why, in the order in which they were asked."""

    def __init__(self, problems: Sequence[Unavailable]) -> None:
        super().__init__(str(problems[-1]))
        self.problems = problems


class Hosts:
    """The hosts of one API, the preferred one first. One per process and API; safe to share."""

    def __init__(self, urls: Sequence[str], clock: Clock) -> None:
        """:raises ConfigurationError: there is none."""
        if not urls:
            raise ConfigurationError("set KOOGALLERY_API_URLS")
        self._urls, self._clock = tuple(urls), clock
        self._late_until: dict[str, float] = {}

    def first_answer(self, ask: Callable[[str, Deadline], T], deadline: Deadline) -> T:
        """What ``ask(host, its share of the time)`` returns, for the first host for which it returns anything.

        ``ask`` raises ``Unavailable`` where the next host may do better, :class:`Declined` where not.

        :raises NoAnswer: there is none.
        """
        problems = []
        hosts = self._in_order()
        for position, url in enumerate(hosts):
            share = deadline.share(len(hosts) - position, LONGEST)
            try:
                return ask(url, share)
            except Declined:
                raise
            except Unavailable as problem:
                problems.append(problem)
                if not share.left() and deadline.left():
                    self._late_until[url] = self._clock.monotonic() + PASSED_OVER
        raise NoHostAnswers(problems)

    def _in_order(self) -> list[str]:
        now = self._clock.monotonic()
        return sorted(self._urls, key=lambda url: self._late_until.get(url, now) > now)
