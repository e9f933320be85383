"""Powertools' idempotency persistence on the ``Table`` port, and ``Once``: an order is worked on once.

Two copies of one order, the second arriving while the first works (time runs down)::

    copy 1                     record                          copy 2
    save_inprogress  ------->  INPROGRESS, subject, lease
    work(subject)                                   <--------  save_inprogress: exists -> waits, asks again
    save_success     ------->  COMPLETED
                                                    <--------  save_inprogress: exists, COMPLETED -> same subject

A copy that dies leaves INPROGRESS behind. When the lease has run out the next copy takes the record over *with its
subject*, so the work it repeats is about the same instance. Records of orders never expire: they hold order ->
instance id for good.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer, IdempotencyConfig
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import STATUS_CONSTANTS, DataRecord

from shared.call import Call, Nonce
from shared.clock import Clock, epoch_ms
from shared.errors import AuthenticationError, Conflict, InProcess
from shared.store.table import WHOLE, Exists, Item, Stale, Table
from shared.work import within

T = TypeVar("T")
POLL_SECONDS = 0.1
_IN_PROGRESS = STATUS_CONSTANTS["INPROGRESS"]
_CONFIG = IdempotencyConfig(event_key_jmespath="key", payload_validation_jmespath="payload", hash_function="sha256")


class OtherPayload(Exception):
    """The key was claimed for another payload; ``subject`` is what that claim is about."""

    def __init__(self, subject: str) -> None:
        super().__init__("the key belongs to another payload")
        self.subject = subject


class TableRecords(BasePersistenceLayer):
    """One claim's view of the records. ``subject`` and ``taken_over`` are known once the claim is made."""

    def __init__(self, table: Table, clock: Clock, lease: timedelta, subject: str, nonce: Nonce | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.configure(_CONFIG, key_prefix="order")
        self._table, self._clock, self._lease = table, clock, lease
        self._nonce = nonce
        self._mine: Item = {}
        self.subject = subject
        self.taken_over = False

    def _put_record(self, data_record: DataRecord) -> None:
        item = self._item(data_record) | {"lease_until": epoch_ms(self._clock.now() + self._lease)}
        try:
            self._mine = self._table.create(item)
        except Exists as found:
            self._take_over(item, found.existing)

    def _take_over(self, item: Item, existing: Item) -> None:
        dead = existing["status"] == _IN_PROGRESS and existing["lease_until"] <= epoch_ms(self._clock.now())
        if not dead or existing["payload_hash"] != item["payload_hash"]:
            raise self._exists(existing)
        try:
            self._mine = self._table.replace(
                item | {"version": existing["version"], "subject": existing["subject"]},
            )
        except Stale:
            raise self._exists(existing) from None
        self.subject, self.taken_over = existing["subject"], True

    def _exists(self, existing: Item) -> IdempotencyItemAlreadyExistsError:
        self.subject = existing["subject"]
        if self._nonce and existing.get("nonce") == self._nonce.value and existing["digest"] != self._nonce.digest:
            raise AuthenticationError("nonce")
        return IdempotencyItemAlreadyExistsError(old_data_record=_record(existing))

    def _get_record(self, idempotency_key: str) -> DataRecord:
        item = self._table.get(idempotency_key)
        if item is None:
            raise IdempotencyItemNotFoundError
        return _record(item)

    def _update_record(self, data_record: DataRecord) -> None:
        try:
            self._table.replace(self._item(data_record) | {"version": self._mine["version"], "subject": self.subject})
        except Stale:
            # Whoever took the claim over ends it; what the work stored is there for both.
            return

    def _delete_record(self, data_record: DataRecord) -> None:  # noqa: ARG002 - the claim knows its version
        try:
            self._table.delete(self._mine)
        except Stale:
            return

    def let_go(self) -> None:
        """End the lease, but keep the subject: what failed may have had an effect, and the next call must find it."""
        try:
            self._table.replace(self._mine | {"lease_until": 0})
        except Stale:
            return

    def _item(self, record: DataRecord) -> Item:
        mark = {"nonce": self._nonce.value, "digest": self._nonce.digest} if self._nonce else {}
        return mark | {
            "pk": record.idempotency_key,
            "sk": WHOLE,
            "status": record.status,
            "payload_hash": record.payload_hash,
            "subject": self.subject,
        }

    def belongs(self, data: Mapping[str, Any], record: DataRecord) -> bool:
        """Was ``record`` written for the payload in ``data``?"""
        return bool(record.payload_hash == self._get_hashed_payload(dict(data)))


def _record(item: Item) -> DataRecord:
    return DataRecord(item["pk"], status=item["status"], payload_hash=item["payload_hash"])


@dataclass(frozen=True, slots=True)
class Ran(Generic[T]):
    """How a run ended: ``result`` of this very call's work, or ``None`` when another call did or does it."""

    subject: str
    finished: bool
    result: T | None = None


class Once:
    """Runs the work for a key once, however often and however concurrently it is asked for."""

    def __init__(self, table: Table, clock: Clock, lease: timedelta) -> None:
        self._table, self._clock, self._lease = table, clock, lease

    def run(
        self, key: str, payload: Mapping[str, Any], subject: str, work: Callable[[str, bool], T], call: Call
    ) -> Ran[T]:
        """Claim ``key`` for ``payload`` and run ``work(subject, again)``.

        ``again`` says that an earlier run died or failed: its effects may be there. If the work raises, a repeated call
        does it again about the same subject; only a ``Conflict``, which says that the subject is another order's, lets
        it start afresh. An answer later than ``call.deadline`` has ``finished`` false; the work goes
        on.

        :param subject: what the claim is about (an instance id) if this call is the first; otherwise the first one's
            is used.
        :raises OtherPayload: the key was claimed for another payload; nothing was done.
        :raises AuthenticationError: the nonce of the call was used for another call about the same key.
        """
        records = TableRecords(self._table, self._clock, self._lease, subject, call.nonce)
        data = {"key": key, "payload": dict(payload)}
        try:
            claimed = self._claim(records, data, call)
            if not claimed:
                return Ran(records.subject, finished=True)
            return Ran(records.subject, True, within(call.deadline, lambda: self._work(records, data, work)))
        except InProcess:
            return Ran(records.subject, finished=False)

    def _claim(self, records: TableRecords, data: dict[str, Any], call: Call) -> bool:
        """True: ours to do. False: done. Waits while another copy works."""
        while True:
            try:
                records.save_inprogress(data, remaining_time_in_millis=int(self._lease / timedelta(milliseconds=1)))
            except IdempotencyItemAlreadyExistsError as exists:
                if exists.old_data_record is None or not records.belongs(data, exists.old_data_record):
                    raise OtherPayload(records.subject) from None
                if exists.old_data_record.status != _IN_PROGRESS:
                    return False
            else:
                return True
            if call.deadline.left() <= POLL_SECONDS:
                raise InProcess("in process, ask again")
            self._clock.sleep(POLL_SECONDS)

    @staticmethod
    def _work(records: TableRecords, data: dict[str, Any], work: Callable[[str, bool], T]) -> T:
        try:
            result = work(records.subject, records.taken_over)
        except Conflict as error:
            records.delete_record(data, error)
            raise
        except Exception:
            records.let_go()
            raise
        records.save_success(data, {"subject": records.subject})
        return result
