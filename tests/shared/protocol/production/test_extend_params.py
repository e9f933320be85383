import base64
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import InvalidParameter
from shared.protocol.production.extend_params import decode_extend_params, encode_extend_params
from tests.vectors import each

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def as_list(parameters: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in parameters.items()]


@each("extend_params", "valid")
def test_vector(vector):
    assert decode_extend_params(vector["value"]) == vector["parameters"]


@each("extend_params", "invalid")
def test_invalid_vector(vector):
    with pytest.raises(InvalidParameter, match="saasExtendParams") as refused:
        decode_extend_params(vector["value"])
    assert refused.value.__context__ is None


def test_deep_nesting_is_refused():
    value = base64.b64encode(b"[" * 100_000).decode()
    with pytest.raises(InvalidParameter):
        decode_extend_params(value)


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_garbage_gives_one_error(value):
    try:
        decoded = decode_extend_params(value)
    except InvalidParameter:
        return
    assert all(isinstance(text, str) for pair in decoded.items() for text in pair)


def test_encodes_as_the_marketplace_does():
    parameters = [{"name": "idNum", "value": "352255555555656"}]
    assert encode_extend_params(parameters) == "W3sibmFtZSI6ImlkTnVtIiwidmFsdWUiOiIzNTIyNTU1NTU1NTU2NTYifV0="


@settings(deadline=None)
@given(st.dictionaries(TEXT, TEXT))
def test_round_trip(parameters):
    value = encode_extend_params(as_list(parameters))
    assert decode_extend_params(value) == parameters
    assert decode_extend_params(quote(value, safe="")) == parameters
    assert decode_extend_params(value.replace("+", " ").rstrip("=")) == parameters
    assert decode_extend_params(value.translate(str.maketrans("+/", "-_"))) == parameters
    assert decode_extend_params(base64.encodebytes(base64.b64decode(value)).decode()) == parameters
