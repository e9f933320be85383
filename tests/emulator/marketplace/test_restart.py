"""The process may die at any moment: whoever opens the file again goes on, and all ends as if nothing had been."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.wire.client import Reply
from shared.http import HttpRequest
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
NOWHERE = "http://127.0.0.1:1"
"""Calls need no wire here."""


class Killed(BaseException):
    """The process is no more."""


class Mortal:
    """A connection that dies with the process, at its commit number ``last``."""

    def __init__(self, connection: sqlite3.Connection, last: int) -> None:
        self._connection = connection
        self._left = last

    def __getattr__(self, name: str) -> Any:
        if not self._left and name != "close":
            raise Killed
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """Like the connection's."""
        self._left -= statement == "COMMIT"
        if not self._left:
            raise Killed
        return self._connection.execute(statement, *values)


class Story(Scene):
    """Some subscriptions with a seller that has bad hours, until ``END``."""

    def begin(self) -> None:
        """Everything is bought and planned."""
        self.go_on()
        self.market.cases.save_cases("one-time-v1")
        for product, acts in DIARY.items():
            subscription = self.buy(product, trial=product.startswith("yearly"))
            for day, act in acts:
                self.market.agenda.put(ACT, f"{subscription} {act} {day}", START + day * DAY)

    def go_on(self) -> None:
        """A process has begun."""
        self.seller.weather = self._weather
        keep_diary(self.market)

    def tell(self) -> None:
        """Go on to the end."""
        self.market.advance(END - self.clock.now())

    def tell_in_lives(self, changes: int) -> int:
        """Go on to the end by processes that die after so many changes of the file; how many died."""
        deaths = 0
        while self.clock.now() < END:
            mortal = Mortal(self.market.database.connection, changes)
            self.market.database.connection = cast("sqlite3.Connection", mortal)
            try:
                self.tell()
            except Killed:
                deaths += 1
                self.reopen()
                self.go_on()
        return deaths

    def tell_leaving(self, folder: Path, part: int) -> list["Left"]:
        """Go on to the end; what a process leaves that dies at one of its calls, for a part of them. Every other one
        has its effect before.
        """
        numbers, left = count(), list[Left]()

        def transport(base: str, request: HttpRequest, timeout: float) -> Reply:
            number = next(numbers)
            reply = self.seller.transport(base, request, timeout) if number % 2 else None
            if number % PARTS == part:
                left.append(self._left(folder / f"{number}.sqlite"))
            return reply or self.seller.transport(base, request, timeout)

        self.market.sender.transport = transport
        self.tell()
        return left

    def _left(self, file: Path) -> "Left":
        with closing(sqlite3.connect(str(self.file))) as seen, closing(sqlite3.connect(file)) as kept:
            seen.backup(kept)
        knows = self.seller
        return Left(file, Seller(instances={**knows.instances}, states={**knows.states}, ends={**knows.ends}))

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
        """
        passed = self.clock.now() - START
        day, hour = passed // DAY, passed % DAY // HOUR
        if not day:
            first = {0: {"newInstance": "000004"}, 1: {"newInstance": LOST, "queryInstance": "000004"}}
            return first.get(hour, {}).get(activity, "")
        return {11: DEAD, 3: "000005" if day > 2 else ""}.get(hour, "")


class Left(NamedTuple):
    """What is left of a process: its file, and the seller as it was."""

    file: Path
    seller: Seller


@contextmanager
def begun(file: Path, *, seed: int = 1) -> Iterator[Story]:
    """The same story from its beginning."""
    story = Story(NOWHERE, Seller(), file, seed)
    story.begin()
    yield story
    story.market.close()


def test_the_same_seed_tells_the_same_story(tmp_path: Path) -> None:
    """Call for call, byte for byte; another seed has other ids."""

    def told(name: str, seed: int) -> list[Made]:
        with begun(tmp_path / name, seed=seed) as story:
            story.tell()
            return calls(story)

    first = told("first", 1)
    assert told("again", 1) == first
    other = told("other", 2)
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
@pytest.mark.parametrize("part", range(PARTS))
def test_it_may_die_at_any_call(tmp_path: Path, part: int) -> None:
    with begun(tmp_path / "undisturbed") as undisturbed:
        left, expected = undisturbed.tell_leaving(tmp_path, part), undisturbed.outcome()
    assert {state for _, state, *_ in expected[0]} == {SubscriptionStatus.ACTIVE, SubscriptionStatus.RELEASED}
    assert len(left) > 50 / PARTS
    for file, seller in left:
        story = Story(NOWHERE, seller, file)
        story.go_on()
        story.tell()
        assert story.outcome() == expected, f"it died at call {file.stem}"
        story.market.close()


@pytest.mark.sweep
def test_it_may_die_at_any_change_of_its_file(tmp_path: Path) -> None:
    with begun(tmp_path / "undisturbed") as undisturbed:
        undisturbed.tell()
        expected = undisturbed.outcome()
    for changes in (7, 8, 9, 11, 13, 17, 23, 31, 53):
        with begun(tmp_path / f"{changes}") as story:
            assert story.tell_in_lives(changes) > 3
            assert story.outcome() == expected, f"it died after every {changes} changes"
