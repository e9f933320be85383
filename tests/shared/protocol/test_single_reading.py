"""What is signed is taken apart in one way."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import AuthenticationError
from shared.protocol.single_reading import in_order, moment_of, single_reading

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECONDS = str(int(NOW.timestamp()))
DOCUMENTED = frozenset({"b", "d", "f"})


@pytest.mark.parametrize(
    "nonce", ["n", "RLLUammMSInlrNWb", "12", "n12", "n1x6", "n٣٣٣", "n000", "n156", "n157", "n250", "n999"]
)
def test_ten_digits_are_seconds_where_nothing_else_can_be_meant(nonce):
    assert moment_of(SECONDS, nonce, NOW) == NOW


@pytest.mark.parametrize("nonce", ["n158", "n175", "n176", "n177", "n200", "176"])
def test_ten_digits_that_end_a_time_in_milliseconds_are_refused(nonce):
    with pytest.raises(ValueError, match="two readings"):
        moment_of(SECONDS, nonce, NOW)


def test_thirteen_digits_are_milliseconds_whatever_the_nonce():
    assert moment_of(f"{SECONDS}007", "n999", NOW) == NOW + timedelta(milliseconds=7)


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        ({"b": "1&c=2", "d": "3"}, {"b": "1", "d": "3"}),
        ({"b": "1&a=2", "d": "3"}, {"b": "1&a=2", "d": "3"}),
        ({"b": "1&e=2", "d": "3"}, {"b": "1&e=2", "d": "3"}),
        ({"f": "1&x=2"}, {"f": "1"}),
        ({"f": "R&D", "d": "x=y&"}, {"f": "R&D", "d": "x=y&"}),
        ({"d": "1&b=2"}, {"d": "1&b=2"}),
        ({"f": "1&b=2&x=3"}, {"f": "1&b=2"}),
        ({"b": "1&e=2&c=3", "d": ""}, {"b": "1&e=2", "d": ""}),
    ],
)
def test_a_value_ends_where_another_parameter_may_begin(texts, read):
    assert single_reading(texts, DOCUMENTED) == read


@pytest.mark.parametrize(
    "texts",
    [
        {"b": "1&d=2"},
        {"b": "1&d =2"},
        {"b": "1&x=2&f=3"},
        {"x": "1&b=2"},
        {"f": "1&x=2&b=3"},
        {"a&b": "1"},
        {"a=b": "1"},
    ],
)
def test_no_value_holds_a_documented_parameter(texts):
    with pytest.raises(AuthenticationError):
        single_reading(texts, DOCUMENTED)


PIECES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["", "1", "2"])), min_size=1, max_size=6)


@given(PIECES)
def test_all_ways_to_take_a_text_apart_read_alike(pieces):
    """Every reading that could have been signed, of one text, is refused or gives the documented the same values."""
    found = []
    for number in range(len(pieces)):
        for cuts in combinations(range(1, len(pieces)), number):
            starts = [0, *cuts]
            parts = [pieces[start:end] for start, end in zip(starts, [*cuts, len(pieces)], strict=True)]
            names = [part[0][0] for part in parts]
            if names != in_order(set(names)):
                continue
            texts = {part[0][0]: "&".join([part[0][1], *(f"{n}={v}" for n, v in part[1:])]) for part in parts}
            try:
                read = single_reading(texts, DOCUMENTED)
            except AuthenticationError:
                continue
            found.append({name: value for name, value in read.items() if name in DOCUMENTED})
    assert all(each == found[0] for each in found)


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["", "1", "1&b=2", "&d=", "1&g=2&f=3"]), min_size=2)
)
def test_what_is_refused_stays_refused_inside_the_value_before_it(drawn: dict[str, str]) -> None:
    texts = {name: drawn[name] for name in in_order(drawn)}
    for before, name in pairwise(list(texts)):
        whole = {**texts, before: f"{texts[before]}&{name}={texts[name]}"}
        del whole[name]
        if name not in DOCUMENTED and refused(texts):
            assert refused(whole)


def refused(texts: dict[str, str]) -> bool:
    try:
        single_reading(texts, DOCUMENTED)
    except AuthenticationError:
        return True
    return False
