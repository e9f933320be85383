"""The limits of a way in."""

from typing import Any

import pytest

from shared.errors import ProvisioningError, ResultCode
from shared.provisioning import Access
from shared.provisioning.access import check_access

URL = "https://app.example.com/a?b=c#d"


def url_of(length: int) -> str:
    return URL + "x" * (length - len(URL))


@pytest.mark.parametrize(
    "access",
    [
        Access(URL),
        Access("http://app.example.com"),
        Access(url_of(512), url_of(512), "u" * 79, "p" * 79, "m" * 1024),
        Access(URL, memo="说明" * 512),
        Access(URL, user_name="", password="", memo=""),
        Access(URL, password=" ~!\"'\\"),
    ],
)
def test_accepted(access: Access) -> None:
    assert check_access(access) is access


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"front_end_url": ""}, "front_end_url"),
        ({"front_end_url": None}, "front_end_url"),
        ({"front_end_url": 5}, "front_end_url"),
        ({"front_end_url": "app.example.com"}, "front_end_url"),
        ({"front_end_url": "ftp://app.example.com"}, "front_end_url"),
        ({"front_end_url": "javascript:alert(1)"}, "front_end_url"),
        ({"front_end_url": "https://"}, "front_end_url"),
        ({"front_end_url": "https://[bad"}, "front_end_url"),
        ({"front_end_url": "https://例子.example"}, "front_end_url"),
        ({"front_end_url": "https://a.example/b c"}, "front_end_url"),
        ({"front_end_url": "https://a.example/\n"}, "front_end_url"),
        ({"front_end_url": url_of(513)}, "front_end_url is longer than 512"),
        ({"admin_url": ""}, "admin_url"),
        ({"admin_url": url_of(513)}, "admin_url is longer than 512"),
        ({"user_name": "u" * 80}, "user_name is longer than 79"),
        ({"user_name": "用户"}, "user_name"),
        ({"user_name": 5}, "user_name"),
        ({"password": "p" * 80}, "password is longer than 79"),
        ({"password": "pässword"}, "password"),
        ({"password": b"bytes"}, "password"),
        ({"memo": "m" * 1025}, "memo is longer than 1024"),
        ({"memo": 5}, "memo"),
        ({"memo": "\ud800"}, "memo must be text"),
    ],
)
def test_refused(fields: dict[str, Any], named: str) -> None:
    access = Access(**{"front_end_url": URL} | fields)
    with pytest.raises(ProvisioningError) as caught:
        check_access(access)
    assert str(caught.value).startswith(named)
    assert str(caught.value).isascii()
    assert caught.value.code is ResultCode.INTERNAL_ERROR


@pytest.mark.parametrize("returned", [None, "https://app.example.com", {"front_end_url": URL}])
def test_what_is_no_access(returned: Any) -> None:
    with pytest.raises(ProvisioningError, match="no Access"):
        check_access(returned)


def test_error_does_not_show_the_value() -> None:
    with pytest.raises(ProvisioningError) as caught:
        check_access(Access(URL, password="personal" * 20))
    assert "personal" not in str(caught.value)
