"""What can go wrong when the seller's server asks the sign-in server, to order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from emulator.sign_in.api import UNAUTHORIZED, error
from emulator.wire.api_answers import page_answer
from emulator.wire.fault_queue import FaultQueue
from shared.http import HttpResponse

TOKEN, USERINFO, VALIDATE = "/api/v1/oauth2/token", "/api/v1/oauth2/userinfo", "/api/v1/cas/p3/serviceValidate"
FOR_SERVERS = (TOKEN, USERINFO, VALIDATE)
SLOW = 2.0
TOO_SLOW = 15.0
"""Seconds that no caller waits for while somebody logs in."""


@dataclass(frozen=True, slots=True)
class IdentityFault:
    """What one call to a path in ``at`` meets: ``delay`` seconds, then what else is set, otherwise the usual.

    ``status`` with ``code`` is a refusal as OAuth words it, without ``code`` a page of something in between. ``body``
    is answered as if it were JSON. ``drop``: the connection breaks before anything has happened; ``lose``: after it.
    """

    at: tuple[str, ...] = FOR_SERVERS
    status: int | None = None
    code: str = ""
    text: str = "injected fault"
    body: str = ""
    delay: float = 0.0
    drop: bool = False
    lose: bool = False
    title: str = field(default="", compare=False)

    def answer(self) -> HttpResponse | None:
        """The answer, if the fault has one."""
        if self.body:
            return HttpResponse(self.status or 200, {"Content-Type": "application/json"}, self.body.encode())
        if self.status is None:
            return None
        return error(self.status, self.code, self.text) if self.code else page_answer(self.status, self.text)


_TOKEN, _USERINFO = (TOKEN,), (USERINFO,)

IDENTITY_FAULTS: Mapping[str, IdentityFault] = MappingProxyType(
    {
        "sign-in-unavailable": IdentityFault(status=503, title="service unavailable, a page instead of JSON (503)"),
        "sign-in-internal-error": IdentityFault(status=500, code="server_error", title="internal error (500)"),
        "sign-in-dropped": IdentityFault(drop=True, title="the connection breaks before anything has happened"),
        "sign-in-answer-lost": IdentityFault(
            _TOKEN, lose=True, title="the code or refresh token is spent, the answer with the tokens is lost"
        ),
        "sign-in-slow": IdentityFault(delay=SLOW, title="the answer comes late"),
        "sign-in-too-slow": IdentityFault(delay=TOO_SLOW, drop=True, title="no answer in time"),
        "sign-in-code-refused": IdentityFault(
            _TOKEN, 400, "invalid_grant", "Invalid authorization code", title="code or refresh token refused (400)"
        ),
        "sign-in-client-refused": IdentityFault(
            _TOKEN, 401, "invalid_client", "Bad client credentials", title="client id and secret refused (401)"
        ),
        "sign-in-malformed": IdentityFault(body='{"access_token": "', title="JSON that breaks off"),
        "sign-in-empty": IdentityFault(body="{}", title="JSON without the members that are needed"),
        "sign-in-token-refused": IdentityFault(
            _USERINFO, 401, "unauthorized", UNAUTHORIZED, title="access token refused (401)"
        ),
    }
)
"""The faults that can be switched on, by id."""


class SignInFaults(FaultQueue[IdentityFault]):
    """Those of the sign-in server."""

    def __init__(self) -> None:
        super().__init__(IdentityFault())

    def met(self, path: str) -> IdentityFault:
        """What the present call to ``path`` meets; one for other paths waits on, or is no fault if chance had it."""
        fault = self.next(lambda waiting: path in waiting.at)
        return fault if path in fault.at else IdentityFault()
