"""Whatever is done to a signed call: it still means the same and passes, or it is refused in the one way."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.errors import AuthenticationError
from shared.protocol.signing import V1_REPAIRED, sign_body, sign_query, verify_body, verify_query
from tests.examples import examples

Pairs: TypeAlias = list[tuple[str, str]]
Body: TypeAlias = dict[str, Any]

NOW = datetime(2024, 5, 22, 7, 42, 58, 801000, tzinfo=UTC)
DOCUMENTED = """
activity amount bandWidth businessId chargingMode customerId customerName diskSize email expireTime instanceId
instanceStatus mobilePhone orderAmount orderId periodNumber periodType productId provisionType saasExtendParams skuCode
testFlag timeStamp trialFlag trialToFormal userId userName
"""

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
NAMES = st.sampled_from(DOCUMENTED.split()) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="=&"))
VALUES = st.text(st.characters(exclude_categories=["Cs"]))
BASE64 = st.text("AZaz09+/=", max_size=24)
WILD = st.text(st.characters(), max_size=70) | st.sampled_from(
    ["authToken", "timeStamp", " ", "+", "", "\ud800", "0" * 64]
)
"""Anything a caller may send, lone surrogates too."""
FUZZ = settings(deadline=None, max_examples=examples(120))


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, str]:
    names = draw(st.sets(NAMES, max_size=8)) - {"authToken", "timeStamp"}
    values = {name: draw(BASE64 if name in V1_REPAIRED else VALUES) for name in names}
    return {**values, "timeStamp": draw(st.just("20200727073711903") | VALUES.filter(bool))}


@st.composite
def damaged_pairs(draw: st.DrawFn, pairs: Pairs) -> Pairs:
    """One change to a list of pairs."""
    place = draw(st.integers(0, len(pairs) - 1))
    name, value = pairs[place]
    head, tail = pairs[:place], pairs[place + 1 :]
    change = draw(
        st.sampled_from(["value", "name", "remove", "insert", "repeat", "swap", "case", "cut", "plus", "move"])
    )
    changed: dict[str, Callable[[], Pairs]] = {
        "value": lambda: [*head, (name, draw(WILD)), *tail],
        "name": lambda: [*head, (draw(WILD), value), *tail],
        "remove": lambda: [*head, *tail],
        "insert": lambda: [*head, (draw(WILD), draw(WILD)), (name, value), *tail],
        "repeat": lambda: draw(st.sampled_from([[(name, draw(WILD)), *pairs], [*pairs, (name, draw(WILD))]])),
        "swap": lambda: [*head, (value, name), *tail],
        "case": lambda: [*head, draw(st.sampled_from([(name.swapcase(), value), (name, value.swapcase())])), *tail],
        "cut": lambda: [*head, (name, value[: draw(st.integers(0, len(value)))]), *tail],
        "plus": lambda: [
            *head,
            (name, draw(st.sampled_from([value.replace("+", " "), value.replace(" ", "+")]))),
            *tail,
        ],
        "move": lambda: [*tail, *head, (name, value)],
    }
    return changed[change]()


def meaning_of_pairs(pairs: Pairs) -> dict[str, str]:
    first, repaired = dict(reversed(pairs)), ("authToken", *V1_REPAIRED)
    return {name: value.replace(" ", "+") if name in repaired else value for name, value in first.items()}


@FUZZ
@given(KEYS, parameters(), st.randoms())
def test_a_signed_query_verifies_in_any_order(key, sent, chance):
    pairs = [*sent.items(), ("authToken", sign_query(key, sent))]
    chance.shuffle(pairs)
    assert verify_query(["other", key, "another"], pairs).parameters == sent


@FUZZ
@given(KEYS, parameters(), st.integers(1, 3), st.data())
def test_a_damaged_query_is_refused_unless_it_means_the_same(key, sent, changes, data):
    signed = damaged = [*sent.items(), ("authToken", sign_query(key, sent))]
    for _ in range(changes):
        damaged = data.draw(damaged_pairs(damaged)) or signed
    if meaning_of_pairs(damaged) == meaning_of_pairs(signed):
        assert verify_query([key], damaged).parameters == sent
    else:
        with pytest.raises(AuthenticationError):
            verify_query([key], damaged)


@FUZZ
@given(st.lists(st.sampled_from(DOCUMENTED.split()), min_size=2, unique=True), VALUES, st.data())
def test_a_documented_parameter_cannot_hide_in_another_value(names, value, data):
    sent = {"timeStamp": "20200727073711903"} | dict.fromkeys(sorted(set(names) - set(V1_REPAIRED)), value)
    pairs = sorted(sent.items())
    assume(len(pairs) > 1)
    place = data.draw(st.integers(1, len(pairs) - 1))
    (host, first), (guest, second) = pairs[place - 1 : place + 1]
    merged = [*pairs[: place - 1], (host, f"{first}&{guest}={second}"), *pairs[place + 1 :]]
    with pytest.raises(AuthenticationError):
        verify_query(["key"], [*merged, ("authToken", sign_query("key", sent))])


@FUZZ
@given(KEYS, KEYS, parameters())
def test_another_key_does_not_verify(key, other, sent):
    # HMAC fills a key up with NUL, so keys that differ in trailing NUL alone are one key.
    assume((key + sent["timeStamp"]).rstrip("\0") != (other + sent["timeStamp"]).rstrip("\0"))
    with pytest.raises(AuthenticationError):
        verify_query([other], [*sent.items(), ("authToken", sign_query(key, sent))])


@st.composite
def damaged_bodies(draw: st.DrawFn, call: Body) -> Body:
    """One change to a V2 call."""
    body, nonce, timestamp, signature = call["body"], call["nonce"], call["timestamp"], call["signature"]
    place = draw(st.integers(0, max(0, len(body) - 1)))
    kept = draw(st.integers(0, len(nonce)))
    text = nonce + timestamp
    change: Body = draw(
        st.sampled_from(
            [
                {draw(st.sampled_from(["signature", "nonce", "timestamp"])): draw(WILD)},
                {"signature": draw(st.sampled_from([str.lower, str.swapcase, str.title]))(signature)},
                {"signature": signature[::-1]},
                {"body": body[:place] + bytes([draw(st.integers(0, 255))]) + body[place + 1 :]},
                {"body": body[:place] + draw(st.binary(min_size=1, max_size=3)) + body[place:]},
                {"body": body[:place] + body[place + 1 :]},
                {"body": body.strip()},
                {"timestamp": str(1716363778801 + draw(st.integers(-70_000, 70_000)))},
                {"timestamp": timestamp[:10]},
                {"nonce": text[:kept], "timestamp": text[kept:]},
                {"nonce": nonce.swapcase()},
            ]
        )
    )
    return {**call, **change}


def meaning_of_body(call: Body) -> Body:
    spelling = {ord(letter): letter.upper() for letter in "abcdef"}
    return {**call, "signature": call["signature"].translate(spelling)}


def nonce_of(key: str, call: Body) -> str:
    return verify_body([key], now=NOW, **call).nonce


@FUZZ
@given(KEYS, st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1), st.binary(), st.data())
def test_a_damaged_body_is_refused_unless_it_means_the_same(key, nonce, body, data):
    timestamp = "1716363778801"
    signed: Body = {
        "signature": sign_body(key, nonce, timestamp, body),
        "timestamp": timestamp,
        "nonce": nonce,
        "body": body,
    }
    assert nonce_of(key, signed) == nonce
    damaged = data.draw(damaged_bodies(signed))
    if meaning_of_body(damaged) == meaning_of_body(signed):
        assert nonce_of(key, damaged) == nonce
    else:
        with pytest.raises(AuthenticationError):
            nonce_of(key, damaged)


@FUZZ
@given(WILD, WILD, WILD, st.binary())
def test_no_random_call_verifies(signature, timestamp, nonce, body):
    with pytest.raises(AuthenticationError):
        verify_body(["key"], signature=signature, timestamp=timestamp, nonce=nonce, body=body, now=NOW)


@FUZZ
@given(st.lists(st.tuples(WILD, WILD)))
def test_no_random_query_verifies(pairs):
    with pytest.raises(AuthenticationError):
        verify_query(["key"], pairs)
