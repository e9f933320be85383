"""The token that the seller's application verifies by itself: a JSON Web Token (RFC 7519), signed with ES256.

Keys are P-256 private keys in PEM, newest first: the newest signs, all verify and are published (RFC 7517) under their
thumbprint (RFC 7638).
"""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from shared.directory import User
from shared.errors import AuthenticationError, ConfigurationError
from shared.store.sessions import Session

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

LIFE = timedelta(minutes=5)
"""How long a token is valid. Ending a session takes effect within this time where nobody asks."""

_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)
_ALGORITHM = "ES256"


class SessionTokens:
    """Makes, verifies and publishes.

    :param keys: the setting's value: PEM blocks one after the other; ``\\n`` may stand for the end of a line.
    :param issuer: public address of the bundle.
    :param audience: the application's id.
    :raises ConfigurationError: (on use) there is no key, or one is no P-256 private key.
    """

    def __init__(self, keys: str, issuer: str, audience: str) -> None:
        self._pem = keys.replace("\\n", "\n")
        self._issuer, self._audience = issuer, audience

    def issue(self, session: Session, user: User, now: datetime) -> str:
        """A token for a user's session. ``sid`` names the session; it does not open it."""
        import jwt

        kid, key = next(iter(self._keys.items()))
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": user.user_name,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFE).timestamp()),
            "sid": session.key,
            "tenant": session.tenant_id,
            "instance": session.instance_id,
            "role": user.role,
            "org": user.org_code,
        }
        return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": kid})

    def verify(self, token: str, now: datetime) -> Mapping[str, Any]:
        """The claims of a token of ours that is still valid at ``now``.

        :raises AuthenticationError: it is not.
        """
        import jwt

        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]].public_key()
            # Time is told by our clock, which a local target may have shifted.
            options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp", "sid"]}
            claims: Mapping[str, Any] = jwt.decode(
                token, key, algorithms=[_ALGORITHM], audience=self._audience, issuer=self._issuer, options=options
            )
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise AuthenticationError("token") from None
        if claims["exp"] <= now.timestamp():
            raise AuthenticationError("token")
        return claims

    def key_set(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """The public keys, for ``jwks.json``."""
        return {
            "keys": [{**_public(key), "kid": kid, "use": "sig", "alg": _ALGORITHM} for kid, key in self._keys.items()]
        }

    @cached_property
    def _keys(self) -> dict[str, "EllipticCurvePrivateKey"]:
        keys = [_load(block[0]) for block in _PEM.finditer(self._pem)]
        if not keys:
            raise ConfigurationError("KOOGALLERY_SESSION_KEY must hold a P-256 private key in PEM")
        return {_thumbprint(_public(key)): key for key in keys}


def _load(pem: str) -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise ConfigurationError("KOOGALLERY_SESSION_KEY: a key cannot be read") from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ConfigurationError("KOOGALLERY_SESSION_KEY: a key is none on the curve P-256")
    return key


def _public(key: "EllipticCurvePrivateKey") -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _base64(numbers.x), "y": _base64(numbers.y)}


def _thumbprint(public: Mapping[str, str]) -> str:
    text = json.dumps({name: public[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


def _base64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
