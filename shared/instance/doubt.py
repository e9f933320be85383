"""Which was first, a renewal or a return? Version 2 can ask the open API where sending times may mislead: a call whose
first attempts never arrived here looks newer than it is.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.call import Call
from shared.commands import Version
from shared.instance.ordered import created_if_known
from shared.instance.precedence import Wish, Wishes, WishKind

if TYPE_CHECKING:
    from shared.app import App

OPPOSITE = {WishKind.RENEWAL: WishKind.RETURN, WishKind.RETURN: WishKind.RENEWAL}


def cleared(app: "App", wishes: Wishes, wish: Wish, call: Call) -> tuple[Wishes, Wish]:
    """``wishes`` and ``wish`` with the times of their orders, as far as these decide between a renewal and a return
    that tells an earlier end. Without an answer nothing changes, and their sending times decide.
    """
    opponents = {each for each in wishes if _doubtful(each, wish)}
    if call.version is not Version.V2 or not opponents:
        return wishes, wish
    ours = _asked(app, wish, call)
    if not ours.stamp.created_ms:
        return wishes, wish
    return tuple(_asked(app, each, call) if each in opponents else each for each in wishes), ours


def _doubtful(known: Wish, wish: Wish) -> bool:
    if known.kind is not OPPOSITE.get(wish.kind) or known.order == wish.order:
        return False
    renewal, returned = (known, wish) if known.kind is WishKind.RENEWAL else (wish, known)
    return bool(renewal.expires_at and returned.expires_at and renewal.expires_at > returned.expires_at)


def _asked(app: "App", wish: Wish, call: Call) -> Wish:
    if wish.stamp.created_ms:
        return wish
    created = created_if_known(app, wish.order, call.deadline, returned=wish.kind is WishKind.RETURN)
    return replace(wish, stamp=replace(wish.stamp, created_ms=created))
