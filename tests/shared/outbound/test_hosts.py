"""Several hosts of one API."""

from collections.abc import Callable

import pytest

from shared.clock import Deadline
from shared.errors import ConfigurationError, Unavailable
from shared.outbound.hosts import LONGEST, PASSED_OVER, Declined, Hosts, NoHostAnswers
from tests.fakes import FakeClock

URLS = ("https://one.example", "https://two.example", "https://three.example")


class Asked:
    """Hosts that do as they are told: hang (``None``), raise, or answer with their own URL."""

    def __init__(self, urls: tuple[str, ...] = URLS) -> None:
        self.clock = FakeClock()
        self.hosts = Hosts(urls, self.clock)
        self.says: dict[str, Exception | None] = {}
        self.asked: list[tuple[str, float]] = []

    def ask(self, url: str, share: Deadline) -> str:
        self.asked.append((url, share.left()))
        if url not in self.says:
            return url
        if (problem := self.says[url]) is None:
            self.clock.advance(share.left())
            raise Unavailable("no answer in time")
        raise problem

    def first(self, seconds: float = 12) -> str:
        self.asked.clear()
        return self.hosts.first_answer(self.ask, Deadline(self.clock, seconds))

    @property
    def order(self) -> list[str]:
        return [url for url, _ in self.asked]


def test_the_first_that_answers() -> None:
    world = Asked()
    assert world.first() == URLS[0]
    world.says[URLS[0]] = Unavailable("refused")
    assert world.first() == URLS[1]
    assert world.order == [*URLS[:2]]


def test_each_has_its_share_of_the_time() -> None:
    world = Asked()
    world.says = dict.fromkeys(URLS)
    with pytest.raises(NoHostAnswers, match="no answer in time"):
        world.first(12)
    assert world.asked == [(URLS[0], 4), (URLS[1], 4), (URLS[2], 4)]


def test_a_fast_refusal_leaves_its_share_to_the_others() -> None:
    world = Asked()
    world.says = {URLS[0]: Unavailable("refused")}
    world.first(12)
    assert world.asked == [(URLS[0], 4), (URLS[1], 6)]


def test_no_host_takes_a_whole_run() -> None:
    world = Asked()
    world.says = {URLS[0]: None}
    world.first(800)
    assert world.asked == [(URLS[0], LONGEST), (URLS[1], LONGEST)]


def test_a_host_that_hung_is_asked_last_for_a_while() -> None:
    world = Asked()
    world.says = {URLS[0]: None}
    world.first()
    world.says = {URLS[1]: Unavailable("refused"), URLS[2]: Unavailable("refused")}
    assert world.first() == URLS[0]
    assert world.order == [URLS[1], URLS[2], URLS[0]]

    world.clock.advance(PASSED_OVER)
    assert world.first() == URLS[0]
    assert world.order == [URLS[0]]


def test_who_had_no_time_is_not_passed_over() -> None:
    world = Asked()
    world.says = dict.fromkeys(URLS)
    with pytest.raises(NoHostAnswers):
        world.first(0)
    world.says.clear()
    assert world.first() == URLS[0]


@pytest.mark.parametrize(
    "error", [lambda: Declined("too many calls"), lambda: ConfigurationError("no"), lambda: KeyError("a bug")]
)
def test_what_another_host_would_say_too_ends_the_round(error: Callable[[], Exception]) -> None:
    world = Asked()
    world.says = {URLS[0]: (problem := error())}
    with pytest.raises(type(problem)):
        world.first()
    assert world.order == [URLS[0]]


def test_why_there_is_no_answer() -> None:
    world = Asked()
    world.says = {url: Unavailable(url) for url in URLS}
    with pytest.raises(NoHostAnswers, match=URLS[2]) as caught:
        world.first()
    assert [str(problem) for problem in caught.value.problems] == [*URLS]


def test_there_must_be_one() -> None:
    with pytest.raises(ConfigurationError, match="KOOGALLERY_API_URLS"):
        Hosts((), FakeClock())
