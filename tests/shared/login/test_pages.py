"""The page itself: small, without scripts, nothing of a caller's in it unescaped."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from http import HTTPStatus

import pytest

from shared.login.pages import NO_FRAMES, page
from shared.login.texts import Language


def shown(text: str = "text", frames: str = NO_FRAMES) -> tuple[str, dict[str, str]]:
    response = page(
        HTTPStatus.FORBIDDEN,
        Language.CHINESE,
        text,
        text,
        action=(f"https://api.example.com/?a={text}&b=c", text),
        reference=(text, text),
        frames=frames,
    )
    return response.body.decode(), dict(response.headers)


class Tags(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onclick='x", "$style"]
)
def test_nothing_gets_out_of_its_place(text: str) -> None:
    plain, odd = Tags(shown()[0]), Tags(shown(text)[0])

    assert odd.names == plain.names
    assert [name for name, _ in odd.attributes] == [name for name, _ in plain.attributes]


def test_no_script_and_nothing_from_elsewhere() -> None:
    html, headers = shown()
    tags = Tags(html)

    assert not {"script", "img", "link", "iframe", "form"} & set(tags.names)
    assert [value for name, value in tags.attributes if name in ("src", "href")] == [
        "https://api.example.com/?a=text&b=c"
    ]
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "style"]
    style = re.search(r"<style>(.*)</style>", html, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    policy = headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_who_may_show_it_in_a_frame() -> None:
    assert "frame-ancestors 'none'" in shown()[1]["Content-Security-Policy"]
    assert "frame-ancestors https:" in shown(frames="https:")[1]["Content-Security-Policy"]
    assert "X-Frame-Options" not in shown(frames="https:")[1]


def test_headers() -> None:
    _, headers = shown()
    assert headers["Referrer-Policy"] == "no-referrer", "the address may hold a code"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert (headers["Content-Language"], headers["Vary"]) == ("zh-CN", "Accept-Language")


def test_it_is_small_and_says_its_language() -> None:
    html, _ = shown()
    assert len(html.encode()) < 4096
    assert '<html lang="zh-CN">' in html
    assert Tags(html).names.count("h1") == 1
