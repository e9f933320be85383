"""Nothing personal of a call is in anything that is made of it: not as it is, not encoded, not encrypted."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.development import KEYS as DEVELOPMENT
from emulator.development import rsa_key
from emulator.keys import Keys
from emulator.recorder import Recording, of_request, recorded
from emulator.recorder.policy import KEPT, stays
from shared.errors import InvalidParameter
from shared.http import HttpRequest
from shared.protocol.client_secret import decrypt_secret
from shared.protocol.field_cipher import FieldCipher
from tests.emulator.recorder.calls import BASE, CALLS, KEYS, PATH, PERSON, V1, V2, calls, pasted
from tests.emulator.recorder.test_forms import FORMS_OF_A_CALL
from tests.examples import examples

SECRETS = [*KEYS.all, PATH, BASE]
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{8,}")
CIPHERS = (FieldCipher([DEVELOPMENT["KOOGALLERY_KEY"]]), FieldCipher([KEYS.key]))


def outputs(recording: Recording) -> Iterator[str]:
    """Everything that is made of a recording, as text."""
    yield recording.test_source()
    yield repr(recording)
    yield str(recording.signature)
    yield recording.expectation.reason
    yield " ".join((recording.name, recording.test_path, *recording.replaced))
    for path, event in recording.events().items():
        yield path
        yield json.dumps(event)
        yield from leaves(event)
    yield from leaves(dict(recording.request.query))
    yield recording.request.body.decode()


def leaves(value: Any) -> Iterator[str]:
    """Names and values of JSON, and of the JSON inside texts."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from leaves(member)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif value is not None:
        yield str(value)
        if isinstance(value, str) and value[:1] in ("{", "["):
            yield from leaves(read(value))


def opened(text: str) -> Iterator[str]:
    """A text in every reading: as it is, percent-decoded, from base64, decrypted."""
    yield from (text, unquote(text), unquote_plus(text))
    for token in {text, *_TOKEN.findall(text)}:
        try:
            decoded = base64.b64decode(token + "=" * (-len(token) % 4)).decode()
        except (ValueError, binascii.Error):
            decoded = ""
        if decoded:
            yield decoded
            yield from leaves(read(decoded))
    for cipher in CIPHERS:
        try:
            yield cipher.decrypt(text, field="") or ""
        except InvalidParameter:
            continue
    if len(text) > 500:
        try:
            yield decrypt_secret(rsa_key(), text)
        except InvalidParameter:
            return


def read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def survivors(recording: Recording, originals: list[str]) -> set[str]:
    """Which of ``originals`` can be read out of what is made of a recording."""
    texts = {reading for text in outputs(recording) for reading in opened(text)}
    whole = "\n".join(texts)
    return {original for original in originals if original in whole or json.dumps(original)[1:-1] in whole}


def personal(texts: Iterable[str]) -> list[str]:
    """Those of drawn texts that do not stand in every event anyway."""
    return [text for text in texts if text not in NEUTRAL]


NEUTRAL = "\n".join(
    reading
    for call in (V1.call("queryInstance", instanceId="?"), V2.call("queryInstance", instanceId="?"))
    for text in outputs(of_request(call))
    for reading in opened(text)
)


def signature_of(request: HttpRequest) -> list[str]:
    names = ("authToken", "signature", "nonce", "authtoken", "x-sign", "x-nonce")
    return [value for name, value in (*request.query, *request.headers.items()) if name in names]


FORM_OF_CALL = [
    *((name, "console") for name in CALLS),
    *((name, form) for name in ("purchase-v1", "auth-sync-v2") for form in FORMS_OF_A_CALL if form != "console"),
]
"""Each call once, and each form once in each version: ``test_forms.py`` reads the same call from every form."""


@pytest.mark.parametrize("keys", [KEYS, Keys()], ids=["with the keys", "without"])
@pytest.mark.parametrize(("name", "form"), FORM_OF_CALL)
def test_nobody_can_be_found_in_a_recording(name: str, form: str, keys: Keys) -> None:
    (recording,) = recorded(FORMS_OF_A_CALL[form](CALLS[name]), keys=keys)

    assert survivors(recording, [*PERSON.values(), *SECRETS, *signature_of(CALLS[name])]) == set()


def test_a_leak_would_be_noticed() -> None:
    kept = ["customerName", "freeText"]
    (recording,) = recorded(pasted(CALLS["purchase-v1"]), keep=kept)

    assert survivors(recording, list(PERSON.values())) == {PERSON["name"], PERSON["free"]}
    (recording,) = recorded(pasted(CALLS["purchase-v1"]), keep=["saasExtendParams"])
    assert survivors(recording, list(PERSON.values())) == {PERSON["idNumber"], PERSON["ip"]}
    (recording,) = recorded(pasted(CALLS["purchase-v1"]), keep=["mobilePhone"])
    assert survivors(recording, list(PERSON.values())) == {PERSON["phone"]}
    (recording,) = recorded(pasted(CALLS["application-sync-v2"]), keep=["clientSecret"])
    assert survivors(recording, list(PERSON.values())) == {PERSON["secret"]}


CHARACTERS = "abcdefgXYZ123456789李四张三é-_.@:/+%&= ,'\"\\"
TEXTS = st.text(CHARACTERS, min_size=8, max_size=40).filter(lambda text: bool(text.strip()))
IDS = st.from_regex(r"[a-zA-Z1-9][a-zA-Z1-9._-]{9,40}", fullmatch=True)
PHONES = st.from_regex(r"1[3-9][1-9]{9}", fullmatch=True)
MAILS = st.from_regex(r"[a-z1-9]{6,12}@[a-z]{6,12}\.(com|cn)", fullmatch=True)
ADDRESSES = st.from_regex(r"[1-9]{2}\.[1-9]{2}\.[1-9]{3}\.[1-9]{2}", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z1-9]{6,12}\.[a-z]{6,12}\.(com|cn)", fullmatch=True)
ANY = TEXTS | PHONES | MAILS | IDS | ADDRESSES | DOMAINS
PEOPLE = st.fixed_dictionaries(
    {
        **dict.fromkeys(("order", "business", "instance", "tenant", "user", "userId", "customer"), IDS | MAILS),
        **dict.fromkeys(("name", "idNumber", "secret", "free"), ANY),
        "phone": PHONES,
        "mail": MAILS,
        "domain": DOMAINS,
        "ip": ADDRESSES,
    }
)


@settings(max_examples=examples(40))
@given(person=PEOPLE, data=st.data(), keys=st.sampled_from([KEYS, Keys()]))
def test_nobody_whatever_their_data_can_be_found(person: dict[str, str], data: st.DataObject, keys: Keys) -> None:
    made = calls(person)
    request = made[data.draw(st.sampled_from(list(made)))]
    text = FORMS_OF_A_CALL[data.draw(st.sampled_from(list(FORMS_OF_A_CALL)))](request)

    for recording in recorded(text, keys=keys):
        assert survivors(recording, personal(person.values())) == set()


NAMES = st.from_regex(r"[h-w]{4,7}", fullmatch=True).filter(lambda name: name not in KEPT)
"""Names stay, so they must not look like the values."""
JSON = st.recursive(ANY, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


@settings(max_examples=examples(60))
@given(name=NAMES, value=JSON, version=st.sampled_from(["v1", "v2"]))
def test_what_nobody_knows_is_replaced_however_deep(name: str, value: Any, version: str) -> None:
    """Parameters that no document has, with texts, lists, objects, and JSON inside texts."""
    if version == "v1":
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        request = V1.call("queryInstance", instanceId="abcdefgh", **{f"x{name}": text})
    else:
        inside = json.dumps(value, ensure_ascii=False)
        request = V2.call("queryInstance", instanceId="abcdefgh", **{f"x{name}": value, f"y{name}": inside})
    (recording,) = recorded(pasted(request))

    assert survivors(recording, personal(values(value))) == set()
    names = dict(recording.request.query) if version == "v1" else json.loads(recording.request.body)
    assert f"x{name}" in names


def values(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for each in value.values() if isinstance(value, dict) else value:
            yield from values(each)


@settings(max_examples=examples(60))
@given(name=st.sampled_from(sorted(set(KEPT) - {"activity", "productId", "skuCode"})), value=ANY)
def test_what_may_stay_stays_only_in_its_documented_form(name: str, value: str) -> None:
    if stays(name, value):
        return
    (recording,) = recorded(pasted(V2.call("queryInstance", instanceId="abcdefgh", **{name: value})))

    assert name in recording.replaced
    assert survivors(recording, personal([value])) == set()


def test_a_name_that_somebody_filled_in_is_replaced_too() -> None:
    odd: dict[str, Any] = {"13912345678": "a", "li.si@x.cn": {"李四": 1}}
    (first,) = recorded(pasted(V2.call("queryInstance", instanceId="abcdefgh", **odd)))
    (second,) = recorded(pasted(V1.call("queryInstance", instanceId="abcdefgh", **{"李四 本人": "abc"})))

    assert survivors(first, ["13912345678", "li.si@x.cn", "李四"]) == set()
    assert survivors(second, ["李四"]) == set()


def test_types_stay_types() -> None:
    body: dict[str, Any] = {
        "aNumber": 4711081509,
        "aFraction": -12.75,
        "aSwitch": True,
        "nothing": None,
        "empty": "",
        "few": [7, "x"],
    }
    (recording,) = recorded(pasted(V2.call("queryInstance", instanceId="abcdefgh", **body)))

    members = json.loads(recording.request.body)
    assert {name: type(value) for name, value in members.items()} == {
        "activity": str,
        "instanceId": str,
        "aNumber": int,
        "aFraction": float,
        "aSwitch": bool,
        "empty": str,
        "few": list,
    }
    assert members["aNumber"] != body["aNumber"]
    assert members["aFraction"] != body["aFraction"]
    assert members["few"][0] != 7
