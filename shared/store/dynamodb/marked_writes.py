"""Conditional writes of single items.

One whose answer is lost is sent again by the client, and then fails its own condition. So each write
carries a random mark that callers never see, and where a write was sent again, the mark on the item tells whose it is:

    this writer       PutItem if version = 1  ──► done: version 2, our mark ──✗ the answer is lost
                      PutItem again           ──► the condition fails: version is 2
                      look at the item: our mark? Then it was us.

If someone else has written once more in between, nobody can tell. That is ``Unavailable``, never ``Stale``, because
``Stale`` means that nothing was done. The same goes for a deletion that was sent again: what is gone bears no mark.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from shared.errors import Unavailable
from shared.store.dynamodb.attributes import decode, encode
from shared.store.dynamodb.client import ConditionFailed, call
from shared.store.dynamodb.expressions import names
from shared.store.dynamodb.rows import DynamoRows
from shared.store.dynamodb.together import Together
from shared.store.items import WRITER
from shared.store.table import Exists, Item, Stale, Write
from shared.store.writes import written

Beside: TypeAlias = Sequence[Mapping[str, Any]]

_CREATE_ATTEMPTS = 4
_UNKNOWN = "the store did not say whether it carried out a write"

_ABSENT = "attribute_not_exists(#pk) OR #expires <= :now"
_STILL_THAT = "#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)"


class MarkedWrites:
    """The conditional writes of one table, each with what stands beside its item."""

    def __init__(self, rows: DynamoRows, together: Together) -> None:
        self._rows, self._together = rows, together

    def carry_out(self, write: Write) -> Item:
        """Do what ``write``, already checked, asks for; the item as it is then, or the one that was deleted.

        :raises Exists, Stale: the condition is not met; nothing was done.
        :raises Unavailable: it may have been done or not.
        """
        new, beside = written(write), self._rows.immutable(write.beside)
        match write.kind:
            case "create":
                return self._create(new, beside)
            case "replace":
                return self._replace(new, beside)
        self._delete(new)
        return new

    def _create(self, new: Item, beside: Beside) -> Item:
        mark = secrets.token_hex(8)
        for _ in range(_CREATE_ATTEMPTS):
            try:
                self._together.put(self._rows, self._marked(new, mark, self._absent()), beside)
            except ConditionFailed as failed:
                stored = failed.attributes or self._rows.stored(new["pk"], new["sk"])
            else:
                return new
            if _bears(stored, mark):
                return new
            if stored and (existing := self._rows.live(stored)):
                raise Exists(existing)
            # It was deleted, or it expired, between the refusal and our look.
        raise Unavailable("an item came and went too often")

    def _replace(self, new: Item, beside: Beside) -> Item:
        mark = secrets.token_hex(8)
        try:
            self._together.put(self._rows, self._marked(new, mark, self._still(new["version"] - 1)), beside)
        except ConditionFailed as failed:
            if not failed.resent:
                raise Stale from None
            stored = failed.attributes or self._rows.stored(new["pk"], new["sk"])
        else:
            return new
        if _bears(stored, mark):
            return new
        if stored and decode(stored)["version"] == new["version"]:
            raise Stale
        raise Unavailable(_UNKNOWN)

    def _delete(self, item: Item) -> None:
        try:
            call(
                self._rows.client().delete_item,
                TableName=self._rows.name,
                Key=self._rows.key(item["pk"], item["sk"]),
                **self._still(item["version"]),
            )
        except ConditionFailed as failed:
            if failed.resent:
                raise Unavailable(_UNKNOWN) from None
            raise Stale from None

    def _marked(self, new: Item, mark: str, condition: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a PutItem."""
        return {
            "TableName": self._rows.name,
            "Item": {**self._rows.attributes(new), WRITER: {"S": mark}},
            **condition,
            # Saves a read where the service knows it.
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _absent(self) -> dict[str, Any]:
        return _condition(_ABSENT, names("pk", "expires"), {":now": self._rows.now})

    def _still(self, version: int) -> dict[str, Any]:
        return _condition(_STILL_THAT, names("version", "expires"), {":version": version, ":now": self._rows.now})


def _condition(text: str, used: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ConditionExpression": text,
        "ExpressionAttributeNames": used,
        "ExpressionAttributeValues": encode(values),
    }


def _bears(stored: Mapping[str, Any] | None, mark: str) -> bool:
    return stored is not None and stored.get(WRITER) == {"S": mark}
