"""The item that an order is claimed by.

Such an item never expires: it holds order -> instance id for good. What is beside a claim when it is made stays, so
that every later call judges by the same. Its key and its status are those that Powertools' idempotency gives it, so
that claims of every release are found; to import that would bring boto3 along.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from shared.call import Nonce
from shared.clock import Clock, epoch_ms
from shared.errors import AuthenticationError
from shared.store.table import WHOLE, Exists, Item, Stale, Table

_IN_PROGRESS, _COMPLETED = "INPROGRESS", "COMPLETED"


class OtherWish(Exception):
    """The key was claimed for something else; ``subject`` and ``about`` are what that claim is about."""

    def __init__(self, subject: str, about: Mapping[str, str]) -> None:
        super().__init__("the key belongs to another wish")
        self.subject = subject
        self.about = about


@dataclass(frozen=True, slots=True)
class Beside:
    """What a claim has beside it. ``same`` judges what an earlier claim of the key has beside it: is it the same?

    ``former`` is the key that an earlier release would have used: a claim found there is carried on with.
    """

    about: Mapping[str, str] = field(default_factory=dict)
    same: Callable[[Mapping[str, str]], bool] = lambda _about: True
    former: str | None = None


NOTHING = Beside()


def record_key(key: str) -> str:
    """The item's key for what is claimed by ``key``."""
    return f"order#{_digest(json.dumps(key))}"


class ClaimRecord:
    """One call's view of the record of ``key``. ``subject`` and ``taken_over`` are known once the claim is made,
    ``completed`` once another one was found.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock,
        lease: timedelta,
        *,
        key: str,
        subject: str,
        nonce: Nonce | None,
        beside: Beside,
    ) -> None:
        self._table, self._clock, self._lease = table, clock, lease
        self._key, self._nonce, self._beside = key, nonce, beside
        self._mine: Item = {}
        self._theirs: Item = {}
        self._subject = self.subject = subject
        self.taken_over = False

    @property
    def completed(self) -> bool:
        """Does the record itself say that the work is done?"""
        return bool(self._theirs["status"] != _IN_PROGRESS)

    def names(self, subject: str) -> bool:
        """Is this what the record, which is ours, is stored about?"""
        return bool(self._mine["subject"] == subject)

    def claim(self) -> bool:
        """Is the claim ours now? Otherwise another one is there.

        :raises OtherWish: it is for something else.
        :raises AuthenticationError: the nonce of this call was used for another call about the key.
        """
        self._mine = self._item()
        try:
            self._mine = self._table.create(self._mine)
        except Exists as found:
            self._theirs = found.existing
            self._judge(found.existing)
            return False
        return True

    def taken_from_the_dead(self) -> bool:
        """Take the record over that was found, if its lease has run out and nobody else is faster."""
        theirs, now = self._theirs, self._clock.now()
        if theirs["lease_until"] > epoch_ms(now):
            return False
        kept = {name: theirs[name] for name in ("version", "about") if name in theirs}
        lease = {"lease_until": epoch_ms(now + self._lease), "subject": self.subject}
        try:
            self._mine = self._table.replace(self._mine | kept | lease)
        except Stale:
            return False
        self.taken_over = bool(theirs["subject"])
        return True

    def adopt_former(self, key: str) -> None:
        """Carry on with the claim that an earlier release made by ``key``, if there is one."""
        former = self._table.get(record_key(key))
        if former and former["subject"]:
            self.subject, self.taken_over = former["subject"], True

    def complete(self) -> None:
        """The work is done. Whoever took the claim over ends it; what the work stored is there for both."""
        with suppress(Stale):
            self._table.replace(self._mine | {"status": _COMPLETED, "subject": self.subject})

    def give_up(self) -> None:
        """End the lease and give up the subject; what is beside the claim holds for whoever comes next."""
        self._end("")

    def let_go(self) -> None:
        """End the lease, but keep the subject: what failed may have had an effect, and the next call must find it."""
        self._end(self._mine["subject"])

    def _end(self, subject: str) -> None:
        with suppress(Stale):
            self._table.replace(self._mine | {"lease_until": 0, "subject": subject})

    def _judge(self, existing: Item) -> None:
        self.subject = existing["subject"] or self._subject
        if self._nonce and existing.get("nonce") == self._nonce.value and existing["digest"] != self._nonce.digest:
            raise AuthenticationError("nonce")
        if not self._beside.same(about := existing.get("about", {})):
            raise OtherWish(self.subject, about)

    def _item(self) -> Item:
        mark = {"nonce": self._nonce.value, "digest": self._nonce.digest} if self._nonce else {}
        about = {"about": dict(self._beside.about)} if self._beside.about else {}
        return {
            "pk": record_key(self._key),
            "sk": WHOLE,
            "status": _IN_PROGRESS,
            "payload_hash": _digest("{}"),  # what earlier releases look for; the key says it all
            "subject": self.subject,
            "lease_until": epoch_ms(self._clock.now() + self._lease),
            **mark,
            **about,
        }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
