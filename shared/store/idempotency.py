"""``Once``: an order is worked on once.

Two copies of one order, the second arriving while the first works (time runs down)::

    copy 1                     record                          copy 2
    claim            ------->  INPROGRESS, subject, lease
    work(subject)                                   <--------  claim: there is one; no result -> waits, asks again
      stores its result
                                                    <--------  claim: there is one; a result -> that is the answer

No write says that the work is done: its result does. Only where a result was made under another key, or is about
another subject, ``complete`` makes the record COMPLETED, as every record of earlier releases is.

A copy that dies leaves INPROGRESS behind, and no result. When the lease has run out the next copy takes the record over
*with its subject*, so the work it repeats is about the same instance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from shared.call import Call
from shared.clock import Clock
from shared.errors import Conflict, InProcess
from shared.store.claim_records import NOTHING, Beside, ClaimRecord, OtherWish, record_key
from shared.store.table import Table
from shared.timeouts import within

__all__ = ["Beside", "Once", "OtherWish", "Proof", "Ran"]

T = TypeVar("T")
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Ran(Generic[T]):
    """How a run ended: ``result`` of this very call's work, or ``found``, what another call has stored, where that was
    looked at.
    """

    subject: str
    finished: bool
    result: T | None = None
    found: T | None = None


@dataclass(frozen=True, slots=True)
class Proof(Generic[T]):
    """How work that is done is known: ``find`` reads the result by its subject, ``key`` is what it was made under."""

    find: Callable[[str], T | None]
    key: Callable[[T], str]


class Once(Generic[T]):
    """Runs the work for a key once, however often and however concurrently it is asked for."""

    def __init__(self, table: Table, clock: Clock, lease: timedelta, proof: Proof[T]) -> None:
        self._table, self._clock, self._lease, self._proof = table, clock, lease, proof

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
        record = ClaimRecord(
            self._table, self._clock, self._lease, key=key, subject=subject, nonce=call.nonce, beside=beside
        )
        try:
            if (ran := self._done(record, key, call)) is not None:
                return ran
            if beside.former:
                record.adopt_former(beside.former)
            return within(call.deadline, lambda: self._work(record, key, work))
        except InProcess:
            return Ran(record.subject, finished=False)

    def knows(self, key: str) -> bool:
        """Was ``key`` ever claimed?"""
        return self._table.get(record_key(key)) is not None

    def _done(self, record: ClaimRecord, key: str, call: Call) -> Ran[T] | None:
        """What another call has done; ``None``: the claim is ours. Waits while another copy works."""
        while not record.claim():
            if record.completed:
                return Ran(record.subject, finished=True)
            found = self._proof.find(record.subject)
            if self._proves(found, key):
                return Ran(record.subject, finished=True, found=found)
            if record.taken_from_the_dead():
                return None
            if call.deadline.left() <= POLL_SECONDS:
                raise InProcess("in process, ask again")
            self._clock.sleep(POLL_SECONDS)
        return None

    def _proves(self, found: T | None, key: str) -> bool:
        return found is not None and self._proof.key(found) == key

    def _work(self, record: ClaimRecord, key: str, work: Callable[[str, bool], Ran[T]]) -> Ran[T]:
        try:
            ran = work(record.subject, record.taken_over)
        except Conflict:
            record.give_up()
            raise
        except Exception:
            record.let_go()
            raise
        record.subject = ran.subject
        if not ran.finished:
            record.let_go()
        elif not (record.names(ran.subject) and self._proves(ran.result or ran.found, key)):
            record.complete()
        return ran
