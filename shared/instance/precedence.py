"""What counts when calls overtake each other. Pure; ``docs/interfaces.md``, section "Order of effects", says the same.

An instance keeps its latest *wishes*: what the marketplace told of its period and of freezing. A wish that arrives late
takes its place among them, and what follows from all of them is read off anew, so that no order of delivery matters:

* Each wish has the sending time of its first attempt known here. Sending times are compared with each other only: they
  are the sender's clock.
* Orders of which the open API told the ``createTime`` are compared by that; the marketplace's clock, too.
* A time of one clock never meets one of another, but for two bounds: a sending time far ahead of our clock counts as
  ``SKEW`` ahead, and a freeze counts as the end of the period up to ``SKEW`` before the expiry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.clock import epoch_ms
from shared.provisioning import FreezeReason

SKEW = timedelta(seconds=60)
"""How far the sender's clock may be off: the window of a V2 signature (production interfaces, section 4.4)."""
MOST_WISHES = 24

DAYS = timedelta(days=2)
TOLD_FOR = timedelta(hours=2)
"""After the end of a period, within which the marketplace tells of it: at once, or an hour later if that fails."""
SKEW_MS, DAYS_MS, TOLD_FOR_MS = (int(span / timedelta(milliseconds=1)) for span in (SKEW, DAYS, TOLD_FOR))


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a wish came up: first sent, and for some orders of V2 when the order was placed (UTC epoch milliseconds)."""

    sent_ms: int = 0
    created_ms: int | None = None

    def before(self, other: "Stamp") -> bool:
        """Is ``other`` newer? Of two with the same time neither is."""
        if self.created_ms and other.created_ms and self.created_ms != other.created_ms:
            return self.created_ms < other.created_ms
        return self.sent_ms < other.sent_ms


class WishKind(StrEnum):
    """What a wish is about.

    ``START`` stands for everything before the others. ``RENEWAL`` extends the period, ``RETURN`` sets its end, with
    ``OPEN_END`` it has none from then on (trial turned pay-per-use). ``EXPIRY`` freezes at the end of the period,
    ``FREEZE`` for a reason that is not told.
    """

    START = "START"
    RENEWAL = "RENEWAL"
    RETURN = "RETURN"
    OPEN_END = "OPEN_END"
    EXPIRY = "EXPIRY"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"


SETTING = (WishKind.START, WishKind.RETURN, WishKind.OPEN_END)
STOPPING = (WishKind.EXPIRY, WishKind.FREEZE)
LIFTING = (WishKind.RENEWAL, WishKind.OPEN_END)
ORDERED = (WishKind.RENEWAL, WishKind.RETURN, WishKind.OPEN_END)


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish. ``order`` names an order, ``expires_at`` (UTC) is what it told; ``reasons`` has only the start.
    ``mark`` tells its call from all others, where that is of version 2 and nothing else does.
    """

    kind: WishKind
    stamp: Stamp = Stamp()
    expires_at: datetime | None = None
    order: str = ""
    reasons: tuple[FreezeReason, ...] = ()
    mark: str = ""


Wishes = tuple[Wish, ...]
"""As they were sent; of several sent at the same time, as they arrived. The first one is the start."""


def placed(wishes: Wishes, wish: Wish) -> Wishes:
    """``wishes`` with ``wish`` in its place. The oldest are summed up in the start if there are too many."""
    place = len(wishes)
    while place > 1 and wishes[place - 1].stamp.sent_ms > wish.stamp.sent_ms:
        place -= 1
    grown = (*wishes[:place], wish, *wishes[place:])
    return _summed_up(grown) if len(grown) > MOST_WISHES else grown


def expiry(wishes: Wishes) -> datetime | None:
    """The end of the period: what the newest return set, or the latest that a newer renewal told. ``None``: no end."""
    latest = 0
    for place, wish in enumerate(wishes):
        if wish.kind in SETTING and not _newer(wishes, latest, place):
            latest = place
    told = [wishes[latest].expires_at] + [
        wish.expires_at
        for place, wish in enumerate(wishes)
        if wish.kind is WishKind.RENEWAL and _newer(wishes, place, latest)
    ]
    return max((moment for moment in told if moment is not None), default=None)


def reasons(wishes: Wishes) -> frozenset[FreezeReason]:
    """Why the instance is frozen; empty if it is not.

    A renewal lifts what the end of a period froze, an unfreeze lifts everything. A freeze past the expiry that was told
    before it is taken as the end of the period. The end of a period counts no more if it was renewed for days, be it by
    a renewal that was sent before and done only after it: no difference of zones comes to days. Then a freeze at an
    expiry that was moved was that end, too; after a shorter renewal it may be one for another reason.
    """
    found: set[FreezeReason] = set()
    for place, wish in enumerate(wishes):
        if wish.kind is WishKind.START:
            found = set(wish.reasons)
        elif wish.kind in STOPPING:
            before = wishes[:place]
            if not (_renewed_beyond(wishes, wish.stamp.sent_ms + DAYS_MS) and _is_an_end(wish, before)):
                found.add(_reason(wish, before))
        elif wish.kind is WishKind.UNFREEZE:
            found.clear()
        elif wish.kind in LIFTING:
            found.discard(FreezeReason.EXPIRED)
    return frozenset(found)


def overtaken(wishes: Wishes, wish: Wish) -> bool:
    """Is a newer order known than that of ``wish``, which was placed among ``wishes``? Or one that told a later
    expiry?
    """
    own = wishes.index(wish) if wish in wishes else 0  # summed up in the start, where as many are newer
    newer = any(each.kind in ORDERED and _newer(wishes, place, own) for place, each in enumerate(wishes))
    end = expiry(wishes)
    return newer or (wish.kind is WishKind.RENEWAL and wish.expires_at is not None and end != wish.expires_at)


def late(wishes: Wishes, wish: Wish) -> bool:
    """Is ``wish`` from the time that the start stands for?"""
    return wish.stamp.sent_ms < wishes[0].stamp.sent_ms


def repeated(wishes: Wishes, wish: Wish) -> bool:
    """Is this very call among ``wishes``? Of another one of the same millisecond only its mark tells it; without one,
    the last counts.
    """
    same = [each for each in wishes if each.stamp.sent_ms == wish.stamp.sent_ms]
    marked = any(each.kind is wish.kind and each.mark == wish.mark != "" for each in same)
    return marked or (bool(same) and same[-1].kind is wish.kind)


def outdated(parts: Iterable[str], stamps: Mapping[str, Stamp], stamp: Stamp) -> frozenset[str]:
    """Those of ``parts`` of a specification that a newer order than that of ``stamp`` has chosen already."""
    return frozenset(part for part in parts if stamp.before(stamps.get(part, Stamp())))


def _newer(wishes: Wishes, one: int, other: int) -> bool:
    """Is the wish at ``one`` newer than that at ``other``? Of the same time, the one that stands behind."""
    a, b = wishes[one].stamp, wishes[other].stamp
    return b.before(a) or (not a.before(b) and one > other)


def _renewed_beyond(wishes: Wishes, moment_ms: int) -> bool:
    end = expiry(wishes)
    return any(wish.kind in LIFTING for wish in wishes) and (end is None or epoch_ms(end) > moment_ms)


def _reason(stop: Wish, before: Wishes) -> FreezeReason:
    """Why ``stop`` was sent, after ``before``."""
    end = expiry(before)
    past = end is not None and stop.stamp.sent_ms >= epoch_ms(end) - SKEW_MS
    return FreezeReason.EXPIRED if past or stop.kind is WishKind.EXPIRY else FreezeReason.SUSPENDED


def _is_an_end(stop: Wish, before: Wishes) -> bool:
    """Was it sent when a period was over, if only one that had been moved?"""
    if _reason(stop, before) is FreezeReason.EXPIRED:
        return True
    moved = (expiry(before[:place]) for place in range(1, len(before)))
    return any(end and -SKEW_MS <= stop.stamp.sent_ms - epoch_ms(end) <= TOLD_FOR_MS for end in moved)


def _summed_up(wishes: Wishes) -> Wishes:
    oldest = wishes[:2]
    start = Wish(WishKind.START, oldest[1].stamp, expiry(oldest), reasons=tuple(sorted(reasons(oldest))))
    return (start, *wishes[2:])
