"""Condition and key expressions of DynamoDB requests."""

from typing import Any

from shared.store.dynamodb.attributes import encode

LAST = "\U0010ffff"
"""No sort key comes behind this one."""


def names(*attributes: str) -> dict[str, str]:
    """A placeholder for each attribute's name, which may be one of the service's many reserved words."""
    return {f"#{name}": name for name in attributes}


def between(pk: str, first: str, last: str) -> dict[str, Any]:
    """The key condition of ``first <= sk <= last``, with its names and values.

    Only the bounds that bind are sent: an empty string is no value of a key, and not every service compares text beyond
    U+FFFF as DynamoDB does.
    """
    values = {":pk": pk}
    bound = ""
    if first and last != LAST:
        bound = " AND #sk BETWEEN :first AND :last"
        values |= {":first": first, ":last": last}
    elif first:
        bound = " AND #sk >= :first"
        values[":first"] = first
    elif last != LAST:
        bound = " AND #sk <= :last"
        values[":last"] = last
    return {
        "KeyConditionExpression": "#pk = :pk" + bound,
        "ExpressionAttributeNames": names("pk", "sk") if bound else names("pk"),
        "ExpressionAttributeValues": encode(values),
    }
