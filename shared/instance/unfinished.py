"""Wishes that were begun and not finished: since when, and what the provisioner may have heard of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

RETRIED = timedelta(hours=3)
"""How long the marketplace repeats a call by itself (production interfaces, sections 2.1 and 3.9)."""
RETRIED_MS = int(RETRIED / timedelta(milliseconds=1))
MOST_TRIED = 24


class Aspect(StrEnum):
    """What a provisioner is told of an instance: whether it serves, until when, and what was bought."""

    SERVICE = "SERVICE"
    PERIOD = "PERIOD"
    SPECIFICATION = "SPECIFICATION"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An unfinished wish: when it was first sent, and what ``changed_ms`` of the instance was then."""

    sent_ms: int
    changed_ms: int = 0


def first_sent(tried: Mapping[str, Attempt], name: str, sent_ms: int, *, order: bool) -> int:
    """When the wish ``name`` was first sent, if an attempt at it was left unfinished, else ``sent_ms``.

    A state has no id: after ``RETRIED`` without another attempt the same one is another wish.
    """
    first = tried.get(name)
    if first is None or (not order and sent_ms - first.sent_ms > RETRIED_MS):
        return sent_ms
    return min(first.sent_ms, sent_ms)


def remembered(tried: Mapping[str, Attempt], name: str, attempt: Attempt) -> dict[str, Attempt]:
    """``tried`` with an attempt at ``name``; the oldest are forgotten if there are too many."""
    kept = {each: other for each, other in tried.items() if each != name} | {name: attempt}
    return dict(list(kept.items())[-MOST_TRIED:])
