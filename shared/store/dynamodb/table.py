"""The ``Table`` port on DynamoDB and what is compatible with it.

A conditional write whose answer is lost is sent again by the client, and then fails its own condition. So each write
carries a random mark that callers never see, and where a write was sent again, the mark on the item tells whose it is:

    this writer       PutItem if version = 1  ──► done: version 2, our mark ──✗ the answer is lost
                      PutItem again           ──► the condition fails: version is 2
                      look at the item: our mark? Then it was us.

If someone else has written once more in between, nobody can tell. That is ``Unavailable``, never ``Stale``, because
``Stale`` means that nothing was done. The same goes for a deletion that was sent again: what is gone bears no mark.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from shared.clock import Clock, Deadline
from shared.errors import Unavailable
from shared.store.dynamodb.attributes import decode, encode
from shared.store.dynamodb.batches import complete
from shared.store.dynamodb.client import Client, ConditionFailed, call
from shared.store.dynamodb.expressions import between, names
from shared.store.items import WRITER, alive, checked, checked_key, checked_limit, checked_range, epoch_seconds
from shared.store.paging import chunks
from shared.store.table import WHOLE, Exists, Item, Outcome, Page, Stale, Write
from shared.store.writes import all_checked, carried_out, written
from shared.timeouts import side_by_side

MOST = 16
"""Requests of one caller on their way at once: the service takes as many as come, and each is mostly waiting."""
_GET_AT_ONCE = 100
_WRITE_AT_ONCE = 25
_CREATE_ATTEMPTS = 4
_UNKNOWN = "the store did not say whether it carried out a write"

_ABSENT = "attribute_not_exists(#pk) OR #expires <= :now"
_STILL_THAT = "#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)"


class DynamoTable:
    """A :class:`shared.store.table.Table` in DynamoDB.

    Every method raises :class:`shared.errors.Unavailable` if the service does not do what it is asked (a write may have
    taken place all the same), and ``ValueError`` or ``TypeError`` for what no engine can store
    (:mod:`shared.store.items`).

    :param name: what the service calls it.
    :param part: stands before each partition key there, where several tables of the bundle share that one.
    """

    def __init__(self, name: str, client: Callable[[], Client], clock: Clock, part: str = "") -> None:
        self._name = name
        self._client = client
        self._clock = clock
        self._part = part

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:
        stored = self._stored(pk, sk)
        return None if stored is None else self._live(stored)

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        # The service refuses a batch that names a key twice.
        wanted = [self._key(pk, sk) for pk, sk in dict.fromkeys(keys)]
        found = side_by_side(self._batch, list(chunks(wanted, _GET_AT_ONCE)), MOST)
        return self._all_live(each for batch in found for each in batch)

    def _batch(self, keys: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        requests = {self._name: {"Keys": keys, "ConsistentRead": True}}
        answers = complete(self._client().batch_get_item, requests, "UnprocessedKeys", self._clock)
        return [each for answer in answers for each in answer["Responses"].get(self._name, ())]

    def create(self, item: Item) -> Item:
        new = {**item, "version": 1}
        checked(new)
        return self._create(new)

    def _create(self, new: Item) -> Item:
        mark = secrets.token_hex(8)
        for _ in range(_CREATE_ATTEMPTS):
            try:
                self._put(new, mark, _ABSENT, names("pk", "expires"), {":now": epoch_seconds(self._clock)})
            except ConditionFailed as failed:
                stored = failed.attributes or self._stored(new["pk"], new["sk"])
            else:
                return new
            if _bears(stored, mark):
                return new
            if stored and (existing := self._live(stored)):
                raise Exists(existing)
            # It was deleted, or it expired, between the refusal and our look.
        raise Unavailable("an item came and went too often")

    def replace(self, item: Item) -> Item:
        new = {**item, "version": item["version"] + 1}
        checked(new)
        return self._replace(new)

    def _replace(self, new: Item) -> Item:
        mark = secrets.token_hex(8)
        try:
            self._put(new, mark, _STILL_THAT, names("version", "expires"), self._still(new["version"] - 1))
        except ConditionFailed as failed:
            if not failed.resent:
                raise Stale from None
            stored = failed.attributes or self._stored(new["pk"], new["sk"])
        else:
            return new
        if _bears(stored, mark):
            return new
        if stored and decode(stored)["version"] == new["version"]:
            raise Stale
        raise Unavailable(_UNKNOWN)

    def delete(self, item: Item) -> None:
        try:
            call(
                self._client().delete_item,
                TableName=self._name,
                Key=self._key(item["pk"], item["sk"]),
                ConditionExpression=_STILL_THAT,
                ExpressionAttributeNames=names("version", "expires"),
                ExpressionAttributeValues=encode(self._still(item["version"])),
            )
        except ConditionFailed as failed:
            if failed.resent:
                raise Unavailable(_UNKNOWN) from None
            raise Stale from None

    def query(
        self,
        pk: str,
        *,
        first: str = "",
        last: str = "\U0010ffff",
        limit: int = 100,
        after: str | None = None,
        reverse: bool = False,
    ) -> Page:
        checked_range(pk, first, last, after)
        checked_limit(limit)
        if after and (after > last if reverse else after < first):
            after = None  # outside the range, before its beginning: the service refuses to start there
        if not last or first > last or (after and not first <= after <= last):
            return Page([], None)
        answer = call(
            self._client().query,
            TableName=self._name,
            ConsistentRead=True,
            Limit=limit,
            ScanIndexForward=not reverse,
            **between(self._part + pk, first, last),
            **({"ExclusiveStartKey": self._key(pk, after)} if after else {}),
        )
        end = answer.get("LastEvaluatedKey")
        return Page(self._all_live(answer["Items"]), end["sk"]["S"] if end else None)

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        answer = call(
            self._client().scan,
            TableName=self._name,
            ConsistentRead=True,
            Limit=checked_limit(limit),
            **({"ExclusiveStartKey": encode(json.loads(after))} if after else {}),
        )
        ours = [each for each in answer["Items"] if each["pk"]["S"].startswith(self._part)]
        end = answer.get("LastEvaluatedKey")
        return Page([self._item(each) for each in ours], json.dumps(decode(end)) if end else None)

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        return side_by_side(partial(self.query, limit=limit), pks, MOST)

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        return side_by_side(lambda write: carried_out(self._carry_out, write, deadline), all_checked(writes), MOST)

    def _carry_out(self, write: Write) -> Item:
        """A write that was checked."""
        new = written(write)
        match write.kind:
            case "create":
                return self._create(new)
            case "replace":
                return self._replace(new)
        self.delete(new)
        return new

    def put_many(self, items: Iterable[Item]) -> None:
        # The service refuses a batch that names a key twice; the last one counts, as if written one by one.
        wanted = {(item["pk"], item["sk"]): {**item, "version": 1} for item in items}
        for new in wanted.values():
            checked(new)
        requests = [{"PutRequest": {"Item": self._attributes(new)}} for new in wanted.values()]
        side_by_side(self._written, list(chunks(requests, _WRITE_AT_ONCE)), MOST)

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        wanted = ({"DeleteRequest": {"Key": self._key(pk, sk)}} for pk, sk in dict.fromkeys(keys))
        for requests in chunks(wanted, _WRITE_AT_ONCE):
            self._written(requests)

    def _written(self, requests: Sequence[Mapping[str, Any]]) -> None:
        for _ in complete(self._client().batch_write_item, {self._name: requests}, "UnprocessedItems", self._clock):
            pass

    def _stored(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        answer = call(self._client().get_item, TableName=self._name, Key=self._key(pk, sk), ConsistentRead=True)
        return answer.get("Item")

    def _put(self, new: Item, mark: str, condition: str, used: Mapping[str, str], values: Mapping[str, Any]) -> None:
        call(
            self._client().put_item,
            TableName=self._name,
            Item={**self._attributes(new), WRITER: {"S": mark}},
            ConditionExpression=condition,
            ExpressionAttributeNames=used,
            ExpressionAttributeValues=encode(values),
            # Saves a read where the service knows it.
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def _still(self, version: int) -> dict[str, Any]:
        return {":version": version, ":now": epoch_seconds(self._clock)}

    def _key(self, pk: str, sk: str) -> dict[str, Any]:
        checked_key(pk, sk)
        return encode({"pk": self._part + pk, "sk": sk})

    def _attributes(self, new: Item) -> dict[str, Any]:
        return encode({**new, "pk": self._part + new["pk"]})

    def _live(self, attributes: Mapping[str, Any]) -> Item | None:
        item = self._item(attributes)
        return item if alive(item, epoch_seconds(self._clock)) else None

    def _item(self, attributes: Mapping[str, Any]) -> Item:
        item = decode(attributes)
        item["pk"] = item["pk"].removeprefix(self._part)
        return item

    def _all_live(self, found: Iterable[Mapping[str, Any]]) -> list[Item]:
        return [item for attributes in found if (item := self._live(attributes))]


def _bears(stored: Mapping[str, Any] | None, mark: str) -> bool:
    return stored is not None and stored.get(WRITER) == {"S": mark}
