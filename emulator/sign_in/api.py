"""What servers ask the sign-in server: tokens, who somebody is, whether a ticket is good (joint operation, sections 4.3
to 4.6).
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Grants, Who
from emulator.wire.api_answers import json_answer
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse

TOKEN, USERINFO, VALIDATE = "/api/v1/oauth2/token", "/api/v1/oauth2/userinfo", "/api/v1/cas/p3/serviceValidate"
FOR_SERVERS = (TOKEN, USERINFO, VALIDATE)
UNAUTHORIZED = "Full authentication is required to access this resource"


@dataclass
class SignInBehaviour:
    """How the server behaves. Seconds; ``rotates``: a refresh gives a new refresh token and ends the old one.
    ``down``: servers get no answer, while people can still sign in.
    """

    code_seconds: float = 300
    access_seconds: int = 7200
    refresh_seconds: float = 30 * 86400
    gives_refresh_token: bool = True
    rotates: bool = True
    down: bool = False


class IdentityApi:
    """Answers the seller's server. Codes and tickets work once."""

    def __init__(self, clock: Clock, behaviour: SignInBehaviour) -> None:
        self.enterprises: dict[str, SignInEnterprise] = {}
        self._behaviour = behaviour
        self._codes = Grants(clock)
        self._tickets = Grants(clock, "ST-")
        self._access = Grants(clock)
        self._refresh = Grants(clock)

    def code(self, who: Who) -> str:
        """A code for somebody who has signed in."""
        return self._codes.give(who, self._behaviour.code_seconds)

    def ticket(self, who: Who) -> str:
        """A CAS ticket for somebody who has signed in."""
        return self._tickets.give(who, self._behaviour.code_seconds)

    def forget(self, who: Who) -> None:
        """End everything that was given out for somebody."""
        for grants in (self._access, self._refresh, self._codes):
            grants.drop(lambda each: (each.tenant_id, each.user_name) == (who.tenant_id, who.user_name))

    def client(self, client_id: str) -> SignInEnterprise | None:
        """The enterprise whose client it is."""
        return next((each for each in self.enterprises.values() if each.client_id == client_id), None)

    def token(self, request: HttpRequest) -> HttpResponse:
        """Exchange a code, or refresh."""
        given = form(request)
        enterprise = self.client(given.get("client_id", ""))
        if enterprise is None or given.get("client_secret") != enterprise.client_secret:
            return error(401, "invalid_client", "Bad client credentials")
        if given.get("grant_type") == "refresh_token":
            return self._refreshed(given.get("refresh_token", ""), enterprise)
        who = self._codes.take(given.get("code", ""))
        if who is None or who.asked_with not in ("", given.get("redirect_uri", "")):
            return error(400, "invalid_grant", "Invalid authorization code")
        if who.tenant_id != enterprise.tenant_id:
            return error(400, "invalid_client", "Client ID mismatch")
        return self._tokens(who)

    def _refreshed(self, refresh_token: str, enterprise: SignInEnterprise) -> HttpResponse:
        who = (self._refresh.take if self._behaviour.rotates else self._refresh.find)(refresh_token)
        member = self._member(who)
        if who is None or who.tenant_id != enterprise.tenant_id or member is None or not member.enabled:
            return error(400, "invalid_grant", "Invalid refresh token")
        return self._tokens(who, refresh_token)

    def _tokens(self, who: Who, refresh_token: str = "") -> HttpResponse:
        behaviour = self._behaviour
        tokens = {
            "access_token": self._access.give(who, behaviour.access_seconds),
            "token_type": "Bearer",
            "expires_in": behaviour.access_seconds,
            "scope": "get_user_info",
        }
        if behaviour.gives_refresh_token:
            renewed = behaviour.rotates or not refresh_token
            tokens["refresh_token"] = self._refresh.give(who, behaviour.refresh_seconds) if renewed else refresh_token
        return json_answer(200, tokens)

    def userinfo(self, request: HttpRequest) -> HttpResponse:
        """Whose access token it is."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        who = self._access.find(token) if scheme == "Bearer" else None
        member = self._member(who)
        if who is None or member is None:
            return error(401, "unauthorized", UNAUTHORIZED)
        return json_answer(200, {"id": f"id-{who.user_name}", **self._attributes(who, member)})

    def validate(self, request: HttpRequest) -> HttpResponse:
        who = self._tickets.take(request.first("ticket") or "")
        member = self._member(who)
        if who is None or member is None or who.asked_with != request.first("service"):
            failure = {"code": "INVALID_TICKET", "description": "Ticket not recognized"}
            return json_answer(200, {"serviceResponse": {"authenticationFailure": failure}})
        success = {"user": who.user_name, "attributes": self._attributes(who, member)}
        return json_answer(200, {"serviceResponse": {"authenticationSuccess": success}})

    def _member(self, who: Who | None) -> Member | None:
        """The member, unless it has left."""
        return self.enterprises[who.tenant_id].members.get(who.user_name) if who else None

    def _attributes(self, who: Who, member: Member) -> dict[str, str]:
        enterprise = self.enterprises[who.tenant_id]
        return {
            "userName": member.user_name,
            "name": member.name,
            "role": member.role,
            "organizationCode": member.org_code,
            "tenant": enterprise.tenant_id,
            "projectName": enterprise.name,
        }


def form(request: HttpRequest) -> dict[str, str]:
    """The fields of a posted form."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def error(status: int | None, code: str, description: str) -> HttpResponse:
    """A refusal, as OAuth words it."""
    return json_answer(status or 400, {"error": code, "error_description": description})
