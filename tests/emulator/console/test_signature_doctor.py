"""The page of a call says which mistake its signature has, and does not blame the seller for a fault of ours."""

import base64

from flask.testing import FlaskClient

from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.market import Market
from shared.commands import Version
from shared.protocol.signing import body_sign, mac
from tests.emulator.console.calls import KEYS, every_kind, outgoing, v1, v2

HEX = f'sign_type="HMAC-SHA256", signature= "{mac(KEYS.key, b"{}").hex()}"'


def page(client: FlaskClient, market: Market, call: RecordedCall, language: str = "en") -> str:
    number = market.timeline.add(call).number
    return client.get(f"/calls/{number}?lang={language}").text


def test_the_mistake_and_the_code_that_mends_it(client: FlaskClient, market: Market) -> None:
    call = outgoing(v1(), Version.V1, "key", signature=HEX)
    call = call.model_copy(update={"received": call.received.model_copy(update={"body": b"{}"})})
    shown = page(client, market, call)
    assert "Write the 32 bytes of the digest as base64" in shown
    for language in ("Java", "Python", "Node.js", "Go", "PHP"):
        assert f"<summary>{language}</summary>" in shown
    assert "<mark>    signature = base64.b64encode(digest)" in shown
    assert "应将摘要的 32 个字节写成 base64" in page(client, market, call, "zh")
    assert not any(key in shown for key in KEYS.all)
    assert shown.index("The mistake") < shown.index('id="s-answer"'), "it is named above everything else"
    assert 'href="#s-answer"' in shown


def test_a_right_signature_has_no_mistake(client: FlaskClient, market: Market) -> None:
    for kind in ("v1", "v2", "push", "gateway"):
        assert 'class="failure mistake"' not in page(client, market, every_kind()[kind])


def test_a_fault_of_ours_is_nobodys_mistake(client: FlaskClient, market: Market) -> None:
    call = outgoing(v1(), Version.V1, "key", signature=HEX).model_copy(update={"fault": "answer-changed"})
    assert 'class="failure mistake"' not in page(client, market, call)


def test_a_refusal_says_what_cannot_be_known(client: FlaskClient, market: Market) -> None:
    call = outgoing(v2(), Version.V2, "access_key")
    body = b'{"resultCode":"000001","resultMsg":"authentication failed"}'
    refused = {"code": "000001", "expected": ("000000",)}
    headers = (("Body-Sign", body_sign(KEYS.access_key, body)),)
    received = call.received.model_copy(update={"body": body, "headers": headers})
    shown = page(client, market, call.model_copy(update={**refused, "received": received}))
    assert "A refusal does not show what your server computed" in shown
    assert "PHP" in shown


def test_a_refusal_that_quotes_what_it_expected_shows_the_mistake(client: FlaskClient, market: Market) -> None:
    call = outgoing(v1(), Version.V1, "key")
    fields = {name: value for name, value in call.sent.query if name != "authToken"}
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields)).encode()
    expected = base64.b64encode(mac(KEYS.key, text)).decode()
    body = f'{{"resultCode":"000001","resultMsg":"expected {expected}"}}'.encode()
    headers = (("Body-Sign", body_sign(KEYS.key, body)),)
    received = call.received.model_copy(update={"body": body, "headers": headers})
    call = call.model_copy(update={"code": "000001", "expected": ("000000",), "received": received})
    assert "the secret is the key followed by timeStamp" in page(client, market, call)
