"""Which key must verify a call of version 2: that of order notifications, if its body says that it is one."""

import pytest

from shared.http import HttpRequest
from shared.protocol.choose import is_order_notice


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        (b'{"activity":"orderNotify"}', True),
        (b' { "orderId" : "x", "activity" : "orderNotify" } ', True),
        (b'{"activity":"newInstance","orderId":"orderNotify"}', False),
        (b'{"activity":"newInstance"}', False),
        (b'"orderNotify"', False),
        (b'["orderNotify"]', False),
        (b'{"activity":"orderNotify"', False),
        (b"orderNotify" + b"[" * 200_000, False),
        (b'{"x":"orderNotify","y":' + b"[" * 99_000 + b"]" * 99_000 + b"}", False),
        (b"", False),
    ],
)
def test_what_is_an_order_notice(body, notice):
    assert is_order_notice(HttpRequest("POST", "/saas", body=body)) is notice
