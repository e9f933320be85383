"""Any sequence of calls: SQLite does what a dictionary would."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.store.sqlite.table import SqliteTables
from shared.store.table import Exists, Item, Stale
from tests.examples import examples
from tests.fakes import FakeClock

TEXT = st.text(st.characters(codec="utf-8"), max_size=3)
PKS = st.sampled_from(["p", "p#", "云"])
SKS = st.sampled_from(["a", "a#", "a\0", "b", "é", "\uffee", "\U0001f600"]) | TEXT.filter(bool)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT.filter(bool), inner, max_size=2),
    max_leaves=4,
)
LIFETIMES = st.none() | st.integers(-1, 3)


class Model(RuleBasedStateMachine):
    """The dictionary holds what is stored, expired or not."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.tables = SqliteTables(str(Path(self.folder.name) / "store"), self.clock, synchronous="OFF")
        self.table = self.tables.table("instances")
        self.stored: dict[tuple[str, str], Item] = {}

    def teardown(self) -> None:
        self.tables.close()
        self.folder.cleanup()

    def live(self, key: tuple[str, str]) -> Item | None:
        item = self.stored.get(key)
        return item if item is not None and item.get("expires", 2**62) > self.now else None

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def item(self, key: tuple[str, str], value: Any, lifetime: int | None) -> Item:
        item = {"pk": key[0], "sk": key[1], "value": value}
        return item if lifetime is None else {**item, "expires": self.now + lifetime}

    @rule(key=st.tuples(PKS, SKS), value=VALUES, lifetime=LIFETIMES)
    def create(self, key: tuple[str, str], value: Any, lifetime: int | None) -> None:
        existing = self.live(key)
        item = self.item(key, value, lifetime)
        try:
            created = self.table.create(item)
        except Exists as refused:
            outcome: Item | None = refused.existing
        else:
            assert created == {**item, "version": 1}
            outcome = None
            self.stored[key] = created
        assert outcome == existing

    @rule(key=st.tuples(PKS, SKS), value=VALUES, lifetime=LIFETIMES, off=st.sampled_from([0, 0, 0, 1]))
    def replace(self, key: tuple[str, str], value: Any, lifetime: int | None, off: int) -> None:
        existing = self.live(key)
        version = existing["version"] + off if existing else 1
        try:
            replaced = self.table.replace({**self.item(key, value, lifetime), "version": version})
        except Stale:
            assert existing is None or off
        else:
            assert existing is not None
            assert not off
            assert replaced == {**self.item(key, value, lifetime), "version": version + 1}
            self.stored[key] = replaced

    @rule(key=st.tuples(PKS, SKS), off=st.sampled_from([0, 0, 0, 1]))
    def delete(self, key: tuple[str, str], off: int) -> None:
        existing = self.live(key)
        try:
            self.table.delete({"pk": key[0], "sk": key[1], "version": existing["version"] + off if existing else 1})
        except Stale:
            assert existing is None or off
        else:
            assert existing is not None
            assert not off
            del self.stored[key]

    @rule(keys=st.lists(st.tuples(PKS, SKS), max_size=4), value=VALUES, lifetime=LIFETIMES)
    def put_many(self, keys: list[tuple[str, str]], value: Any, lifetime: int | None) -> None:
        items = [self.item(key, value, lifetime) for key in keys]
        self.table.put_many(items)
        self.stored |= {key: {**item, "version": 1} for key, item in zip(keys, items, strict=True)}

    @rule(keys=st.lists(st.tuples(PKS, SKS), max_size=4))
    def delete_many(self, keys: list[tuple[str, str]]) -> None:
        self.table.delete_many(keys)
        for key in keys:
            self.stored.pop(key, None)

    @rule(keys=st.lists(st.tuples(PKS, SKS), max_size=4))
    def get_many(self, keys: list[tuple[str, str]]) -> None:
        found = {(item["pk"], item["sk"]): item for item in self.table.get_many(keys)}
        assert found == {key: item for key in keys if (item := self.live(key))}

    @rule(pk=PKS, first=TEXT, last=SKS | st.just("\U0010ffff"), limit=st.integers(1, 3), reverse=st.booleans())
    def query(self, pk: str, first: str, last: str, limit: int, reverse: bool) -> None:
        found: list[Item] = []
        after: str | None = None
        while True:
            page = self.table.query(pk, first=first, last=last, limit=limit, after=after, reverse=reverse)
            assert len(page.items) <= limit
            found += page.items
            if page.next is None:
                break
            after = page.next
        keys = sorted((key for key in self.stored if key[0] == pk), key=lambda key: key[1].encode(), reverse=reverse)
        expected = [self.live(key) for key in keys if first.encode() <= key[1].encode() <= last.encode()]
        assert found == [item for item in expected if item]

    @rule(seconds=st.floats(0, 2))
    def pass_time(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def holds_exactly_what_is_live(self) -> None:
        for key in self.stored:
            assert self.table.get(*key) == self.live(key)


TestModel = Model.TestCase
TestModel.settings = settings(
    max_examples=examples(60), stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
