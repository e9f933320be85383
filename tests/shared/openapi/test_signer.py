import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.openapi.signer import DATE_FORMAT, canonical_request, sign
from tests.vectors import each

AT = datetime(2026, 10, 1, 0, 5, 9, 999999, tzinfo=UTC)
URL = "https://mkt.myhuaweicloud.com/api/mkp-openapi-public/global/v1/order/query?orderId=CS1"


def signed(
    url: str = URL, *, method: str = "GET", body: bytes = b"", at: datetime = AT, **headers: str
) -> dict[str, str]:
    return sign(ak="AK", sk="SK", method=method, url=url, headers=headers, body=body, at=at)


def signature(headers: dict[str, str]) -> str:
    return headers["Authorization"].rpartition("Signature=")[2]


@each("openapi_signer", "signed")
def test_vector(vector):
    body, at = vector["body"].encode(), datetime.strptime(vector["date"], DATE_FORMAT).replace(tzinfo=UTC)
    request = {name: vector[name] for name in ("ak", "sk", "method", "url", "headers")}
    sent = sign(**request, body=body, at=at)
    expected = f"SDK-HMAC-SHA256 Access={vector['ak']}, SignedHeaders={vector['signed']}, Signature="
    assert sent["Authorization"].startswith(expected + vector.get("signature", ""))
    assert sent.items() >= vector["headers"].items()
    if "canonical_sha256" in vector:
        lower = {name.lower(): value for name, value in sent.items()}
        headers = {name: lower[name] for name in vector["signed"].split(";")}
        canonical = canonical_request(vector["method"], vector["url"], headers, body)
        assert hashlib.sha256(canonical.encode()).hexdigest() == vector["canonical_sha256"]


@each("openapi_signer", "query")
def test_query_vector(vector):
    lines = canonical_request("GET", f"https://host/path?{vector['query']}", {}, b"").split("\n")
    assert lines[2] == vector["canonical"]


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a", "/a/"),
        ("/a/", "/a/"),
        ("/a b", "/a%20b/"),
        ("/a%20b/%E4%B8%80", "/a%20b/%E4%B8%80/"),
        ("/一/~-._", "/%E4%B8%80/~-._/"),
        ("/a+b:c@d", "/a%2Bb%3Ac%40d/"),
    ],
)
def test_path(path, canonical):
    assert canonical_request("get", f"https://host{path}", {}, b"").split("\n")[:2] == ["GET", canonical]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://mkt.myhuaweicloud.com/x", "mkt.myhuaweicloud.com"),
        ("https://mkt.myhuaweicloud.com:443/x", "mkt.myhuaweicloud.com"),
        ("https://mkt.myhuaweicloud.com:8443/x", "mkt.myhuaweicloud.com:8443"),
        ("http://127.0.0.1:8100/x", "127.0.0.1:8100"),
        ("http://127.0.0.1:80/x", "127.0.0.1"),
        ("http://[::1]:443/x", "[::1]:443"),
    ],
)
def test_host(url, host):
    assert signed(url)["Host"] == host


def test_date_is_utc_whatever_the_zone():
    beijing = AT.astimezone(timezone(timedelta(hours=8)))
    assert signed()["X-Sdk-Date"] == "20261001T000509Z"
    assert signed(at=beijing) == signed()


def test_a_security_token_is_signed():
    headers = {"X-Security-Token": "token", "Content-Type": "application/json"}
    sent = sign(ak="AK", sk="SK", method="GET", url=URL, headers=headers, body=b"", at=AT)
    assert "SignedHeaders=content-type;host;x-sdk-date;x-security-token," in sent["Authorization"]
    other = sign(ak="AK", sk="SK", method="GET", url=URL, headers=headers | {"X-Security-Token": "t"}, body=b"", at=AT)
    assert signature(sent) != signature(other)


@pytest.mark.parametrize("respelt", [str, str.lower, str.upper])
def test_signing_again_replaces_what_the_first_attempt_put_in(respelt):
    first = signed()
    again = {respelt(name): value for name, value in first.items()}
    assert sign(ak="AK", sk="SK", method="GET", url=URL, headers=again, body=b"", at=AT) == first


def test_white_space_around_a_value_is_not_signed():
    assert signature(signed(accept=" a ")) == signature(signed(accept="a"))


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"url": URL + "2"},
        {"url": URL.replace("query?", "queries?")},
        {"url": URL.replace(".com", ".cn")},
        {"body": b"{}"},
        {"at": AT + timedelta(seconds=1)},
        {"accept": "*/*"},
    ],
)
def test_everything_is_signed(changed):
    assert signature(signed(**changed)) != signature(signed())


def test_the_secret_key_is_not_sent():
    assert "SECRET" not in str(sign(ak="AK", sk="SECRET", method="GET", url=URL, headers={}, body=b"", at=AT))
