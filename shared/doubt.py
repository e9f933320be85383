"""Which was first, a renewal or a return? Version 2 can ask the open API where sending times may mislead: a call whose
first attempts never arrived here looks newer than it is.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.call import Call
from shared.commands import Version
from shared.ordered import created_if_known
from shared.precedence import Kind, Wish, Wishes

if TYPE_CHECKING:
    from shared.app import App

OPPOSITE = {Kind.RENEWAL: Kind.RETURN, Kind.RETURN: Kind.RENEWAL}


def cleared(app: "App", wishes: Wishes, wish: Wish, call: Call) -> tuple[Wishes, Wish]:
    """``wishes`` and ``wish`` with the times that decide between a renewal and the latest return, or the other way
    round. Without an answer nothing changes, and their sending times decide.
    """
    opponents = [each for each in wishes if each.kind is OPPOSITE.get(wish.kind) and each.order != wish.order]
    if call.version is not Version.V2 or not opponents:
        return wishes, wish
    ours = _asked(app, wish, call)
    theirs = _asked(app, opponents[-1], call) if ours.stamp.created_ms else opponents[-1]
    return tuple(theirs if each is opponents[-1] else each for each in wishes), ours


def _asked(app: "App", wish: Wish, call: Call) -> Wish:
    if wish.stamp.created_ms:
        return wish
    created = created_if_known(app, wish.order, call.deadline, returned=wish.kind is Kind.RETURN)
    return replace(wish, stamp=replace(wish.stamp, created_ms=created))
