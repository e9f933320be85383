"""The rule of what counts, alone: any order of arrival comes to the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.instance.precedence import (
    MOST_WISHES,
    SKEW_MS,
    TOLD_FOR_MS,
    Stamp,
    Wish,
    Wishes,
    WishKind,
    expiry,
    late,
    outdated,
    overtaken,
    placed,
    reasons,
    repeated,
)
from shared.instance.unfinished import MOST_TRIED, RETRIED_MS, Attempt, first_sent, remembered
from shared.provisioning import FreezeReason
from tests.examples import examples

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MS = int(NOW.timestamp() * 1000)
DAY = timedelta(days=1)
START = Wish(WishKind.START, expires_at=NOW)
EXPIRED, SUSPENDED = FreezeReason.EXPIRED, FreezeReason.SUSPENDED


def wish(kind: WishKind, sent_ms: int, days: int | None = None, created_ms: int | None = None) -> Wish:
    told = None if days is None else NOW + days * DAY
    return Wish(kind, Stamp(sent_ms, created_ms), told, order=f"{kind}{sent_ms}")


def after(*wishes: Wish) -> Wishes:
    found: Wishes = (START,)
    for each in wishes:
        found = placed(found, each)
    return found


KINDS = st.sampled_from([kind for kind in WishKind if kind is not WishKind.START])
SOME = st.lists(
    st.builds(wish, KINDS, st.integers(MS - SKEW_MS * 2, MS + SKEW_MS * 2), st.integers(-3, 3)),
    max_size=MOST_WISHES - 1,
    unique_by=lambda each: each.stamp,
)


@settings(max_examples=examples(300))
@given(wishes=SOME, chance=st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(wishes: list[Wish], chance: object) -> None:
    there = after(*wishes)
    chance.shuffle(wishes)  # type: ignore[attr-defined]
    assert after(*wishes) == there
    assert [each.stamp.sent_ms for each in there] == sorted(each.stamp.sent_ms for each in there)


@pytest.mark.parametrize(
    ("wishes", "days"),
    [
        ([], 0),
        ([wish(WishKind.RENEWAL, 1, 2)], 2),
        ([wish(WishKind.RENEWAL, 1, -2)], 0),
        ([wish(WishKind.RENEWAL, 1, 2), wish(WishKind.RENEWAL, 2, 1)], 2),
        ([wish(WishKind.RENEWAL, 1, 2), wish(WishKind.RETURN, 2, 1)], 1),
        ([wish(WishKind.RETURN, 2, 1), wish(WishKind.RENEWAL, 1, 2)], 1),
        ([wish(WishKind.RETURN, 2, 1), wish(WishKind.RENEWAL, 3, 2)], 2),
        ([wish(WishKind.RETURN, 2, 1, 5), wish(WishKind.RENEWAL, 3, 2, 4)], 1),
        ([wish(WishKind.RETURN, 2, 1, 5), wish(WishKind.RENEWAL, 3, 2, 5)], 2),
        ([wish(WishKind.RENEWAL, 1, 2), wish(WishKind.OPEN_END, 2)], None),
        ([wish(WishKind.OPEN_END, 2), wish(WishKind.RENEWAL, 3, 1)], 1),
        ([wish(WishKind.RENEWAL, 1, None)], 0),
    ],
)
def test_the_end_of_the_period(wishes: list[Wish], days: int | None) -> None:
    assert expiry(after(*wishes)) == (None if days is None else NOW + days * DAY)


@pytest.mark.parametrize(
    ("wishes", "found"),
    [
        ([wish(WishKind.EXPIRY, 1)], {EXPIRED}),
        ([wish(WishKind.FREEZE, MS - SKEW_MS - 1)], {SUSPENDED}),
        ([wish(WishKind.FREEZE, MS - SKEW_MS)], {EXPIRED}),
        ([wish(WishKind.FREEZE, MS), wish(WishKind.RENEWAL, MS - 1, 1)], {SUSPENDED}),
        ([wish(WishKind.FREEZE, MS), wish(WishKind.RENEWAL, MS - 1, 30)], set()),
        ([wish(WishKind.FREEZE, MS), wish(WishKind.OPEN_END, MS - 1)], set()),
        ([wish(WishKind.FREEZE, MS - SKEW_MS - 1), wish(WishKind.OPEN_END, 1)], {SUSPENDED}),
        ([wish(WishKind.FREEZE, MS + TOLD_FOR_MS), wish(WishKind.OPEN_END, 1)], set()),
        ([wish(WishKind.FREEZE, MS + TOLD_FOR_MS + 1), wish(WishKind.OPEN_END, 1)], {SUSPENDED}),
        ([wish(WishKind.RENEWAL, 1, 30), wish(WishKind.FREEZE, MS), wish(WishKind.RETURN, MS + 1, 0)], {SUSPENDED}),
        ([wish(WishKind.FREEZE, 1), wish(WishKind.EXPIRY, 2)], {EXPIRED, SUSPENDED}),
        ([wish(WishKind.FREEZE, 1), wish(WishKind.EXPIRY, 2), wish(WishKind.RENEWAL, 3, 1)], {SUSPENDED}),
        ([wish(WishKind.FREEZE, 1), wish(WishKind.EXPIRY, 2), wish(WishKind.UNFREEZE, 3)], set()),
        ([wish(WishKind.UNFREEZE, 2), wish(WishKind.FREEZE, 1)], set()),
        ([wish(WishKind.RENEWAL, 2, 1), wish(WishKind.EXPIRY, 1)], set()),
        ([wish(WishKind.EXPIRY, 1), wish(WishKind.RETURN, 2, 1)], {EXPIRED}),
        ([wish(WishKind.RENEWAL, 1, 30), wish(WishKind.EXPIRY, 2)], set()),
        ([wish(WishKind.RENEWAL, 1, 30), wish(WishKind.RETURN, 2, 0), wish(WishKind.EXPIRY, MS)], {EXPIRED}),
        ([wish(WishKind.OPEN_END, 1), wish(WishKind.EXPIRY, 2)], set()),
        ([wish(WishKind.EXPIRY, 1), wish(WishKind.OPEN_END, 2)], set()),
        ([wish(WishKind.EXPIRY, 5), wish(WishKind.UNFREEZE, 5)], set()),
        ([wish(WishKind.UNFREEZE, 5), wish(WishKind.EXPIRY, 5)], {EXPIRED}),
    ],
)
def test_why_it_is_frozen(wishes: list[Wish], found: set[FreezeReason]) -> None:
    assert reasons(after(*wishes)) == found


@given(wishes=SOME)
def test_what_is_summed_up_comes_to_the_same(wishes: list[Wish]) -> None:
    wishes.sort(key=lambda each: each.stamp.sent_ms)
    more = [wish(WishKind.UNFREEZE, MS * 2 + number) for number in range(MOST_WISHES)]
    full = after(*wishes, *more)
    assert len(full) == MOST_WISHES
    assert expiry(full) == expiry((START, *wishes))
    assert late(full, wish(WishKind.FREEZE, MS))


def test_only_a_nonce_tells_two_calls_of_one_millisecond_apart() -> None:
    marked = replace(wish(WishKind.FREEZE, 5), mark="one")
    known = after(marked, wish(WishKind.UNFREEZE, 5))
    assert not repeated(known, wish(WishKind.FREEZE, 5))
    assert repeated(known, marked)
    assert repeated(known, wish(WishKind.UNFREEZE, 5))
    for other in (replace(marked, mark="two"), replace(marked, kind=WishKind.EXPIRY), wish(WishKind.FREEZE, 6)):
        assert not repeated(known, other)
    assert not repeated(known, replace(marked, stamp=Stamp(6)))


def test_an_order_is_overtaken_by_a_newer_one_or_by_a_later_end() -> None:
    first, second = wish(WishKind.RENEWAL, 1, 2), wish(WishKind.RENEWAL, 2, 3)
    assert overtaken(after(first, second), first)
    assert not overtaken(after(first, second), second)
    assert overtaken(after(second, wish(WishKind.RENEWAL, 3, 1)), wish(WishKind.RENEWAL, 3, 1))


@pytest.mark.parametrize(
    ("newer", "many", "expected"),
    [
        (WishKind.RENEWAL, MOST_WISHES - 1, True),
        (WishKind.UNFREEZE, MOST_WISHES - 1, False),
        (WishKind.UNFREEZE, MOST_WISHES, True),  # it is from the time that the start stands for, and has no effect
    ],
)
def test_an_order_that_is_older_than_all_that_is_remembered(newer: WishKind, many: int, expected: bool) -> None:
    days = 2 if newer is WishKind.RENEWAL else None
    old = wish(WishKind.RENEWAL, 1, 3)
    known = after(*(wish(newer, 2 + number, days) for number in range(many)), old)

    assert old not in known
    assert (expiry(known) == old.expires_at) is (many < MOST_WISHES)
    assert overtaken(known, old) is expected


def test_an_unfinished_wish_keeps_the_time_of_its_first_attempt() -> None:
    tried = {"FREEZE": Attempt(1000), "R1/": Attempt(1000)}
    assert first_sent(tried, "FREEZE", 1000 + RETRIED_MS, order=False) == 1000
    assert first_sent(tried, "FREEZE", 1001 + RETRIED_MS, order=False) == 1001 + RETRIED_MS
    assert first_sent(tried, "R1/", 1001 + RETRIED_MS, order=True) == 1000
    assert first_sent(tried, "UNFREEZE", 5, order=False) == 5
    assert first_sent(tried, "FREEZE", 5, order=False) == 5


def test_not_more_than_a_few_unfinished_wishes_are_remembered() -> None:
    tried: dict[str, Attempt] = {}
    for number in range(MOST_TRIED + 5):
        tried = remembered(tried, f"R{number}/", Attempt(number))
    assert list(tried) == [f"R{number}/" for number in range(5, MOST_TRIED + 5)]


def test_each_part_of_a_specification_belongs_to_the_newest_order_that_chose_it() -> None:
    stamps = {"quantity": Stamp(5), "sku_code": Stamp(9, 3)}
    assert outdated({"quantity", "sku_code", "disk_size"}, stamps, Stamp(4, 4)) == {"quantity"}
    assert outdated({"quantity", "sku_code"}, stamps, Stamp(10, 2)) == {"sku_code"}
    assert outdated({"sku_code"}, stamps, Stamp(9, 3)) == frozenset(), "of the same time, the later one to arrive"
