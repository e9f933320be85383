"""The items that :mod:`shared.store.members` keeps: where each stands, and what its key tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from zlib import crc32

from shared.directory import NEVER, User
from shared.directory.commands import synced_ms
from shared.store.keys import joined, split
from shared.store.table import Item

SHARDS = 4
"""Partitions a tenant's users are spread over: one takes 1,000 writes a second, which two calls would fill."""

Unbound: TypeAlias = Mapping[str, int]
"""By instance, when the tenant was last unbound from it (UTC epoch milliseconds); missing or ``NEVER``: never."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a call says about one user; ``who`` is the sort key without the order."""

    who: str
    order: str
    user: User = field(repr=False)

    @property
    def sk(self) -> str:
        return f"{self.who}#{self.order}"


def partition(kind: str, tenant_id: str, user_name: str) -> str:
    """Where what ``kind`` says of a user stands: ``members`` or ``latest``."""
    return joined(kind, tenant_id, str(crc32(user_name.encode()) % SHARDS))


def user_name_of(item: Item) -> str:
    """Whom the item is about."""
    return split(item["sk"])[0]


def counts(item: Item, unbound: Unbound) -> bool:
    """Was it said after the tenant was last unbound from the instance?"""
    return synced_ms(who_and_order(item)[1]) > unbound.get(where(item)[0], NEVER)


def where(item: Item) -> tuple[str, str]:
    """The instance and the application through which the word came."""
    _, instance_id, app_id, *_ = split(item["sk"])
    return instance_id, app_id


def who_and_order(item: Item) -> tuple[str, str]:
    """The two parts of a sort key."""
    who, _, order = item["sk"].rpartition("#")
    return who, order


def hint_of(tenant_id: str, word: Word) -> Item:
    """The hint that is written behind a word."""
    user = word.user
    pk = partition("latest", tenant_id, user.user_name)
    return {"pk": pk, "sk": word.who, "order": word.order, "org_code": user.org_code}


def keys_of(tenant_id: str, user_name: str, hint: Item) -> Iterator[tuple[str, str]]:
    """Where the word that a hint names stands."""
    sk = f"{hint['sk']}#{hint['order']}"
    return both_keys(tenant_id, partition("members", tenant_id, user_name), {"sk": sk, "org_code": hint["org_code"]})


def both_keys(tenant_id: str, pk: str, item: Item) -> Iterator[tuple[str, str]]:
    """Where a word stands: under its user, and under the department."""
    yield pk, item["sk"]
    yield joined("department", tenant_id, item["org_code"]), item["sk"]
