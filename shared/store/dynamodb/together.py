"""A conditional write and what stands beside its item: one request where the service has transactions, else two.

    TransactWriteItems ── done, or its condition failed
                       ── refused: nothing was done      ─▶ BatchWriteItem, then PutItem
                       ── no answer: perhaps it was done ─▶ ``Unavailable``, as for every write

A service that has no transactions may say so in any way, or not at all. So whatever becomes of the first one of this
process, its parts follow, and if the service takes those it is asked for no other. What was perhaps done before is told
by the mark of the item, which is the same in both. Later ones may still be refused as too large.

Nothing relies on transactions, as what stands beside comes first where there are two requests. A reader may meet the
parts of one some milliseconds apart, but whoever dies leaves all of them or none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.errors import Unavailable
from shared.store.dynamodb.batches import put_all
from shared.store.dynamodb.client import ConditionFailed, Refused, call
from shared.store.dynamodb.rows import DynamoRows

_MOST = 100


class Together:
    """Writes to the tables of one service, and remembers whether it has transactions."""

    def __init__(self) -> None:
        self._has_transactions: bool | None = None  # nobody knows yet

    def put(self, rows: DynamoRows, put: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> None:
        """Carry out ``put``, the parameters of a PutItem, with what stands ``beside`` its item.

        :raises ConditionFailed, Unavailable: as :func:`shared.store.dynamodb.client.call`.
        """
        if not beside or len(beside) >= _MOST or self._has_transactions is False:
            _one_by_one(rows, put, beside)
            return
        try:
            _in_one(rows, put, beside)
        except ConditionFailed:
            self._has_transactions = True
            raise
        except Unavailable as failure:
            doubtful = not isinstance(failure, Refused)
            if doubtful and self._has_transactions:
                raise
            _one_by_one(rows, put, beside, doubtful=doubtful)
            self._has_transactions = bool(self._has_transactions)
        else:
            self._has_transactions = True


def _in_one(rows: DynamoRows, put: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> None:
    others = [{"Put": {"TableName": rows.name, "Item": attributes}} for attributes in beside]
    call(rows.client().transact_write_items, TransactItems=[{"Put": put}, *others])


def _one_by_one(
    rows: DynamoRows, put: Mapping[str, Any], beside: Sequence[Mapping[str, Any]], *, doubtful: bool = False
) -> None:
    """:param doubtful: ``put`` was perhaps carried out already."""
    put_all(rows, beside)
    try:
        call(rows.client().put_item, **put)
    except ConditionFailed as failed:
        failed.resent |= doubtful
        raise
