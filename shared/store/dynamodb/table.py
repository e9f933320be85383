"""The ``Table`` port on DynamoDB and what is compatible with it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from shared.clock import Clock, Deadline
from shared.store.dynamodb.attributes import decode, encode
from shared.store.dynamodb.batches import MOST, WRITE_AT_ONCE, complete, put_all, write_batch
from shared.store.dynamodb.client import Client, call
from shared.store.dynamodb.expressions import between
from shared.store.dynamodb.marked_writes import MarkedWrites
from shared.store.dynamodb.rows import DynamoRows
from shared.store.dynamodb.together import Together
from shared.store.items import checked, checked_limit, checked_range
from shared.store.paging import chunks
from shared.store.table import WHOLE, Item, Outcome, Page, Write
from shared.store.writes import all_checked, carried_out
from shared.timeouts import side_by_side

_GET_AT_ONCE = 100


class DynamoTable:
    """A :class:`shared.store.table.Table` in DynamoDB.

    Every method raises :class:`shared.errors.Unavailable` if the service does not do what it is asked (a write may have
    taken place all the same), and ``ValueError`` or ``TypeError`` for what no engine can store
    (:mod:`shared.store.items`).

    :param name: what the service calls it.
    :param together: what is known of the service's transactions.
    :param part: stands before each partition key there, where several tables of the bundle share that one.
    """

    def __init__(
        self, name: str, client: Callable[[], Client], clock: Clock, together: Together, part: str = ""
    ) -> None:
        self._rows = DynamoRows(name, client, clock, part)
        self._writes = MarkedWrites(self._rows, together)

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:
        stored = self._rows.stored(pk, sk)
        return None if stored is None else self._rows.live(stored)

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        # The service refuses a batch that names a key twice.
        wanted = [self._rows.key(pk, sk) for pk, sk in dict.fromkeys(keys)]
        found = side_by_side(self._batch, list(chunks(wanted, _GET_AT_ONCE)), MOST)
        return self._rows.all_live(each for batch in found for each in batch)

    def _batch(self, keys: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        requests = {self._rows.name: {"Keys": keys, "ConsistentRead": True}}
        answers = complete(self._rows.client().batch_get_item, requests, "UnprocessedKeys", self._rows.clock)
        return [each for answer in answers for each in answer["Responses"].get(self._rows.name, ())]

    def create(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        return self._written(Write("create", item, beside))

    def replace(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        return self._written(Write("replace", item, beside))

    def delete(self, item: Item) -> None:
        self._written(Write("delete", item))

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
            self._rows.client().query,
            TableName=self._rows.name,
            ConsistentRead=True,
            Limit=limit,
            ScanIndexForward=not reverse,
            **between(self._rows.part + pk, first, last),
            **({"ExclusiveStartKey": self._rows.key(pk, after)} if after else {}),
        )
        end = answer.get("LastEvaluatedKey")
        return Page(self._rows.all_live(answer["Items"]), end["sk"]["S"] if end else None)

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        answer = call(
            self._rows.client().scan,
            TableName=self._rows.name,
            ConsistentRead=True,
            Limit=checked_limit(limit),
            **({"ExclusiveStartKey": encode(json.loads(after))} if after else {}),
        )
        ours = [each for each in answer["Items"] if each["pk"]["S"].startswith(self._rows.part)]
        end = answer.get("LastEvaluatedKey")
        return Page([self._rows.item(each) for each in ours], json.dumps(decode(end)) if end else None)

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        return side_by_side(partial(self.query, limit=limit), pks, MOST)

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        return side_by_side(
            lambda write: carried_out(self._writes.carry_out, write, deadline), all_checked(writes), MOST
        )

    def put_many(self, items: Iterable[Item]) -> None:
        new = list(items)
        for each in new:
            checked(each)
        put_all(self._rows, self._rows.immutable(new))

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        wanted = ({"DeleteRequest": {"Key": self._rows.key(pk, sk)}} for pk, sk in dict.fromkeys(keys))
        for requests in chunks(wanted, WRITE_AT_ONCE):
            write_batch(self._rows, requests)

    def _written(self, write: Write) -> Item:
        (alone,) = all_checked([write])
        return self._writes.carry_out(alone)
