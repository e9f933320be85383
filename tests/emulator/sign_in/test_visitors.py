"""The buyer's first sight, sign-in page and sample application, in the language of who looks at it."""

import html
import re
from typing import Any

import pytest

from emulator.seller.sample_application import PATH, demo_app
from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.server import PORTAL, Identity
from shared.http import HttpRequest, HttpResponse
from shared.login.refusals import RefusalReason
from shared.login.texts import PAGE_TEXTS, Language
from tests.fakes import FakeClock

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def sign_in(method: str = "GET", body: bytes = b"", **headers: str) -> HttpResponse:
    server = Identity(FakeClock())
    enterprise = server.add(SignInEnterprise("t", "Acme", "https://isv.example/callback"))
    enterprise.add(Member("zhang@acme", "Zhang", "password", "admin"))
    query = (("tenant", "t & co"), *((name, value) for name, value in headers.items() if name == "lang"))
    kept = {name.replace("_", "-"): value for name, value in headers.items() if name != "lang"}
    answer = server.handle(HttpRequest(method, PORTAL, query, kept, body))
    assert answer
    return answer


def sample(**headers: str) -> HttpResponse:
    query = tuple((name, value) for name, value in headers.items() if name == "lang")
    kept = {name.replace("_", "-"): value for name, value in headers.items() if name != "lang"}
    return demo_app("http://127.0.0.1:8000/saas", None, HttpRequest("GET", PATH, query, kept))


ASKED: list[tuple[dict[str, Any], str]] = [
    ({}, "en"),
    ({"accept_language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh-CN"),
    ({"accept_language": "en;q=0.2,zh;q=0.9"}, "zh-CN"),
    ({"accept_language": "fr"}, "en"),
    ({"accept_language": "en", "lang": "zh"}, "zh-CN"),
    ({"accept_language": "en", "cookie": "a=b; console-language=zh"}, "zh-CN"),
    ({"cookie": "console-language=zh", "lang": "en"}, "en"),
    ({"lang": "xx", "cookie": "console-language=yy"}, "en"),
]


@pytest.mark.parametrize("page", [sign_in, sample])
@pytest.mark.parametrize(("asked", "language"), ASKED)
def test_the_language_is_the_readers(page: Any, asked: dict[str, Any], language: str) -> None:
    answer = page(**asked)
    text = answer.body.decode()
    assert f'<html lang="{language}">' in text
    words = re.sub(r"<(style|script)[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    if language == "en":
        assert CHINESE.findall(words.replace("中文", "")) == []
    else:
        said = re.findall(r">([^<>]*[A-Za-z]{3}[^<>]*)<", words.replace("Zhang", "").replace("zhang@acme", ""))
        assert [each for each in said if not CHINESE.search(each)] == ["English"]
    kept = [each for each in answer.cookies if each.startswith("console-language=")]
    assert bool(kept) is (asked.get("lang") in ("en", "zh")), "the choice is kept where one was made"
    assert answer.headers["Vary"] == "Accept-Language"


def test_the_other_language_is_one_click_away_and_loses_nothing() -> None:
    (elsewhere,) = re.findall(r'<a href="([^"]*)" lang="zh-CN"', sign_in().body.decode())
    assert html.unescape(elsewhere) == f"{PORTAL}?tenant=t+%26+co&lang=zh"
    assert 'href="/app?lang=zh" lang="zh-CN"' in sample().body.decode()


def test_a_wrong_password_is_said_in_the_language_of_the_page() -> None:
    answer = sign_in("POST", b"account=zhang%40acme&password=wrong", lang="zh")
    assert answer.status == 401
    assert "账号或密码错误" in answer.body.decode()
    assert 'aria-invalid="true"' in answer.body.decode()


def test_the_sample_application_says_each_state_in_words() -> None:
    for asked, language in (({}, Language.ENGLISH), ({"lang": "zh"}, Language.CHINESE)):
        page = sample(**asked).body.decode()
        assert f'data-state="login-required">{PAGE_TEXTS[RefusalReason.LOGIN_REQUIRED].title[language]}<' in page
        assert all(f'"{reason.value}": ' in page for reason in RefusalReason)
