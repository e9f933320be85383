"""The cookies: the session, and one for each login under way."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256

from shared.errors import AuthenticationError
from shared.http import HttpRequest
from shared.login.signer import CookieSigner

LOGIN_SECONDS = 20 * 60
"""How long a login may take. People look for their phone."""
AT_ONCE = 5
"""Logins under way in one browser; the oldest make way, as cookies travel with each request."""


@dataclass(frozen=True, slots=True)
class LoginUnderWay:
    """What the browser that began a login remembers. ``state`` is empty where the flow has none (the portal)."""

    state: str = ""
    tenant_id: str = ""
    return_to: str = field(default="", repr=False)


@dataclass(frozen=True)
class Cookies:
    """How cookies are set and read.

    ``__Host-`` keeps neighbouring sub-domains from setting them. Embedded in the workbench they must go with requests
    from inside a frame (joint operation, section 6.2, item 8); ``Partitioned`` then keeps them working where
    third-party cookies are blocked, and apart from those of a window of its own.

    A login under way is signed: what the server never said is not in it. Each has a cookie named after its ``state``,
    so that two tabs do not overwrite one another.
    """

    secure: bool
    embedded: bool
    signer: CookieSigner = field(repr=False)

    @property
    def session_name(self) -> str:
        """Name of the session's cookie."""
        return f"{self._prefix}koogallery-session"

    def session(self, session_id: str) -> str:
        """Sets the session's cookie, for as long as the browser runs."""
        return self._cookie(self.session_name, session_id)

    def no_session(self) -> str:
        return self._cookie(self.session_name, "", 0)

    def login(self, under_way: LoginUnderWay, request: HttpRequest) -> tuple[str, ...]:
        """Sets the cookie of a login under way, and removes what ``request`` has of others if they are too many."""
        value = self.signer.sign(json.dumps(asdict(under_way), separators=(",", ":")))
        name = self._login_name(under_way.state)
        others = sorted(((self._began(value), found) for found, value in self._logins(request) if found != name))
        too_many = [found for _, found in others[: 1 - AT_ONCE]]
        return self._cookie(name, value, LOGIN_SECONDS), *(self._cookie(found, "", 0) for found in too_many[:AT_ONCE])

    def no_login(self, state: str = "") -> str:
        """Removes the cookie of the login with this ``state``."""
        return self._cookie(self._login_name(state), "", 0)

    def session_in(self, request: HttpRequest) -> str:
        """The session's id; empty if there is none."""
        return next((value for name, value in _pairs(request) if name == self.session_name), "")

    def login_in(self, request: HttpRequest, state: str) -> LoginUnderWay | None:
        """The login with this ``state`` that this browser began here, not longer ago than a login may take."""
        name = self._login_name(state)
        value = next((value for found, value in _pairs(request) if found == name), "")
        try:
            text, _ = self.signer.unsign(value, LOGIN_SECONDS)
        except AuthenticationError:
            return None
        return LoginUnderWay(**json.loads(text))

    def _began(self, value: str) -> int:
        try:
            return self.signer.unsign(value, LOGIN_SECONDS)[1]
        except AuthenticationError:
            return 0

    def _logins(self, request: HttpRequest) -> Iterator[tuple[str, str]]:
        """The cookies of logins under way that have a ``state``; the names are as we make them, the values anything."""
        named = self._login_name("")
        for name, value in dict(_pairs(request)).items():
            tag = name.removeprefix(f"{named}-")
            if tag != name and len(tag) == len(_tag("")) and set(tag) <= set("0123456789abcdef"):
                yield name, value

    @property
    def _prefix(self) -> str:
        return "__Host-" if self.secure else ""

    def _login_name(self, state: str) -> str:
        name = f"{self._prefix}koogallery-login"
        return f"{name}-{_tag(state)}" if state else name

    def _cookie(self, name: str, value: str, seconds: int | None = None) -> str:
        parts = [f"{name}={value}", "Path=/", "HttpOnly"]
        parts += [] if seconds is None else [f"Max-Age={seconds}"]
        parts += ["Secure"] if self.secure or self.embedded else []  # without it browsers drop what SameSite=None asks
        parts += ["SameSite=None", "Partitioned"] if self.embedded else ["SameSite=Lax"]
        return "; ".join(parts)


def _tag(state: str) -> str:
    """Names the login; a ``state`` may be anything, a cookie's name may not."""
    return sha256(state.encode("utf-8", "replace")).hexdigest()[:12]


def _pairs(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for part in request.headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        yield name, value
