"""A life of usage: taken in, uploaded, billed, with everything that goes wrong on the way.

It takes five hours, so it is played in the last five ones, on a clock that bundle and marketplace share.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from emulator.clock import MovableClock
from emulator.journey.player import Player
from emulator.journey.usage_story import StoryUse, UsageStory
from emulator.marketplace.faults.fault_list import USAGE_FAULTS
from emulator.openapi.usage.api import UsageApi
from emulator.texts import Text
from shared.metering.reconciliation.comparison import Day

CHAPTER = Text("journey.chapters.usage")
HOURS = timedelta(hours=5)


@dataclass(frozen=True)
class Metering:
    """What the story needs of both sides, and the clock they share.

    ``upload``: one run of the bundle's scheduled upload. ``reconcile``: an instance's days from the first to the last,
    beside a bill as CSV.
    """

    api: UsageApi
    upload: Callable[[], Mapping[str, int]]
    reconcile: Callable[[str, date, date, str], Sequence[Day]]
    clock: MovableClock


def usage(player: Player, metering: Metering) -> Sequence[Day]:
    """Play the life of one pay-per-use instance, from its purchase to its bill; how its days reconcile."""
    player.chapter = CHAPTER
    with metering.clock.put_back():
        hour = metering.clock.now().replace(minute=0, second=0, microsecond=0) - HOURS
        story = UsageStory(player, metering.api, metering.upload)

        def at(hours: int, minutes: int) -> None:
            metering.clock.set(hour + timedelta(hours=hours, minutes=minutes))

        at(0, 10)
        story.buy()
        at(0, 20)
        first = (StoryUse("0012", "3.5"), StoryUse("0015", "0.25"), StoryUse("0019", "12.0001"))
        story.take_in("usage", first, accepted=3)
        story.take_in("usage-again", first, duplicates=3)
        story.take_in("other-value", (StoryUse("0012", "9"),), rejected=1)
        at(1, 5)
        story.upload("upload")
        at(1, 25)
        story.take_in("late-event", (StoryUse("0030", "2"), StoryUse("0120", "0.0999")), accepted=2)
        at(2, 5)
        metering.api.faults.inject(USAGE_FAULTS["usage-throttled"])
        story.upload("throttled", met=406)
        at(2, 20)
        story.take_in("usage", (StoryUse("0215", "100"),), accepted=1)
        at(3, 5)
        metering.api.faults.inject(USAGE_FAULTS["usage-answer-lost"])
        story.upload("answer-lost", met=0)
        story.query()
        at(3, 20)
        story.take_in("before-release", (StoryUse("0315", "0.15"),), accepted=1)
        at(3, 30)
        story.release()
        at(3, 40)
        story.upload("after-release")
        at(4, 16)
        story.bill()
        return story.reconcile(metering.reconcile)
