"""How far the checks have come that look at a part of all instances at each run, and what they remember."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.clock import Deadline, epoch_ms
from shared.instance.record import InstanceRecord
from shared.store.conditional import write_over
from shared.store.table import Item
from shared.watch.findings import Finding

if TYPE_CHECKING:
    from shared.app import App

PLACE = ("watch", "round")


@dataclass
class Round:
    """``after``: where the listing goes on. ``asked``: the instance whose order was asked for last. ``done_ms``: when
    a check that is not made at each run was made last. ``suspects``: what the product alone had the last time;
    ``doubted``: the instances whose order was not known the last time. ``judged``: the failed message that was looked
    into last.
    """

    after: str | None = None
    asked: str = ""
    done_ms: dict[str, int] = field(default_factory=dict)
    suspects: list[str] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    judged: str = ""

    def next_of(self, records: Sequence[InstanceRecord], most: int) -> Iterable[InstanceRecord]:
        """The next few of a page, a page being looked at until all of it was."""
        turn = turn_of((each.instance_id for each in records), self.asked, most)
        self.asked = turn[-1] if turn else ""
        return [each for each in records if each.instance_id in turn]

    def is_due(self, check: str, every: timedelta, now: datetime) -> bool:
        """Is it so long ago? It counts as made then."""
        due = epoch_ms(now) - self.done_ms.get(check, 0) >= every / timedelta(milliseconds=1)
        if due:
            self.done_ms[check] = epoch_ms(now)
        return due


@dataclass(frozen=True)
class Look:
    """One look of the sweep: until when, how far those before it came, and what they found that is not gone."""

    deadline: Deadline
    round: Round
    before: Sequence[Finding]


def turn_of(names: Iterable[str], last: str, most: int) -> list[str]:
    """The next few behind ``last``, which had its turn; from the beginning again at the end."""
    known = sorted(names)
    turned = bisect_right(known, last)
    return [*known[turned:], *known[:turned]][:most]


def load(app: "App") -> tuple[Round, Item | None]:
    """The round, and the item that it was read from, if there is one."""
    item = app.tables.table("agenda").get(*PLACE)
    names = {each.name for each in fields(Round)}
    return Round(**{name: item[name] for name in names & item.keys()}) if item else Round(), item


def save(app: "App", round_: Round, seen: Item | None) -> None:
    """Unless another run has come further meanwhile."""
    pk, sk = PLACE
    write_over(app.tables.table("agenda"), seen, {"pk": pk, "sk": sk, **asdict(round_)})
