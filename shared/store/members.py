"""Users: what was said about each of them is kept as items that never change, and the newest one counts.

Several calls of 500 users may be under way at once, in any order, and single conditional writes for each would take
too long. So nothing is ever written over, and nothing needs a condition:

``members#<tenant>#<shard>``
    ``<user>#<instance>#<app>#<order>``: how the user was, by the word with that order (:class:`SyncTime`).
``department#<tenant>#<code>``
    the same sort keys: who was in the department, by that word. Whether it is the last one, the first item tells.
``latest#<tenant>#<shard>``
    ``<user>#<instance>#<app>``: a hint, written behind the two: a word that is stored, mostly the newest.

Invariant: for each user, instance and application the word with the greatest order that was ever stored stays stored.
A word is only removed by who has stored, or seen, a newer one; a call skips a word only if its hint, and so a word, is
not older. Therefore the newest word wins whatever order, repetition and overlap the calls come in. What races or a
crash leave behind is older, counts for nothing, and is removed by the next who reads it.

A word that is older than the latest unbinding of its tenant from its instance does not count: whoever is bound again is
authorised again. It is not stored if it comes late, and otherwise removed some time after the unbinding.

Everything about a user but account, department, role and state is sealed.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import chain, groupby, islice

from shared.directory import AuthorisationStatus, User
from shared.directory.commands import SyncUsers, synced_ms
from shared.errors import Unavailable
from shared.store.bindings import Unbinding, tenant_key, unbound_ms
from shared.store.cipher import StorageCipher
from shared.store.keys import behind, joined, under
from shared.store.member_items import (
    SHARDS,
    Unbound,
    Word,
    both_keys,
    counts,
    hint_of,
    keys_of,
    partition,
    user_name_of,
    where,
    who_and_order,
)
from shared.store.paging import every
from shared.store.table import Item, Table

_OPEN = ("org_code", "role", "enabled", "state")
_RANK = {AuthorisationStatus.GRANTED: 0, AuthorisationStatus.REVOKED: 2, AuthorisationStatus.DELETED: 3}


class Members:
    """The users of tenants (joint operation, section 1.4)."""

    def __init__(self, table: Table, cipher: StorageCipher, app_id: str = "") -> None:
        self._table, self._cipher, self._app_id = table, cipher, app_id

    def put(self, command: SyncUsers) -> tuple[list[User], list[User]]:
        """Store what was said about some users; of whom it was not known, and of whom the very same was, and nothing
        newer. What was said before the tenant was unbound is not stored.
        """
        tenant = command.tenant_id
        words = [self._word(command, user) for user in command.users]
        binding = tenant_key(tenant, command.instance_id)
        places = [(partition("latest", tenant, word.user.user_name), word.who) for word in words]
        found = self._table.get_many([*places, binding]) if words else []
        if any(item["pk"] == binding[0] and command.at.synced_ms <= unbound_ms(item) for item in found):
            return [], []
        known = {hint["sk"]: hint for hint in found if hint["pk"] != binding[0]}
        new = [word for word in words if word.who not in known or known[word.who]["order"] < word.order]
        self._table.put_many(item for word in new for item in self._items(tenant, word))
        self._table.put_many(hint_of(tenant, word) for word in new)
        old = [(word.user.user_name, known[word.who]) for word in new if word.who in known]
        self._table.delete_many(key for user_name, hint in old for key in keys_of(tenant, user_name, hint))
        same = [word.user for word in words if word.who in known and known[word.who]["order"] == word.order]
        return [word.user for word in new], same

    def get(
        self,
        tenant_id: str,
        user_name: str,
        unbound: Unbound,
        instance_id: str | None = None,
        app_id: str | None = None,
    ) -> User | None:
        """The user, by what counts most of what an instance and an application (``None``: any) know.

        :param unbound: when the tenant was last unbound from its instances; so in the other methods.
        """
        asked = (instance_id, app_id)
        current = self._current(tenant_id, self._about(tenant_id, user_name))
        known = [item for item in current if all(a in (None, b) for a, b in zip(asked, where(item), strict=True))]
        return self._best(known, unbound)

    def page(
        self, tenant_id: str, limit: int, after: tuple[int, str], unbound: Unbound
    ) -> list[tuple[tuple[int, str], User]]:
        """At most ``limit`` users behind the place ``after`` (``(0, "")`` for the beginning), each with its place."""
        return list(islice(self._from(tenant_id, after, unbound), limit))

    def of(self, tenant_id: str, org_code: str, limit: int, after: str, unbound: Unbound) -> list[User]:
        """At most ``limit`` users who are now in a department, behind the name ``after``; nobody who has left."""
        pk = joined("department", tenant_id, org_code)
        found = every(self._table, pk, behind(after) if after else "")
        users = (self._still(tenant_id, name, list(items), unbound) for name, items in groupby(found, key=user_name_of))
        present = (
            user
            for user in users
            if user and user.org_code == org_code and user.state is not AuthorisationStatus.DELETED
        )
        return list(islice(present, limit))

    def forget(self, unbinding: Unbinding, most: int) -> int:
        """Remove at most ``most`` words that do not count since an unbinding; how many. Fewer: nothing is left."""
        unbound = {unbinding.instance_id: unbinding.at_ms}
        words = chain.from_iterable(
            every(self._table, joined("members", unbinding.tenant_id, str(shard))) for shard in range(SHARDS)
        )
        old = list(islice((item for item in words if not counts(item, unbound)), most))
        if old:
            tenant_id = unbinding.tenant_id
            places = {(partition("latest", tenant_id, user_name_of(item)), who_and_order(item)[0]) for item in old}
            hints = [hint for hint in self._table.get_many(places) if synced_ms(hint["order"]) <= unbinding.at_ms]
            # Last of all what this finds them by.
            keys = [key for item in old for key in reversed(list(both_keys(tenant_id, item["pk"], item)))]
            self._table.delete_many([*((hint["pk"], hint["sk"]) for hint in hints), *keys])
        return len(old)

    def _about(self, tenant_id: str, user_name: str) -> Iterator[Item]:
        return every(self._table, partition("members", tenant_id, user_name), *under(user_name))

    def _still(self, tenant_id: str, user_name: str, found: list[Item], unbound: Unbound) -> User | None:
        """A user who was found in a department, as they are now. What was found and is out of date is removed."""
        current = self._current(tenant_id, self._about(tenant_id, user_name))
        newest = dict(who_and_order(item) for item in current)
        old = [item for item in found for who, order in [who_and_order(item)] if order < newest.get(who, "")]
        self._removed((item["pk"], item["sk"]) for item in old)
        return self._best(current, unbound)

    def _from(self, tenant_id: str, after: tuple[int, str], unbound: Unbound) -> Iterator[tuple[tuple[int, str], User]]:
        for shard in range(after[0], SHARDS):
            first = behind(after[1]) if shard == after[0] and after[1] else ""
            found = every(self._table, joined("members", tenant_id, str(shard)), first)
            for name, items in groupby(found, key=user_name_of):
                user = self._best(self._current(tenant_id, items), unbound)
                if user:
                    yield (shard, name), user

    def _current(self, tenant_id: str, items: Iterable[Item]) -> list[Item]:
        """Of items about one user the newest for each instance and application. The others are removed."""
        newest: dict[str, Item] = {}
        old: list[Item] = []
        for item in items:
            who, _ = who_and_order(item)
            if who in newest:
                old.append(newest[who])  # they come in order
            newest[who] = item
        self._removed(key for item in old for key in both_keys(tenant_id, item["pk"], item))
        return list(newest.values())

    def _removed(self, keys: Iterable[tuple[str, str]]) -> None:
        if found := list(keys):
            with suppress(Unavailable):  # whoever only reads may not be allowed to; the next one may
                self._table.delete_many(found)

    def _best(self, items: Iterable[Item], unbound: Unbound) -> User | None:
        found = [(item, self._user(item)) for item in items if counts(item, unbound)]
        if not found:
            return None
        return max(found, key=lambda pair: self._weight(*pair))[1]

    def _weight(self, item: Item, user: User) -> tuple[bool, bool, str]:
        """What our application was told comes first, then what lets the user in, then the latest word."""
        return where(item)[1] == self._app_id, user.may_enter, who_and_order(item)[1]

    def _word(self, command: SyncUsers, user: User) -> Word:
        rank = _RANK[user.state] or int(not user.enabled)
        order = command.at.order(rank, self._cipher.mark(json.dumps(asdict(user))))
        return Word(joined(user.user_name, command.instance_id, command.app_id), order, user)

    def _items(self, tenant_id: str, word: Word) -> Iterator[Item]:
        members = {name: value for name, value in asdict(word.user).items() if value is not None}
        del members["user_name"]
        item = {name: members.pop(name) for name in _OPEN}
        pk = partition("members", tenant_id, word.user.user_name)
        yield {**item, "pk": pk, "sk": word.sk, "sealed": self._cipher.seal(json.dumps(members))}
        yield {"pk": joined("department", tenant_id, word.user.org_code), "sk": word.sk}

    def _user(self, item: Item) -> User:
        members = {name: item[name] for name in _OPEN} | json.loads(self._cipher.open(item["sealed"]))
        return User(user_name=user_name_of(item), **members | {"state": AuthorisationStatus(members["state"])})
