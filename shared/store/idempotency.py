"""``Once``: an order is worked on once.

Two copies of one order, the second arriving while the first works (time runs down)::

    copy 1                     record                          copy 2
    save_inprogress  ------->  INPROGRESS, subject, lease
    work(subject)                                   <--------  save_inprogress: exists -> waits, asks again
    save_success     ------->  COMPLETED
                                                    <--------  save_inprogress: exists, COMPLETED -> same subject

A copy that dies leaves INPROGRESS behind. When the lease has run out the next copy takes the record over *with its
subject*, so the work it repeats is about the same instance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemAlreadyExistsError

from shared.call import Call
from shared.clock import Clock
from shared.errors import Conflict, InProcess
from shared.store.claim_records import IN_PROGRESS, NOTHING, Beside, OtherWish, TableRecords
from shared.store.table import Table
from shared.timeouts import within

__all__ = ["Beside", "Once", "OtherWish", "Ran"]

T = TypeVar("T")
POLL_SECONDS = 0.1


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
        self, key: str, subject: str, work: Callable[[str, bool], Ran[T]], call: Call, beside: Beside = NOTHING
    ) -> Ran[T]:
        """Claim ``key`` and run ``work(subject, again)``.

        ``again`` says that an earlier run died or failed: its effects may be there. If the work raises, a repeated call
        does it again about the same subject; only a ``Conflict``, which says that the subject is another order's, lets
        it start afresh. An answer later than ``call.deadline`` has ``finished`` false; the work goes
        on. The work says what it was about in the end: the claim stands for that from then on.

        :param subject: what the claim is about (an instance id) if this call is the first; otherwise the first one's
            is used.
        :raises OtherWish: the key was claimed for something else; nothing was done.
        :raises AuthenticationError: the nonce of the call was used for another call about the same key.
        """
        records = TableRecords(self._table, self._clock, self._lease, subject, nonce=call.nonce, beside=beside)
        data = {"key": key, "payload": {}}
        try:
            claimed = self._claim(records, data, call)
            if not claimed:
                return Ran(records.subject, finished=True)
            if beside.former:
                records.adopt_former(data | {"key": beside.former})
            return within(call.deadline, lambda: self._work(records, data, work))
        except InProcess:
            return Ran(records.subject, finished=False)

    def _claim(self, records: TableRecords, data: dict[str, Any], call: Call) -> bool:
        """True: ours to do. False: done. Waits while another copy works."""
        while True:
            try:
                records.save_inprogress(data, remaining_time_in_millis=int(self._lease / timedelta(milliseconds=1)))
            except IdempotencyItemAlreadyExistsError as exists:
                if exists.old_data_record is None or exists.old_data_record.status != IN_PROGRESS:
                    return False
            else:
                return True
            if call.deadline.left() <= POLL_SECONDS:
                raise InProcess("in process, ask again")
            self._clock.sleep(POLL_SECONDS)

    @staticmethod
    def _work(records: TableRecords, data: dict[str, Any], work: Callable[[str, bool], Ran[T]]) -> Ran[T]:
        try:
            ran = work(records.subject, records.taken_over)
        except Conflict as error:
            records.delete_record(data, error)
            raise
        except Exception:
            records.let_go()
            raise
        records.subject = ran.subject
        if ran.finished:
            records.save_success(data, {"subject": records.subject})
        else:
            records.let_go()
        return ran
