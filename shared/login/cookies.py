"""The two cookies: the session, and the login under way."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field

from shared.http import HttpRequest

LOGIN_SECONDS = 20 * 60
"""How long a login may take. People look for their phone."""


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
    from inside a frame; ``Partitioned`` then keeps them working where third-party cookies are blocked, and apart from
    those of a window of its own.
    """

    secure: bool
    embedded: bool

    @property
    def session_name(self) -> str:
        """Name of the session's cookie."""
        return f"{self._prefix}koogallery-session"

    def session(self, session_id: str) -> str:
        """Sets the session's cookie, for as long as the browser runs."""
        return self._cookie(self.session_name, session_id)

    def no_session(self) -> str:
        """Removes it."""
        return self._cookie(self.session_name, "", 0)

    def login(self, under_way: LoginUnderWay) -> str:
        """Sets the cookie of a login under way."""
        value = urlsafe_b64encode(json.dumps(asdict(under_way), separators=(",", ":")).encode()).decode()
        return self._cookie(self._login_name, value.rstrip("="), LOGIN_SECONDS)

    def no_login(self) -> str:
        """Removes it."""
        return self._cookie(self._login_name, "", 0)

    def session_in(self, request: HttpRequest) -> str:
        """The session's id; empty if there is none."""
        return _read(request, self.session_name)

    def login_in(self, request: HttpRequest) -> LoginUnderWay | None:
        """The login under way, or ``None``. The browser may send anything: what is in it must be checked like input."""
        value = _read(request, self._login_name)
        try:
            members = json.loads(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
            if all(isinstance(member, str) for member in members.values()):
                return LoginUnderWay(**members)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None
        return None

    @property
    def _prefix(self) -> str:
        return "__Host-" if self.secure else ""

    @property
    def _login_name(self) -> str:
        return f"{self._prefix}koogallery-login"

    def _cookie(self, name: str, value: str, seconds: int | None = None) -> str:
        parts = [f"{name}={value}", "Path=/", "HttpOnly"]
        parts += [] if seconds is None else [f"Max-Age={seconds}"]
        parts += ["Secure"] if self.secure or self.embedded else []  # without it browsers drop what SameSite=None asks
        parts += ["SameSite=None", "Partitioned"] if self.embedded else ["SameSite=Lax"]
        return "; ".join(parts)


def _read(request: HttpRequest, name: str) -> str:
    for part in request.headers.get("cookie", "").split(";"):
        found, _, value = part.strip().partition("=")
        if found == name:
            return value
    return ""
