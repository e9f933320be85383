"""Our signatures against the reference library of Standard Webhooks."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from shared.errors import ConfigurationError
from shared.provisioning.standard_webhooks import read_secret, signed_headers

OLD, NEW = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"o", b"n"))


def test_vector_of_the_specification() -> None:
    # From the specification's own libraries (tests of the reference implementation).
    key = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_reference_library_accepts(text: str) -> None:
    body = text.encode()
    headers = signed_headers([read_secret(NEW), read_secret(OLD)], "msg_1", datetime.now(UTC), body)
    Webhook(NEW).verify(body, headers, json_parse=False)
    Webhook(OLD).verify(body, headers, json_parse=False)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body", "secret"])
def test_reference_library_refuses_what_was_changed(changed: str) -> None:
    now = datetime.now(UTC)
    headers = signed_headers([read_secret(NEW)], "msg_1", now, b"{}")
    if changed == "webhook-timestamp":
        headers[changed] = str(int(headers[changed]) + 1)
    elif changed == "webhook-id":
        headers[changed] = "msg_2"
    receiver = Webhook(OLD if changed == "secret" else NEW)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(b"{ }" if changed == "body" else b"{}", headers)


def test_prefix_may_be_missing() -> None:
    assert read_secret(f" {NEW.removeprefix('whsec_')} ") == b"n" * 24


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_not base64!", "whsec_" + base64.b64encode(b"short").decode()])
def test_unusable_secret(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_secret(text)
    assert text.removeprefix("whsec_") == "" or text not in str(caught.value)
