"""The limits of what a provisioner may return as access details (production interfaces, section 2.1)."""

from contextlib import suppress
from urllib.parse import urlsplit

from shared.errors import ProvisioningError
from shared.provisioning import Access

URL_LIMIT = 512
"""Characters of a URL."""
CREDENTIAL_LIMIT = 79
"""Bytes of a user name or password: five AES blocks, whose base64 with its IV is the longest to fit 128 characters."""
MEMO_LIMIT = 1024
"""Characters of the memo, the only member that need not be ASCII."""


def check_access(access: Access) -> Access:
    """``access`` itself, if the marketplace will accept it.

    :raises ProvisioningError: naming the field and its limit, never its value.
    """
    if not isinstance(access, Access):
        raise ProvisioningError("the provisioner returned something that is no Access")
    _check_url("front_end_url", access.front_end_url)
    if access.admin_url is not None:
        _check_url("admin_url", access.admin_url)
    _check_credential("user_name", access.user_name)
    _check_credential("password", access.password)
    if access.memo is not None and len(_text("memo", access.memo)) > MEMO_LIMIT:
        raise ProvisioningError(f"memo is longer than {MEMO_LIMIT} characters")
    return access


def is_web_address(text: str) -> bool:
    """Is ``text`` an absolute http or https URL in visible ASCII characters?"""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    visible = text.isascii() and text.isprintable() and " " not in text
    return visible and parts.scheme in ("http", "https") and bool(parts.hostname)


def _check_url(name: str, value: object) -> None:
    text = _text(name, value)
    if len(text) > URL_LIMIT:
        raise ProvisioningError(f"{name} is longer than {URL_LIMIT} characters")
    if not is_web_address(text):
        raise ProvisioningError(f"{name} is not an http or https URL in ASCII")


def _check_credential(name: str, value: object) -> None:
    if value is None:
        return
    text = _text(name, value)
    if not text.isascii():
        raise ProvisioningError(f"{name} has characters outside ASCII")
    if len(text) > CREDENTIAL_LIMIT:
        raise ProvisioningError(f"{name} is longer than {CREDENTIAL_LIMIT} bytes")


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        with suppress(UnicodeEncodeError):  # half of a pair of surrogates is no text
            value.encode()
            return value
    raise ProvisioningError(f"{name} must be text")
