"""The two cookies."""

import pytest

from shared.http import HttpRequest
from shared.login.cookies import Cookies, LoginUnderWay

PLAIN, HTTPS = Cookies(secure=False, embedded=False), Cookies(secure=True, embedded=False)
EMBEDDED = Cookies(secure=True, embedded=True)


def with_cookies(text: str) -> HttpRequest:
    return HttpRequest("GET", "/", headers={"cookie": text})


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        (PLAIN, "koogallery-session=id; Path=/; HttpOnly; SameSite=Lax"),
        (HTTPS, "__Host-koogallery-session=id; Path=/; HttpOnly; Secure; SameSite=Lax"),
        (EMBEDDED, "__Host-koogallery-session=id; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"),
        (Cookies(False, True), "koogallery-session=id; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"),
    ],
)
def test_how_the_session_is_set(cookies: Cookies, expected: str) -> None:
    assert cookies.session("id") == expected
    assert "Domain" not in expected, "only the host that set it gets it"


@pytest.mark.parametrize("cookies", [PLAIN, HTTPS, EMBEDDED])
def test_removing_has_the_same_attributes(cookies: Cookies) -> None:
    set_, removed = cookies.session("id").split("; "), cookies.no_session().split("; ")
    assert set(removed) - {"Max-Age=0"} == {each.replace("=id", "=") for each in set_}


@pytest.mark.parametrize("cookies", [PLAIN, HTTPS, EMBEDDED])
def test_what_is_set_is_read(cookies: Cookies) -> None:
    under_way = LoginUnderWay("abc123", "tenant-1", "/订单?a=b&c=;d")
    pair = cookies.login(under_way).partition(";")[0]
    assert cookies.login_in(with_cookies(f"other=1; {pair}; x")) == under_way
    assert cookies.session_in(with_cookies(f"a=b;{cookies.session_name}=id=with=signs;c")) == "id=with=signs"


def test_names_are_not_mixed_up() -> None:
    assert HTTPS.session_in(with_cookies("koogallery-session=of-a-neighbour")) == ""
    assert HTTPS.login_in(with_cookies("")) is None


def test_a_repr_shows_nowhere_somebody_went() -> None:
    assert "secret" not in repr(LoginUnderWay(return_to="/secret"))
