"""The token, checked by an implementation that is not ours."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.directory import AuthorisationStatus, User
from shared.errors import AuthenticationError, ConfigurationError
from shared.login.token import SessionTokens
from shared.store.sessions import Session
from tests.fakes import FakeClock
from tests.login_world import new_key

ISSUER, AUDIENCE = "https://api.example.com/saas", "app-1"
SESSION = Session("key-1", "tenant-1", "Acme", "zhang@acme", "instance-1", "https://acme.example.com", 1, 2, 3, 4)
USER = User("zhang@acme", "Zhang San", "A01", "admin", enabled=True, state=AuthorisationStatus.GRANTED)
OLD, NEW = new_key(), new_key()
NOW = FakeClock().now()


def tokens(*keys: str, issuer: str = ISSUER, audience: str = AUDIENCE) -> SessionTokens:
    return SessionTokens("\n".join(keys), issuer, audience)


def published(maker: SessionTokens) -> list[Any]:
    return list(json.loads(json.dumps(maker.key_set()))["keys"])


def test_the_newest_key_signs_and_all_verify() -> None:
    before, during, after = tokens(OLD), tokens(NEW, OLD), tokens(NEW)
    old, new = before.issue(SESSION, USER, NOW), during.issue(SESSION, USER, NOW)

    assert jwt.get_unverified_header(new)["kid"] == published(after)[0]["kid"]
    assert during.verify(old, NOW)["sub"] == during.verify(new, NOW)["sub"] == "zhang@acme"
    assert [key["kid"] for key in published(during)] == [key["kid"] for key in published(after) + published(before)]
    with pytest.raises(AuthenticationError):
        after.verify(old, NOW)


def test_the_published_key_verifies_and_names_itself() -> None:
    maker = tokens(NEW)
    (key,) = published(maker)
    options: Any = {"verify_exp": False, "verify_iat": False}

    claims = jwt.decode(maker.issue(SESSION, USER, NOW), jwt.PyJWK(key), ["ES256"], options, audience=AUDIENCE)
    assert (claims["sid"], claims["tenant"], claims["exp"] - claims["iat"]) == ("key-1", "tenant-1", 300)
    assert "d" not in key, "nothing private"


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """RFC 7638 says how; the key is the one of RFC 7515, appendix A.3."""
    numbers = ec.EllipticCurvePrivateNumbers(
        0x8E9B109E719098BF980487DF1F5D77E9CB29606EBED2263B5F57C213DF84F4B2,
        ec.EllipticCurvePublicNumbers(
            0x7FCDCE2770F6C45D4183CBEE6FDB4B7B580733357BE9EF13BACF6E3C7BD15445,
            0xC7F144CD1BBD9B7E872CDFEDB9EEB9F4B3695D6EA90B24AD8A4623288588E5AD,
            ec.SECP256R1(),
        ),
    )
    pem = numbers.private_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (key,) = published(tokens(pem.decode()))

    assert key["x"] == "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    assert key["y"] == "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    assert key["kid"] == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"


def test_a_key_in_one_line() -> None:
    assert published(tokens(NEW.replace("\n", "\\n"))) == published(tokens(NEW))


def test_a_token_ends_by_our_clock() -> None:
    maker = tokens(NEW)
    token = maker.issue(SESSION, USER, NOW)
    assert maker.verify(token, NOW + timedelta(seconds=299))
    with pytest.raises(AuthenticationError):
        maker.verify(token, NOW + timedelta(seconds=300))


@pytest.mark.parametrize(
    "other", [tokens(NEW, issuer="https://other.example.com/saas"), tokens(NEW, audience="app-2"), tokens(OLD)]
)
def test_a_token_for_somebody_else(other: SessionTokens) -> None:
    with pytest.raises(AuthenticationError):
        tokens(NEW).verify(other.issue(SESSION, USER, NOW), NOW)


def test_tokens_without_what_they_need() -> None:
    kid = {"kid": published(tokens(NEW))[0]["kid"]}
    full = {"iss": ISSUER, "aud": AUDIENCE, "exp": int(NOW.timestamp()) + 60, "sid": "key-1"}
    assert tokens(NEW).verify(jwt.encode(full, NEW, "ES256", kid), NOW)["sid"] == "key-1"
    for name in full:
        rest = {each: value for each, value in full.items() if each != name}
        with pytest.raises(AuthenticationError):
            tokens(NEW).verify(jwt.encode(rest, NEW, "ES256", kid), NOW)
    with pytest.raises(AuthenticationError):
        tokens(NEW).verify(jwt.encode(full, NEW, "ES256"), NOW)


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "secret-that-is-no-key",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(ed25519.Ed25519PrivateKey.generate()),
        pem(rsa.generate_private_key(65537, 2048)),
        NEW.replace("PRIVATE", "PUBLIC"),
    ],
)
def test_what_is_no_key_is_said_without_showing_it(keys: str) -> None:
    with pytest.raises(ConfigurationError, match="KOOGALLERY_SESSION_KEY") as refused:
        tokens(keys).issue(SESSION, USER, NOW)
    assert refused.value.__cause__ is None
    assert not any(line in str(refused.value) for line in keys.splitlines() if line)
