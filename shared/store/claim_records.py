"""Powertools' idempotency persistence on the ``Table`` port: the item that an order is claimed by.

Such an item never expires: it holds order -> instance id for good. What is beside a claim when it is made stays, so
that every later call judges by the same.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer, IdempotencyConfig
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import STATUS_CONSTANTS, DataRecord

from shared.call import Nonce
from shared.clock import Clock, epoch_ms
from shared.errors import AuthenticationError
from shared.store.table import WHOLE, Exists, Item, Stale, Table

_IN_PROGRESS = STATUS_CONSTANTS["INPROGRESS"]
_CONFIG = IdempotencyConfig(event_key_jmespath="key", payload_validation_jmespath="payload", hash_function="sha256")


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


class TableRecords(BasePersistenceLayer):
    """One claim's view of the records. ``subject`` and ``taken_over`` are known once the claim is made, ``completed``
    once another one was found.
    """

    def __init__(
        self, table: Table, clock: Clock, lease: timedelta, subject: str, *, nonce: Nonce | None, beside: Beside
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.configure(_CONFIG, key_prefix="order")
        self._table, self._clock, self._lease = table, clock, lease
        self._nonce = nonce
        self._beside = beside
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

    def _put_record(self, data_record: DataRecord) -> None:
        self._mine = self._item(data_record)
        try:
            self._mine = self._table.create(self._mine)
        except Exists as found:
            self._theirs = found.existing
            raise self._exists(found.existing) from None

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

    def adopt_former(self, data: Mapping[str, Any]) -> None:
        """Carry on with the claim of an earlier release, if there is one: ``data`` has its key."""
        former = self._table.get(str(self._get_hashed_idempotency_key(dict(data))))
        if former and former["subject"]:
            self.subject, self.taken_over = former["subject"], True

    def _exists(self, existing: Item) -> IdempotencyItemAlreadyExistsError:
        self.subject = existing["subject"] or self._subject
        if self._nonce and existing.get("nonce") == self._nonce.value and existing["digest"] != self._nonce.digest:
            raise AuthenticationError("nonce")
        if not self._beside.same(about := existing.get("about", {})):
            raise OtherWish(self.subject, about)
        return IdempotencyItemAlreadyExistsError(old_data_record=_record(existing))

    def _get_record(self, idempotency_key: str) -> DataRecord:
        item = self._table.get(idempotency_key)
        if item is None:
            raise IdempotencyItemNotFoundError
        return _record(item)

    def _update_record(self, data_record: DataRecord) -> None:
        # Whoever took the claim over ends it; what the work stored is there for both.
        with suppress(Stale):
            self._table.replace(self._mine | {"status": data_record.status, "subject": self.subject})

    def _delete_record(self, data_record: DataRecord) -> None:  # noqa: ARG002 - the claim knows itself
        """The subject is given up, not the claim: what is beside it holds for whoever comes next."""
        self.let_go("")

    def let_go(self, subject: str | None = None) -> None:
        """End the lease, but keep the subject: what failed may have had an effect, and the next call must find it."""
        with suppress(Stale):
            kept = self._mine["subject"] if subject is None else subject
            self._table.replace(self._mine | {"lease_until": 0, "subject": kept})

    def _item(self, record: DataRecord) -> Item:
        mark = {"nonce": self._nonce.value, "digest": self._nonce.digest} if self._nonce else {}
        about = {"about": dict(self._beside.about)} if self._beside.about else {}
        return {
            "pk": record.idempotency_key,
            "sk": WHOLE,
            "status": record.status,
            "payload_hash": record.payload_hash,
            "subject": self.subject,
            "lease_until": epoch_ms(self._clock.now() + self._lease),
            **mark,
            **about,
        }


def _record(item: Item) -> DataRecord:
    return DataRecord(item["pk"], status=item["status"], payload_hash=item["payload_hash"])
