"""The contract of the ``Table`` port, on every engine."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.clock import Clock, Deadline
from shared.errors import Unavailable
from shared.store.paging import whole
from shared.store.table import WHOLE, Exists, Item, Outcome, Stale, Table, Tables, Write
from tests.fakes import FakeClock
from tests.shared.store.conftest import Make, without_moto

THREADS = 8


def everything(table: Table, pk: str, **options: Any) -> list[str]:
    """All sort keys of a range, page by page."""
    found: list[str] = []
    after = None
    while True:
        page = table.query(pk, after=after, **options)
        found += [item["sk"] for item in page.items]
        if page.next is None:
            return found
        after = page.next


def at_once(work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))


def now(clock: FakeClock) -> int:
    return int(clock.now().timestamp())


VALUES: Item = {
    "text": '云商店 \U0001f600 \x00 "quoted" \\ \u2028 é e\u0301',
    "empty": "",
    "none": None,
    "yes": True,
    "no": False,
    "zero": 0,
    "one": 1,
    "negative": -(2**53),
    "large": 2**53,
    "digits": 10**38 - 1,
    "round": 10**30,
    "list": [1, "1", None, True, [], {}, [["deep"]]],
    "map": {"名": {"a.b": [], "size": {}}, "empty": ""},
    # Reserved words of DynamoDB, and names that look like placeholders.
    "name": "n", "status": "s", "data": "d", "ttl": 1, "size": 2,
    "timestamp": "t", "#pk": "p", ":now": "v", "a.b[0]": "x",
}  # fmt: skip


class TestNothing:
    """Each engine where nobody answers: it is not even asked."""

    @pytest.fixture
    def table(self, clock: FakeClock, nowhere: Callable[[Clock], Tables]) -> Table:
        return nowhere(clock).table("instances")

    def test_of_nothing_nothing_is_asked(self, table: Table) -> None:
        assert table.get_many([]) == []
        assert table.query_many([]) == []
        assert table.write_many([]) == []
        table.put_many([])
        table.delete_many([])

    def test_of_something_it_would_be(self, table: Table) -> None:
        with pytest.raises(Unavailable):
            table.get_many([("one", WHOLE)])


class TestCreate:
    def test_returns_what_get_then_finds(self, table: Table, pk: str) -> None:
        created = table.create({"pk": pk, "sk": WHOLE, "a": 1})

        assert created == {"pk": pk, "sk": WHOLE, "a": 1, "version": 1}
        assert table.get(pk) == created

    def test_leaves_the_callers_item_alone(self, table: Table, pk: str) -> None:
        item = {"pk": pk, "sk": WHOLE}
        table.create(item)

        assert item == {"pk": pk, "sk": WHOLE}

    def test_keeps_every_kind_of_value(self, table: Table, pk: str) -> None:
        created = table.create({"pk": pk, "sk": "值", **VALUES})

        # As JSON, because True == 1.
        assert json.dumps(table.get(pk, "值"), sort_keys=True) == json.dumps(created, sort_keys=True)

    def test_refuses_a_second_and_shows_the_first(self, table: Table, pk: str) -> None:
        first = table.create({"pk": pk, "sk": WHOLE, **VALUES})

        with pytest.raises(Exists) as refused:
            table.create({"pk": pk, "sk": WHOLE, "b": 2})

        assert refused.value.existing == first
        assert table.get(pk) == first

    def test_sets_the_version_itself(self, table: Table, pk: str) -> None:
        assert table.create({"pk": pk, "sk": WHOLE, "version": 7})["version"] == 1

    @without_moto
    def test_has_one_winner_whom_all_others_see(self, table: Table, pk: str) -> None:
        def race(number: int) -> tuple[bool, Item]:
            try:
                return True, table.create({"pk": pk, "sk": WHOLE, "winner": number})
            except Exists as found:
                return False, found.existing

        results = at_once(race)

        assert [won for won, _ in results].count(True) == 1
        assert all(item == table.get(pk) for _, item in results)

    @without_moto
    def test_has_one_winner_when_an_expired_item_is_taken_over(self, table: Table, pk: str, clock: FakeClock) -> None:
        table.create({"pk": pk, "sk": WHOLE, "expires": now(clock) + 1})
        clock.advance(1)

        def race(number: int) -> bool:
            try:
                table.create({"pk": pk, "sk": WHOLE, "winner": number, "expires": now(clock) + 60})
            except Exists:
                return False
            return True

        assert at_once(race).count(True) == 1

    def test_takes_an_item_of_the_largest_size(self, table: Table, pk: str) -> None:
        item = {"pk": pk, "sk": WHOLE, "version": 1, "fill": ""}
        room = 395 * 1024 - len(json.dumps(item, separators=(",", ":")))
        created = table.create({**item, "fill": "x" * room})

        assert table.get(pk) == created


class TestReplace:
    def test_writes_the_next_version(self, table: Table, pk: str) -> None:
        created = table.create({"pk": pk, "sk": WHOLE, "a": 1, "gone": 1})
        replaced = table.replace({"pk": pk, "sk": WHOLE, "a": 2, "version": created["version"]})

        assert replaced == {"pk": pk, "sk": WHOLE, "a": 2, "version": 2}
        assert table.get(pk) == replaced

    def test_refuses_an_old_version(self, table: Table, pk: str) -> None:
        first = table.create({"pk": pk, "sk": WHOLE})
        second = table.replace({**first, "a": 2})

        with pytest.raises(Stale):
            table.replace({**first, "a": 3})

        assert table.get(pk) == second

    def test_refuses_a_version_yet_to_come(self, table: Table, pk: str) -> None:
        first = table.create({"pk": pk, "sk": WHOLE})

        with pytest.raises(Stale):
            table.replace({**first, "version": 2})

    def test_does_not_create(self, table: Table, pk: str) -> None:
        with pytest.raises(Stale):
            table.replace({"pk": pk, "sk": WHOLE, "version": 1})

        assert table.get(pk) is None

    @without_moto
    def test_loses_no_update(self, table: Table, pk: str) -> None:
        table.create({"pk": pk, "sk": WHOLE, "count": 0})

        def increment(_: int) -> None:
            done = 0
            while done < 5:
                item = table.get(pk)
                assert item is not None
                try:
                    table.replace({**item, "count": item["count"] + 1})
                except Stale:
                    continue
                done += 1

        at_once(increment)

        assert table.get(pk) == {"pk": pk, "sk": WHOLE, "count": THREADS * 5, "version": THREADS * 5 + 1}


class TestDelete:
    def test_removes(self, table: Table, pk: str) -> None:
        table.delete(table.create({"pk": pk, "sk": WHOLE}))

        assert table.get(pk) is None

    def test_refuses_an_old_version(self, table: Table, pk: str) -> None:
        first = table.create({"pk": pk, "sk": WHOLE})
        second = table.replace(first)

        with pytest.raises(Stale):
            table.delete(first)

        assert table.get(pk) == second

    def test_refuses_what_is_not_there(self, table: Table, pk: str) -> None:
        with pytest.raises(Stale):
            table.delete({"pk": pk, "sk": WHOLE, "version": 1})

    @without_moto
    def test_lets_one_of_many_take_an_item(self, table: Table, pk: str) -> None:
        item = table.create({"pk": pk, "sk": WHOLE})

        def take(_: int) -> bool:
            try:
                table.delete(item)
            except Stale:
                return False
            return True

        assert at_once(take).count(True) == 1

    def test_makes_room_for_a_new_first_version(self, table: Table, pk: str) -> None:
        table.delete(table.replace(table.create({"pk": pk, "sk": WHOLE})))

        assert table.create({"pk": pk, "sk": WHOLE})["version"] == 1


class TestExpiry:
    @pytest.fixture
    def item(self, table: Table, pk: str, clock: FakeClock) -> Item:
        return table.create({"pk": pk, "sk": WHOLE, "expires": now(clock) + 10})

    def test_is_not_before_its_second(self, table: Table, pk: str, clock: FakeClock, item: Item) -> None:
        clock.advance(9.999)

        assert table.get(pk) == item
        assert table.get_many([(pk, WHOLE)]) == [item]
        assert list(table.query(pk).items) == [item]
        with pytest.raises(Exists):
            table.create(item)
        table.delete(table.replace(item))

    def test_hides_the_item_from_every_read(self, table: Table, pk: str, clock: FakeClock, item: Item) -> None:
        clock.advance(10)

        assert table.get(pk) is None
        assert table.get_many([(pk, WHOLE)]) == []
        assert list(table.query(pk).items) == []

    def test_lets_no_one_change_the_item(self, table: Table, clock: FakeClock, item: Item) -> None:
        clock.advance(10)

        with pytest.raises(Stale):
            table.replace(item)
        with pytest.raises(Stale):
            table.delete(item)

    def test_makes_room_for_a_new_item(self, table: Table, pk: str, clock: FakeClock, item: Item) -> None:
        clock.advance(10)
        created = table.create({"pk": pk, "sk": WHOLE, "new": True})

        assert created["version"] == 1
        assert table.get(pk) == created

    def test_ends_when_replaced_without(self, table: Table, pk: str, clock: FakeClock, item: Item) -> None:
        replaced = table.replace({"pk": pk, "sk": WHOLE, "version": 1})
        clock.advance(10)

        assert table.get(pk) == replaced

    def test_begins_when_replaced_with(self, table: Table, pk: str, clock: FakeClock) -> None:
        table.replace({**table.create({"pk": pk, "sk": WHOLE}), "expires": now(clock)})

        assert table.get(pk) is None


class TestBeside:
    """What stands beside an item that is written under a condition."""

    def test_is_there_as_soon_as_the_item_is(self, table: Table, pk: str) -> None:
        beside = [{"pk": pk, "sk": "b", **VALUES}, {"pk": f"{pk}-too", "sk": "a", "last": 1}]
        created = table.create({"pk": pk, "sk": WHOLE}, beside)
        assert created == {"pk": pk, "sk": WHOLE, "version": 1}
        assert table.get(pk, "b") == {**beside[0], "version": 1}
        assert table.get(f"{pk}-too", "a") == {**beside[1], "version": 1}

        assert table.replace(created, [{**beside[1], "last": 2}])["version"] == 2
        assert table.get(f"{pk}-too", "a") == {**beside[1], "last": 2, "version": 1}

    def test_a_refusal_is_the_same_as_without(self, table: Table, pk: str) -> None:
        first = table.replace(table.create({"pk": pk, "sk": WHOLE, "a": 1}))
        for _ in range(2):
            with pytest.raises(Exists) as refused:
                table.create({"pk": pk, "sk": WHOLE}, [{"pk": pk, "sk": "b"}])
            assert refused.value.existing == first
            with pytest.raises(Stale):
                table.replace({**first, "version": 1}, [{"pk": pk, "sk": "b"}])

        assert table.get(pk) == first
        assert table.get(pk, "b") in (None, {"pk": pk, "sk": "b", "version": 1})

    def test_of_an_expired_item(self, table: Table, pk: str, clock: FakeClock) -> None:
        expired = table.create({"pk": pk, "sk": WHOLE, "expires": now(clock)})

        with pytest.raises(Stale):
            table.replace(expired, [{"pk": pk, "sk": "b"}])
        assert table.create({"pk": pk, "sk": WHOLE}, [{"pk": pk, "sk": "c"}]) == {"pk": pk, "sk": WHOLE, "version": 1}
        assert table.get(pk, "c") is not None

    @pytest.mark.parametrize("count", [99, 130])
    def test_may_be_much(self, table: Table, pk: str, count: int) -> None:
        beside: list[Item] = [{"pk": pk, "sk": f"{number:03}", "version": 1} for number in range(count)]
        table.create({"pk": pk, "sk": WHOLE}, beside)

        assert table.query(pk, last="999", limit=200).items[1:] == beside

    def test_may_be_large(self, table: Table, pk: str) -> None:
        large = "x" * 390 * 1024
        table.create({"pk": pk, "sk": WHOLE}, [{"pk": pk, "sk": str(number), "large": large} for number in range(12)])

        assert len(table.get_many((pk, sk) for sk in ("0", "11", WHOLE))) == 3

    def test_the_last_of_one_key_counts(self, table: Table, pk: str) -> None:
        table.create({"pk": pk, "sk": WHOLE}, [{"pk": pk, "sk": "b", "value": value} for value in range(3)])

        assert (table.get(pk, "b") or {})["value"] == 2

    @without_moto
    def test_belongs_to_one_of_many_writes(self, table: Table, pk: str) -> None:
        there = table.create({"pk": pk, "sk": "1"})
        writes = [Write("create", {"pk": pk, "sk": sk}, [{"pk": pk, "sk": f"beside-{sk}"}]) for sk in "123"]
        outcomes = table.write_many(writes)

        assert [type(each) for each in outcomes] == [Exists, dict, dict]
        assert isinstance(outcomes[0], Exists)
        assert outcomes[0].existing == there
        assert len(table.get_many((pk, f"beside-{sk}") for sk in "23")) == 2

    @pytest.mark.parametrize("item", [{"value": 1.5}, {"expires": "soon"}, {"_writer": "me"}])
    def test_that_no_engine_can_store_keeps_all_from_being_stored(self, table: Table, pk: str, item: Item) -> None:
        for write in (table.create, table.replace):
            with pytest.raises((ValueError, TypeError)):
                write({"pk": pk, "sk": WHOLE, "version": 1}, [{"pk": pk, "sk": "a"}, {"pk": pk, "sk": "b", **item}])

        assert table.query(pk).items == []

    @without_moto
    def test_has_one_winner_and_copies_of_one_wish(self, table: Table, pk: str) -> None:
        def race(number: int) -> Item:
            try:
                return table.create({"pk": pk, "sk": WHOLE, "winner": number}, [{"pk": pk, "sk": "same"}])
            except Exists as found:
                return found.existing

        assert len({item["winner"] for item in at_once(race)}) == 1
        assert len(table.query(pk).items) == 2


class TestQuery:
    # In the order of their UTF-8 bytes. The last two would change places in UTF-16.
    ORDER = ("!", "0", "A", "B", "Z", "a", "a#", "a#1", "aa", "b", "é", "中", "云", "\uffee", "\U0001f600")

    @pytest.fixture
    def filled(self, table: Table, pk: str) -> Table:
        table.put_many({"pk": pk, "sk": sk} for sk in sorted(self.ORDER, reverse=True))
        table.put_many([{"pk": pk + "0", "sk": "other"}])
        return table

    def test_orders_by_utf8(self, filled: Table, pk: str) -> None:
        assert everything(filled, pk) == list(self.ORDER)
        assert everything(filled, pk, reverse=True) == list(reversed(self.ORDER))

    @pytest.mark.parametrize("limit", [1, 2, len(ORDER), 100])
    @pytest.mark.parametrize("reverse", [False, True])
    def test_goes_on_page_by_page(self, filled: Table, pk: str, limit: int, reverse: bool) -> None:
        assert everything(filled, pk, limit=limit, reverse=reverse) == sorted(self.ORDER, reverse=reverse)

    def test_keeps_to_the_limit(self, filled: Table, pk: str) -> None:
        page = filled.query(pk, limit=2)

        assert [item["sk"] for item in page.items] == ["!", "0"]
        assert page.next == "0"

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            ("a", "aa", ["a", "a#", "a#1", "aa"]),
            ("a#", "a#\U0010ffff", ["a#", "a#1"]),
            ("", "A", ["!", "0", "A"]),
            ("云", "\U0010ffff", ["云", "\uffee", "\U0001f600"]),
            ("C", "Y", []),
            ("b", "a", []),
            ("b", "b", ["b"]),
            ("", "", []),
        ],
    )
    @pytest.mark.parametrize("reverse", [False, True])
    def test_includes_both_bounds(
        self, *, filled: Table, pk: str, first: str, last: str, expected: list[str], reverse: bool
    ) -> None:
        found = everything(filled, pk, first=first, last=last, limit=2, reverse=reverse)

        assert found == sorted(expected, reverse=reverse)

    @pytest.mark.parametrize(
        ("after", "reverse", "expected"),
        [
            ("A", False, ["B"]),
            ("", False, ["A", "B"]),
            ("AA", False, ["B"]),
            ("!", False, ["A", "B"]),
            ("B", False, []),
            ("Z", False, []),
            ("B", True, ["A"]),
            ("AA", True, ["A"]),
            ("Z", True, ["B", "A"]),
            ("A", True, []),
            ("!", True, []),
        ],
    )
    def test_starts_after_any_key(self, filled: Table, pk: str, after: str, reverse: bool, expected: list[str]) -> None:
        page = filled.query(pk, first="A", last="B", after=after, reverse=reverse)

        assert [item["sk"] for item in page.items] == expected

    def test_goes_on_behind_a_page_of_expired_items(self, table: Table, pk: str, clock: FakeClock) -> None:
        table.put_many({"pk": pk, "sk": sk, "expires": now(clock)} for sk in "abc")
        table.put_many([{"pk": pk, "sk": "d"}])

        assert list(table.query(pk, limit=2).items) == []
        assert everything(table, pk, limit=2) == ["d"]

    def test_finds_nothing_in_an_empty_partition(self, table: Table, pk: str) -> None:
        page = table.query(pk)

        assert (list(page.items), page.next) == ([], None)


class TestMany:
    def test_put_and_get(self, table: Table, pk: str) -> None:
        table.put_many({"pk": pk, "sk": f"{number:03}", **VALUES} for number in range(60))
        keys = [(pk, f"{number:03}") for number in range(250)]
        found = table.get_many([*keys, *keys[:5]])

        assert sorted(item["sk"] for item in found) == [f"{number:03}" for number in range(60)]
        assert all(item == {"pk": pk, "sk": item["sk"], "version": 1, **VALUES} for item in found)

    def test_get_of_250_that_are_there(self, table: Table, pk: str) -> None:
        table.put_many({"pk": f"{pk}{number % 3}", "sk": str(number)} for number in range(250))
        found = table.get_many((f"{pk}{number % 3}", str(number)) for number in range(250))

        assert sorted(int(item["sk"]) for item in found) == list(range(250))

    def test_nothing_at_all(self, table: Table) -> None:
        table.put_many([])

        assert table.get_many([]) == []

    def test_deletion_takes_what_is_there_and_nothing_else(self, table: Table, pk: str) -> None:
        table.put_many({"pk": pk, "sk": f"{number:03}"} for number in range(60))
        table.replace(table.create({"pk": pk, "sk": "other", "old": 1}))
        unwanted = [(pk, f"{number:03}") for number in range(1, 90)]
        table.delete_many([*unwanted, (pk, "other"), *unwanted[:3], (f"{pk}-elsewhere", WHOLE)])
        table.delete_many([])

        assert everything(table, pk) == ["000"]

    def test_put_writes_over_what_is_there(self, table: Table, pk: str) -> None:
        table.replace(table.create({"pk": pk, "sk": WHOLE, "old": 1}))
        table.put_many([{"pk": pk, "sk": WHOLE, "new": 1}])

        assert table.get(pk) == {"pk": pk, "sk": WHOLE, "new": 1, "version": 1}

    def test_the_last_of_one_key_counts(self, table: Table, pk: str) -> None:
        table.put_many({"pk": pk, "sk": WHOLE, "number": number} for number in range(3))

        assert table.get(pk) == {"pk": pk, "sk": WHOLE, "number": 2, "version": 1}


class Steps(Deadline):
    """Is over when it was asked so many times."""

    def __init__(self, most: int) -> None:
        self._most = most

    def left(self) -> float:
        self._most -= 1
        return float(max(0, self._most + 1))


def kinds(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


class TestManyWrites:
    def test_each_has_its_own_outcome(self, table: Table, pk: str) -> None:
        there = {sk: table.create({"pk": pk, "sk": sk, "old": sk}) for sk in "abcd"}
        newer = table.replace({**there["d"], "newer": True})
        writes = [
            Write("create", {"pk": pk, "sk": "new", **VALUES}),
            Write("create", {"pk": pk, "sk": "a", "new": 1}),
            Write("replace", {**there["b"], "new": 1}),
            Write("replace", {"pk": pk, "sk": "absent", "version": 1}),
            Write("delete", there["c"]),
            Write("delete", there["d"]),
            Write("create", {"pk": f"{pk}-elsewhere", "sk": WHOLE}),
        ]
        made, found, replaced, _, deleted, _, elsewhere = outcomes = table.write_many(writes)

        assert kinds(outcomes) == [dict, Exists, dict, Stale, dict, Stale, dict]
        assert isinstance(found, Exists)
        assert found.existing == there["a"]
        assert made == {"pk": pk, "sk": "new", "version": 1, **VALUES}
        assert replaced == {**there["b"], "new": 1, "version": 2}
        assert deleted == there["c"]
        assert elsewhere == {"pk": f"{pk}-elsewhere", "sk": WHOLE, "version": 1}
        expected = {"a": there["a"], "b": replaced, "d": newer, "new": made}
        assert {item["sk"]: item for item in table.query(pk).items} == expected

    def test_keep_their_order_where_there_are_many(self, table: Table, pk: str) -> None:
        for sk in range(0, 150, 3):
            table.create({"pk": pk, "sk": str(sk)})
        outcomes = table.write_many(Write("create", {"pk": pk, "sk": str(sk), "new": sk}) for sk in range(150))

        assert kinds(outcomes) == [dict if sk % 3 else Exists for sk in range(150)]
        assert [each["new"] for each in outcomes if isinstance(each, dict)] == [sk for sk in range(150) if sk % 3]

    def test_of_nothing(self, table: Table) -> None:
        assert table.write_many([]) == []

    def test_what_is_expired_is_not_there(self, table: Table, pk: str, clock: FakeClock) -> None:
        old = [table.create({"pk": pk, "sk": sk, "expires": now(clock) + 1}) for sk in "abc"]
        clock.advance(1)
        first, *others = table.write_many([Write("create", old[0]), Write("replace", old[1]), Write("delete", old[2])])

        assert first == {**old[0], "version": 1}
        assert kinds(others) == [Stale, Stale]

    @pytest.mark.parametrize(
        "wrong",
        [Write("create", {"pk": "", "sk": "x"}), Write("replace", {"pk": "p", "sk": "x", "version": 1, "a": "\ud800"})],
    )
    def test_one_that_no_engine_can_store_keeps_all_from_being_stored(
        self, table: Table, pk: str, wrong: Write
    ) -> None:
        with pytest.raises(ValueError, match=r"must|cannot"):
            table.write_many([Write("create", {"pk": pk, "sk": "good"}), wrong])

        assert table.get(pk, "good") is None

    def test_of_one_key_are_refused(self, table: Table, pk: str) -> None:
        with pytest.raises(ValueError, match="twice"):
            table.write_many(Write("create", {"pk": pk, "sk": WHOLE, "number": number}) for number in range(2))

        assert table.get(pk) is None

    @pytest.mark.parametrize("begun", [0, 1, 7])
    def test_what_has_not_begun_in_time_is_left_undone(self, table: Table, pk: str, begun: int) -> None:
        writes = [Write("create", {"pk": pk, "sk": f"{number:02}"}) for number in range(40)]
        outcomes = table.write_many(writes, Steps(begun))
        done = [each["sk"] for each in outcomes if isinstance(each, dict)]

        assert len(done) == begun
        assert everything(table, pk) == sorted(done)
        assert all(isinstance(each, (dict, Unavailable)) for each in outcomes)
        again = table.write_many(writes)
        assert kinds(again) == [Exists if write.item["sk"] in done else dict for write in writes]

    @without_moto
    def test_have_one_winner_for_each_key(self, table: Table, pk: str) -> None:
        def race(number: int) -> list[Outcome]:
            return table.write_many(Write("create", {"pk": pk, "sk": str(sk), "by": number}) for sk in range(20))

        results = at_once(race)
        for sk, of_key in enumerate(zip(*results, strict=True)):
            assert kinds(list(of_key)).count(dict) == 1
            assert {json.dumps(each.existing if isinstance(each, Exists) else each) for each in of_key} == {
                json.dumps(table.get(pk, str(sk)))
            }

    @without_moto
    def test_queries_of_many_partitions(self, table: Table, pk: str) -> None:
        table.put_many({"pk": f"{pk}{part}", "sk": f"{number}"} for part in range(30) for number in range(part % 4))
        pages = table.query_many([f"{pk}{part}" for part in range(30)], limit=2)

        assert [[item["sk"] for item in page.items] for page in pages] == [
            [str(number) for number in range(min(2, part % 4))] for part in range(30)
        ]
        assert all(page.next == "1" for part, page in enumerate(pages) if part % 4 == 3)
        assert table.query_many([]) == []


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


class TestRefusal:
    """What one engine could not store is refused by all."""

    @pytest.mark.parametrize(
        "members",
        [
            {"a": 1.5},
            {"a": [{"b": 0.0}]},
            {"a": (1, 2)},
            {"a": b"bytes"},
            {"a": {1: "one"}},
            {"expires": None},
            {"expires": "1"},
            {"expires": True},
        ],
    )
    def test_by_type(self, table: Table, pk: str, members: Item) -> None:
        with pytest.raises(TypeError):
            table.create({"pk": pk, "sk": WHOLE, **members})
        with pytest.raises(TypeError):
            table.replace({"pk": pk, "sk": WHOLE, "version": 1, **members})
        with pytest.raises(TypeError):
            table.put_many([{"pk": pk, "sk": WHOLE, **members}])

    @pytest.mark.parametrize(
        "members",
        [
            {"pk": ""},
            {"sk": ""},
            {"pk": 1},
            {"pk": "x" * 2049},
            {"sk": "云" * 342},
            {"a": 10**38},
            {"a": -(10**38)},
            {"a": "\ud800"},
            {"a": {"": 1}},
            {"a": nested(32)},
            {"a": "x" * 395 * 1024},
            {"_writer": "me"},
        ],
        ids=range(12),
    )
    def test_by_value(self, table: Table, pk: str, members: Item) -> None:
        with pytest.raises(ValueError, match=r"must|cannot|reserved") as refused:
            table.create({"pk": pk, "sk": WHOLE, **members})

        assert "x" * 100 not in repr(refused.value)
        assert table.get(pk) is None

    def test_of_the_deepest_allowed_is_none(self, table: Table, pk: str) -> None:
        created = table.create({"pk": pk, "sk": WHOLE, "a": nested(30)})

        assert table.get(pk) == created

    @pytest.mark.parametrize("key", [("", "a"), ("a", ""), ("a" * 2049, "a"), ("a", "a" * 1025)])
    def test_of_keys_that_cannot_be(self, table: Table, key: tuple[str, str]) -> None:
        with pytest.raises(ValueError, match="pk must have"):
            table.get(*key)
        with pytest.raises(ValueError, match="pk must have"):
            table.get_many([key])
        with pytest.raises(ValueError, match="pk must have"):
            table.delete({"pk": key[0], "sk": key[1], "version": 1})
        with pytest.raises(ValueError, match="pk must have"):
            table.delete_many([key])

    def test_of_a_limit_below_one(self, table: Table, pk: str) -> None:
        with pytest.raises(ValueError, match="limit"):
            table.query(pk, limit=0)


class TestScan:
    @pytest.fixture
    def table(self, make: Make, clock: FakeClock) -> Table:
        return make(clock, "scan-").table("instances")

    def test_finds_everything_once_page_by_page(self, table: Table, pk: str, clock: FakeClock) -> None:
        wanted = [{"pk": f"{pk}-{number % 3}", "sk": f"値#{number}", "n": number} for number in range(25)]
        table.put_many(wanted)
        table.create({"pk": pk, "sk": WHOLE, "expires": now(clock) - 1, "n": 25})
        found = []
        after = None
        while True:
            page = table.scan(limit=7, after=after)
            assert len(page.items) <= 7
            found += [item["n"] for item in page.items if item["pk"].startswith(pk)]
            if page.next is None:
                break
            after = page.next
        # What has expired is found too, unless the engine has removed it by itself.
        assert sorted(found) in (list(range(26)), list(range(25)))

    def test_what_is_found_can_be_replaced(self, table: Table, pk: str) -> None:
        table.create({"pk": pk, "sk": WHOLE, "n": 1})
        (item,) = [each for each in whole(table) if each["pk"] == pk]
        table.replace({**item, "n": 2})
        assert table.get(pk) == {"pk": pk, "sk": WHOLE, "n": 2, "version": 2}
