"""The process may die at any moment: whoever opens the file again goes on, and all ends as if nothing had been."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import pytest

from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from tests.emulator.marketplace.lives import ACT, finals, keep_diary
from tests.emulator.marketplace.seller import DAY, DEAD, HOUR, LOST, START, Scene, Seller

END = START + 24 * DAY
DIARY = {
    "yearly-v1": ((3, "open"),),
    "yearly-v2": (
        (9, "convert"),
        (11, "freeze"),
        (12, "unfreeze"),
        (14, "renew"),
        (15, "return_renewal"),
        (20, "upgrade"),
    ),
    "pay-per-use-v2": ((1, "owe"), (5, "pay"), (6, "owe")),
    "one-time-v1": ((2, "query"), (10, "unsubscribe")),
}
"""What is done on which day. Both yearly ones are trials: one is converted after its end, the other is released."""


PARTS = 4
"""Into which the calls are split at which it may die, so that several processes share them."""


class Killed(BaseException):
    """The process is no more."""


class Mortal:
    """A connection that dies with the process: at its commit number ``last``, or when it is told."""

    def __init__(self, connection: sqlite3.Connection, last: int = 0) -> None:
        self._connection = connection
        self._left = last
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        if self.dead and name != "close":
            raise Killed
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """Like the connection's."""
        if statement == "COMMIT" and self._left:
            self._left -= 1
            self.dead = self.dead or not self._left
        if self.dead:
            raise Killed
        return self._connection.execute(statement, *values)


class Story(Scene):
    """Some subscriptions with a seller that has bad hours, until ``END``."""

    def begin(self) -> None:
        """Everything is bought and planned."""
        self.mortal = Mortal(self.market.database.connection)
        self.fatal = 0
        self.seller.weather = self._weather
        keep_diary(self.market)
        self.market.cases.save_cases("one-time-v1")
        for product, acts in DIARY.items():
            subscription = self.buy(product, trial=product.startswith("yearly"))
            for day, act in acts:
                self.market.agenda.put(ACT, f"{subscription} {act} {day}", START + day * DAY)

    def tell(self, *, lives: int = 0, fatal: int = 0) -> int:
        """Go on to the end; how often the process died.

        :param lives: it dies after so many changes of its file each time, if any.
        :param fatal: the number of a call at which it dies, once.
        """
        self.fatal, deaths = fatal, 0
        while self.clock.now() < END:
            self.mortal = Mortal(self.market.database.connection, lives)
            self.market.database.connection = cast("sqlite3.Connection", self.mortal)
            try:
                self.market.advance(END - self.clock.now())
            except Killed:
                deaths += 1
                self.reopen()
                keep_diary(self.market)
        return deaths

    def outcome(self) -> list[Any]:
        """Everything there is at the end, without ids and numbers of calls."""
        subscriptions = self.market.database.all(Subscription)
        mails = sorted((mail.at, str(mail.subject)) for mail in self.market.database.all(Mail))
        report = self.market.listing_status.report("one-time-v1")
        tasks = [(task.name, task.due) for task in self.market.agenda.ahead(1000)]
        states = [self.state(each.id) for each in subscriptions]
        return [finals(self.market), states, mails, report, tasks, self.clock.now()]

    def _weather(self, activity: str) -> str:
        """By the hour, so that a call repeated after a death meets the same: instances open slowly and answers get
        lost on the first day, expiry is not heard at first, and the probes of the afternoon fail from the third day.

        Every other fatal call still has its effect.
        """
        self.fatal -= 1
        if not self.fatal:
            self.mortal.dead = True
            if len(self.seller.calls) % 2:
                return DEAD
        passed = self.clock.now() - START
        day, hour = passed // DAY, passed % DAY // HOUR
        if not day:
            first = {0: {"newInstance": "000004"}, 1: {"newInstance": LOST, "queryInstance": "000004"}}
            return first.get(hour, {}).get(activity, "")
        return {11: DEAD, 3: "000005" if day > 2 else ""}.get(hour, "")


class Teller(Protocol):
    """Begins the story."""

    def __call__(self, *, seed: int = 1) -> Story: ...


@pytest.fixture
def begun(one_seller: tuple[Seller, str], seller: Seller, tmp_path: Path) -> Iterator[Teller]:
    """The same story from its beginning, each time it is asked for."""
    told: list[Story] = []

    def begin(*, seed: int = 1) -> Story:
        story = Story(one_seller[1], seller, tmp_path / f"{len(told)}.sqlite", seed)
        told.append(story)
        seller.__init__()  # type: ignore[misc]
        story.begin()
        return story

    yield begin
    for story in told:
        story.market.close()


def test_the_same_seed_tells_the_same_story(begun: Teller) -> None:
    """Call for call, byte for byte; another seed has other ids."""

    def told(seed: int) -> list[Made]:
        story = begun(seed=seed)
        assert story.tell() == 0
        return calls(story)

    first = told(1)
    assert told(1) == first
    other = told(2)
    assert [call[:3] for call in other] == [call[:3] for call in first]
    assert not {call.sent for call in other if "attempt" in call.occasion} & {call.sent for call in first}


class Made(NamedTuple):
    """A call without what differs by chance: how long it took."""

    at: datetime
    activity: str
    code: str
    sent: str
    occasion: str


def calls(story: Story) -> list[Made]:
    """All of them, the oldest first."""
    numbers = [line.number for line in reversed(story.market.timeline.lines(limit=1000))]
    found = [call for call in map(story.market.timeline.get, numbers) if call]
    return [Made(call.at, call.activity, call.code, call.sent.model_dump_json(), str(call.occasion)) for call in found]


@pytest.mark.sweep
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, PARTS))])
def test_it_may_die_at_any_call(begun: Teller, part: int) -> None:
    undisturbed = begun()
    made = len(undisturbed.seller.calls)
    undisturbed.tell()
    made, expected = len(undisturbed.seller.calls) - made, undisturbed.outcome()
    assert {state for _, state, *_ in expected[0]} == {SubscriptionStatus.ACTIVE, SubscriptionStatus.RELEASED}
    for number in range(part + 1, made + 1, PARTS):
        story = begun()
        assert story.tell(fatal=number) == 1
        assert story.outcome() == expected, f"it died at call {number}"


@pytest.mark.sweep
def test_it_may_die_at_any_change_of_its_file(begun: Teller) -> None:
    undisturbed = begun()
    undisturbed.tell()
    expected = undisturbed.outcome()
    for lives in (7, 8, 9, 11, 13, 17, 23, 31, 53):
        story = begun()
        assert story.tell(lives=lives) > 3
        assert story.outcome() == expected, f"it died after every {lives} changes"
