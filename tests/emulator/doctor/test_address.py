"""What is wrong with an address before anything is sent, and with TLS that still works."""

import ssl
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.doctor.diagnosis import Severity
from tests.emulator.doctor.deployment import Deployment
from tests.emulator.doctor.sound import bad, findings, sound


@pytest.mark.parametrize(
    ("url", "check"),
    [
        ("", "address.none"),
        ("https://", "address.malformed"),
        ("https://isv.example.com/saas?key=1", "address.malformed"),
        ("http://isv.example.invalid/saas", "address.plain"),
        ("http://192.0.2.7/saas", "address.number"),
        ("http://127.0.0.1:9/saas", "address.local"),
        ("https://localhost:9/saas", "address.reach"),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, url: str, check: str) -> None:
    without_calls = sound(tmp_path, KEY="", ACCESS_KEY="")
    assert check in bad(findings("address", without_calls, address=url))


def both_old_and_new(context: ssl.SSLContext) -> None:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")


def as_it_is(_context: ssl.SSLContext) -> None:
    """TLS 1.2 and 1.3."""


@pytest.mark.parametrize(
    ("check", "ends", "tls"),
    [
        ("address.expiring", timedelta(days=9), as_it_is),
        ("address.tls-old", timedelta(days=90), both_old_and_new),
    ],
)
def test_what_works_and_should_not_stay_so_is_a_warning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    check: str,
    ends: timedelta,
    tls: Callable[[ssl.SSLContext], None],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.crt"))
    with Deployment(tmp_path, ends=ends, tls=tls).started() as environ:
        found = findings("address", environ)
    assert {each.check for each in found if each.level is Severity.ERROR} == set()
    assert bad(found) == {check, "address.local"}


def test_an_authority_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.crt"))
    with Deployment(tmp_path, trusted=False).started() as environ:
        assert "address.certificate" in bad(findings("address", environ))
