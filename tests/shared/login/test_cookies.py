"""The cookies: the session, and one for each login under way."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import AuthenticationError
from shared.http import HttpRequest
from shared.login.cookies import AT_ONCE, LOGIN_SECONDS, Cookies, LoginUnderWay
from shared.login.signer import CookieSigner
from tests.fakes import FakeClock

CLOCK = FakeClock()
KEYS = ["the-newest-storage-key", "an-older-storage-key"]
SIGNER = CookieSigner(KEYS, CLOCK)
PLAIN, HTTPS = Cookies(secure=False, embedded=False, signer=SIGNER), Cookies(True, embedded=False, signer=SIGNER)
EMBEDDED = Cookies(secure=True, embedded=True, signer=SIGNER)
NONE = HttpRequest("GET", "/")


def with_cookies(text: str) -> HttpRequest:
    return HttpRequest("GET", "/", headers={"cookie": text})


def pair(cookie: str) -> str:
    """What the browser sends back."""
    return cookie.partition(";")[0]


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        (PLAIN, "koogallery-session=id; Path=/; HttpOnly; SameSite=Lax"),
        (HTTPS, "__Host-koogallery-session=id; Path=/; HttpOnly; Secure; SameSite=Lax"),
        (EMBEDDED, "__Host-koogallery-session=id; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"),
        (
            Cookies(secure=False, embedded=True, signer=SIGNER),
            "koogallery-session=id; Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
        ),
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
@pytest.mark.parametrize("state", ["", "abc123", "状态; x=y\r\n"])
def test_what_is_set_is_read(cookies: Cookies, state: str) -> None:
    under_way = LoginUnderWay(state, "tenant-1", "/订单?a=b&c=;d")
    (cookie,) = cookies.login(under_way, NONE)
    assert cookie.isascii()
    assert cookie.isprintable()
    request = with_cookies(f"other=1; {pair(cookie)}; x")
    assert cookies.login_in(request, state) == under_way
    assert cookies.login_in(request, "another") is None
    assert pair(cookies.no_login(state)) == pair(cookie).partition("=")[0] + "="
    assert cookies.session_in(with_cookies(f"a=b;{cookies.session_name}=id=with=signs;c")) == "id=with=signs"


def test_names_are_not_mixed_up() -> None:
    assert HTTPS.session_in(with_cookies("koogallery-session=of-a-neighbour")) == ""
    assert HTTPS.login_in(NONE, "") is None


def test_a_repr_shows_neither_where_somebody_went_nor_a_key() -> None:
    assert "secret" not in repr(LoginUnderWay(return_to="/secret"))
    assert KEYS[0] not in repr(HTTPS)


# --- signed -----------------------------------------------------------------------------------------------------------


@pytest.mark.sweep
@given(text=st.text(st.characters(codec="utf-8")), data=st.data())
def test_no_character_can_be_changed(text: str, data: st.DataObject) -> None:
    value = SIGNER.sign(text)
    assert SIGNER.unsign(value, 60)[0] == text
    at = data.draw(st.integers(0, len(value)))
    changed = value[:at] + data.draw(st.text(max_size=2)) + value[at + data.draw(st.integers(0, 2)) :]
    if changed != value:
        with pytest.raises(AuthenticationError):
            SIGNER.unsign(changed, 60)


@pytest.mark.parametrize("value", ["", ".", "..", "e30", "e30.1.x", "\ud800", "é.1.é", "a" * 100_000])
def test_what_nobody_signed(value: str) -> None:
    with pytest.raises(AuthenticationError):
        SIGNER.unsign(value, 60)
    assert PLAIN.login_in(with_cookies(f"koogallery-login={value}"), "") is None


@pytest.mark.parametrize(
    ("later", "counts"), [(-61, False), (-60, True), (0, True), (LOGIN_SECONDS, True), (LOGIN_SECONDS + 1, False)]
)
def test_the_time_is_checked_here(later: int, counts: bool) -> None:
    (cookie,) = HTTPS.login(LoginUnderWay("state"), NONE)
    clock = FakeClock(CLOCK.now() + timedelta(seconds=later))
    there = Cookies(True, embedded=False, signer=CookieSigner(KEYS, clock))
    assert (there.login_in(with_cookies(pair(cookie)), "state") is not None) is counts


def test_keys_are_exchanged_without_a_lost_login() -> None:
    older, stranger = CookieSigner(KEYS[1:], CLOCK), CookieSigner(["somebody-elses-key"], CLOCK)
    assert SIGNER.unsign(older.sign("x"), 60)[0] == "x"
    for signer, value in ((older, SIGNER.sign("x")), (SIGNER, stranger.sign("x"))):
        with pytest.raises(AuthenticationError):
            signer.unsign(value, 60)


# --- several tabs -----------------------------------------------------------------------------------------------------


def jar_after(cookies: Iterable[str], jar: dict[str, str]) -> dict[str, str]:
    for cookie in cookies:
        name, _, value = pair(cookie).partition("=")
        jar.pop(name, None)
        if "Max-Age=0" not in cookie:
            jar[name] = value
    return jar


def test_the_oldest_of_too_many_make_way() -> None:
    clock, jar = FakeClock(), dict[str, str]()
    cookies = Cookies(True, embedded=False, signer=CookieSigner(KEYS, clock))
    jar["__Host-koogallery-login-000000000000"] = "of-a-stranger"
    jar["__Host-koogallery-login-of-somebody-else"] = "stays"

    def sent() -> HttpRequest:
        return with_cookies("; ".join(f"{name}={value}" for name, value in jar.items()))

    for number in range(AT_ONCE + 3):
        clock.advance(1)
        jar_after(cookies.login(LoginUnderWay(f"state-{number}"), sent()), jar)
    known = [number for number in range(AT_ONCE + 3) if cookies.login_in(sent(), f"state-{number}")]
    assert known == list(range(3, AT_ONCE + 3))
    assert len(jar) == AT_ONCE + 1
