"""Only trusted proxies say who called."""

from ipaddress import ip_network
from typing import Any

import pytest

from shared.server.proxies import behind

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1"))


def seen(peer: str, **headers: str) -> dict[str, Any]:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    environ |= {f"HTTP_{name}": value for name, value in headers.items()}
    behind(PROXIES, lambda given, _: [])(environ, lambda *_: None)  # type: ignore[arg-type]
    return environ


@pytest.mark.parametrize(
    ("peer", "said", "caller"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "10.2.3.4", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
    ],
)
def test_the_caller_is_the_last_that_is_no_proxy_of_ours(peer: str, said: str, caller: str) -> None:
    assert seen(peer, X_FORWARDED_FOR=said)["REMOTE_ADDR"] == caller


def test_the_scheme_is_that_of_the_last_proxy() -> None:
    assert seen("10.0.0.1", X_FORWARDED_PROTO="http, https")["wsgi.url_scheme"] == "https"
    assert seen("10.0.0.1", X_FORWARDED_PROTO="gopher")["wsgi.url_scheme"] == "http"


def test_what_strangers_say_is_removed() -> None:
    told = seen("203.0.113.7", X_FORWARDED_PROTO="https", X_FORWARDED_HOST="evil", FORWARDED="for=1", X_OTHER="stays")

    assert told == {"REMOTE_ADDR": "203.0.113.7", "wsgi.url_scheme": "http", "HTTP_X_OTHER": "stays"}
