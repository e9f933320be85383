"""What a seller would take instead, as far as it can be measured beside the bundle. Only the benchmarks use it.

:class:`SampleMetering` is the hourly metering of AWS's sample for SaaS on its marketplace, written anew from what it
does: one page of pending rows, summed by customer whatever their hour, one call each, each row's mark taken off
afterwards whatever the answer was. Its queue is a list here and its marketplace a function, so both cost nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TABLE, INDEX = "sample", "pending"


class SampleMetering:
    """``push`` is given a customer and a quantity."""

    def __init__(self, client: Any, push: Callable[[str, int], None]) -> None:
        self._client, self._push = client, push

    @contextmanager
    def table(self) -> Iterator[None]:
        """Its table, for as long as the context lasts. A row's key is its customer and the millisecond it was made in;
        those that are pending are indexed.
        """
        key = [{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "made", "KeyType": "RANGE"}]
        pending = {
            "IndexName": INDEX,
            "KeySchema": [{"AttributeName": "pending", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        self._client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in (("customer", "S"), ("made", "N"), ("pending", "S"))
            ],
            KeySchema=key,
            GlobalSecondaryIndexes=[pending],
        )
        try:
            yield
        finally:
            self._client.delete_table(TableName=TABLE)

    def use(self, use: tuple[str, int]) -> None:
        """What the seller's application does for one use of a customer in a millisecond: a row of its own."""
        row = {"customer": {"S": use[0]}, "made": {"N": str(use[1])}, "pending": {"S": "true"}, "quantity": {"N": "1"}}
        self._client.put_item(TableName=TABLE, Item=row)

    def run(self) -> int:
        """The job of an hour and its queue; how many records it pushed."""
        rows: dict[str, list[Any]] = defaultdict(list)
        chosen = {"KeyConditionExpression": "pending = :yes", "ExpressionAttributeValues": {":yes": {"S": "true"}}}
        for row in self._client.query(TableName=TABLE, IndexName=INDEX, **chosen)["Items"]:
            rows[row["customer"]["S"]].append(row)
        for customer, due in rows.items():
            self._push(customer, sum(int(row["quantity"]["N"]) for row in due))
            for row in due:
                self._client.update_item(
                    TableName=TABLE,
                    Key={name: row[name] for name in ("customer", "made")},
                    UpdateExpression="REMOVE pending SET answer = :answer",
                    ExpressionAttributeValues={":answer": {"S": "Success"}},
                )
        return len(rows)
