"""What every page has: who may ask, in which language, under which rules of the browser."""

import re

import pytest
from flask.testing import FlaskClient

PAGES = ("/", "/calls", "/nothing-here")


@pytest.mark.parametrize("path", PAGES)
def test_strict_rules_for_the_browser(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?! src=)|\sstyle=|\son[a-z]+=|https?://", response.text)


def test_static_files_are_kept_by_the_browser(client: FlaskClient) -> None:
    addresses = re.findall(r'"(/static/[^"]+)"', client.get("/calls").text)
    assert {address.partition("?")[0].rpartition("/")[2] for address in addresses} == {
        "icon.svg",
        "console.css",
        "htmx.min.js",
        "console.js",
        "focus.js",
    }
    for address in addresses:
        with client.get(address) as response:
            assert response.status_code == 200
            assert "max-age=31536000" in response.headers["Cache-Control"]
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["127.0.0.1:8100", "localhost", "[::1]:8100"])
def test_names_of_this_machine(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil:8100", "[::1", ""])
def test_another_name_is_refused(client: FlaskClient, host: str) -> None:
    response = client.get("/", headers={"Host": host})
    assert response.status_code == 400
    assert "<table" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    ],
)
def test_another_site_changes_nothing(client: FlaskClient, headers: dict[str, str]) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert client.open("/calls", method=method, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"}]
)
def test_its_own_pages_and_tools_may(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/calls", headers=headers).status_code == 405, "let in; this page takes no form"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("de", "en"), ("zh-CN,zh;q=0.9", "zh-CN"), ("en-GB,zh;q=0.5", "en"), ("zh-TW", "zh-CN")],
)
def test_the_browsers_language(client: FlaskClient, accepted: str, language: str) -> None:
    assert f'<html lang="{language}"' in client.get("/", headers={"Accept-Language": accepted}).text


def test_the_reader_chooses_the_language(client: FlaskClient) -> None:
    response = client.get("/?lang=zh")
    assert '<html lang="zh-CN"' in response.text
    assert "SameSite=Strict" in response.headers["Set-Cookie"]
    assert '<html lang="zh-CN"' in client.get("/").text
    assert '<html lang="zh-CN"' in client.get("/?lang=fr").text
    assert '<html lang="en"' in client.get("/?lang=en").text


def test_the_reader_chooses_the_theme(client: FlaskClient) -> None:
    assert 'data-theme="auto"' in client.get("/").text
    client.get("/?theme=dark")
    assert 'data-theme="dark"' in client.get("/calls").text
    client.get("/?theme=pink")
    assert 'data-theme="dark"' in client.get("/calls").text


def test_nothing_here_is_said_in_the_readers_language(client: FlaskClient) -> None:
    response = client.get("/nothing-here?lang=zh")
    assert response.status_code == 404
    assert "该地址没有内容" in response.text
