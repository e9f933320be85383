"""JSON with the liberties the documents take."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidParameter
from shared.protocol.sync.lenient_json import (
    MOST_CONTROLS,
    MOST_MEMBERS,
    MOST_PARTS,
    REPAIRED_AT_MOST,
    Number,
    compact,
    parse,
    read_members,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('[{orgCode:"1", orgName : "A:b,}"}]', [{"orgCode": "1", "orgName": "A:b,}"}]),
        ('{"a":1,}', {"a": "1"}),
        ('{"a":[1,2, ] , }', {"a": ["1", "2"]}),
        ("{a:true,b_1:false,_c:null}", {"a": True, "b_1": False, "_c": None}),
        ('{ a:"x\\"y,}" , }', {"a": 'x"y,}'}),
        ('{"a":"1","a":"2"}', {"a": "2"}),
        ('{"a":"line\nbreak"}', {"a": "line\nbreak"}),
        ('{"name":"bare: {b:1,}",}', {"name": "bare: {b:1,}"}),
        ("[]", []),
        ('"text"', "text"),
    ],
)
def test_is_read_as_meant(text, value):
    assert parse(text) == value


def test_numbers_keep_their_digits():
    found = parse('{"a":[1.50,1E3,-0,12345678901234567890]}')
    assert found == {"a": ["1.50", "1E3", "-0", "12345678901234567890"]}
    assert all(isinstance(number, Number) for number in found["a"])
    assert compact(found) == '{"a":[1.50,1E3,-0,12345678901234567890]}'


@given(VALUES)
def test_compact_is_what_json_would_write(value):
    text = compact(parse(json.dumps(value)))
    assert json.loads(text) == value
    assert parse(text) == parse(json.dumps(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{a}",
        "{a:b}",
        "{'a':1}",
        "NaN",
        '{"a":Infinity}',
        "{,,}",
        '{"a" 1}',
        '{"a":"\\ud800"}',
        "[1 2]",
        "[" * 99_999,
    ],
    ids=lambda text: text[:20] or "empty",
)
def test_what_cannot_be_meant_is_refused(text):
    with pytest.raises(ValueError, match="not JSON"):
        parse(text)


@pytest.mark.parametrize("body", [b"", b"[]", b'"a"', b"null", b"\xff{}", b"{", b'{"a":"\\udfff"}', b"[" * 80_000])
def test_a_body_must_be_an_object(body):
    with pytest.raises(InvalidParameter, match="the body is not a JSON object"):
        read_members(body)


def test_a_byte_order_mark_is_no_matter():
    assert read_members("\ufeff{}".encode()) == {}


@pytest.mark.sweep
@pytest.mark.parametrize("piece", ['"\\', "a", ", ", '{"', "_ ", "a :"])
def test_no_text_takes_long_to_refuse(piece):
    # Quadratic time would be hours.
    with pytest.raises(ValueError, match="not JSON"):
        parse("{" + piece * (1_000_000 // len(piece)))


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (b'{"a":[' + b"1," * (MOST_PARTS - 2) + b"1]", b',"b":1'),
        (b'{"a":"' + b"\x01" * MOST_CONTROLS + b'"', b',"b":"\x01"'),
        (b'{"a":"' + b"\\u001F" * MOST_CONTROLS + b'"', b',"b":"\\u0000"'),
        (b'{"a":"' + b"a" * (2 << 20) + b'"', b',"b":"\xf0\x9f\x98\x80"'),
        (b'{"a":"' + b"a" * (2 << 20) + b'"', b',"b":"\\ud83d\\ude00"'),
        (b"{" + b",".join(b'"%d":1' % number for number in range(MOST_MEMBERS)), b',"b":1'),
    ],
    ids=["parts", "controls", "escaped controls", "emoji", "escaped emoji", "members"],
)
def test_a_body_of_too_many_parts_is_not_read(body, more):
    assert read_members(body + b"}")
    with pytest.raises(InvalidParameter, match="the body has too many parts"):
        read_members(body + more + b"}")


def test_only_short_bodies_are_repaired():
    def bare(length: int) -> bytes:
        return b'{a:"' + b"a" * (length - 6) + b'"}'

    assert read_members(bare(REPAIRED_AT_MOST))
    with pytest.raises(InvalidParameter):
        read_members(bare(REPAIRED_AT_MOST + 1))
    assert parse(bare(REPAIRED_AT_MOST + 1).decode())  # a text within a body that was verified


def test_control_characters_are_written_as_jackson_writes_them():
    text = '\x00\x1f\x7f\n\\u001f\x0b"/'
    assert compact(text) == '"\\u0000\\u001F\x7f\\n\\\\u001f\\u000B\\"/"'
    assert parse(compact(text)) == text
