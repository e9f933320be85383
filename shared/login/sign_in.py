"""The marketplace's sign-in server, one domain per tenant (joint operation, sections 4.3 to 4.7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard
from urllib.parse import urlencode

from shared.clock import Deadline
from shared.directory import Application
from shared.errors import ConfigurationError, KooGalleryError, Unavailable
from shared.http import HttpResponse
from shared.login.addresses import with_query
from shared.login.refusals import LoginRefused, RefusalReason
from shared.outbound import ForbiddenAddress, HttpClient, Reach
from shared.outbound.answers import members_of

TOKEN_SECONDS = 7200
"""Life of an access token where the answer does not say (section 4.4)."""

_TOKEN = re.compile(r"[\x20-\x7e]{1,16384}")
"""What a token is made of (RFC 6749, appendix A): it goes into a header."""
_LONGEST_NAME = 256
"""Characters; ids and accounts have 64 (section 1)."""
_JSON = {"Accept": "application/json"}
_FORM = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}


class GrantRefused(KooGalleryError):
    """The code or refresh token is not valid: used, expired or withdrawn."""


class ClientRefused(KooGalleryError):
    """The tenant's client id and secret are not what the sign-in server knows (section 4.8)."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code or a refresh token was exchanged for. ``seconds``: life of the access token."""

    access_token: str = field(repr=False)
    seconds: int
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Who logged in, as the sign-in server says."""

    tenant_id: str
    user_name: str = field(repr=False)


def authorize_url(domain: str, client_id: str, callback: str, state: str) -> str:
    """Where a login with ``state`` begins (section 4.6)."""
    known = {"client_id": client_id, "redirect_uri": callback, "response_type": "code", "scope": "get_user_info"}
    return with_query(f"{domain}/api/v1/oauth2/authorize", **known, state=state)


def logout_url(domain: str, back: str) -> str:
    """Where the marketplace's own session is ended; the browser then goes to ``back`` (section 4.7)."""
    return with_query(f"{domain}/api/v1/logout", redirect_url=back)


class SignIn:
    """Server-to-server calls. Whatever they raise shows neither code nor token nor name.

    The domain of a tenant came in a call and is sent the client secret, so it must lead to a public server; ``reach``
    is another on a developer's machine.

    Each raises :class:`LoginRefused` with ``MARKETPLACE_DOWN`` if there is no usable answer before the deadline, and
    ``ConfigurationError`` if the domain may not be called.
    """

    def __init__(self, client: HttpClient, reach: Reach = Reach.PUBLIC) -> None:
        self._client, self._reach = client, reach

    def exchange(
        self, domain: str, application: Application, code: str, deadline: Deadline, redirect_uri: str = ""
    ) -> Tokens:
        """The tokens for a code (section 4.3). ``redirect_uri``: the one the code was asked for with, if any.

        :raises GrantRefused: the code is used or expired.
        :raises ClientRefused: the tenant's credentials are wrong.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._tokens(domain, application, form, deadline)

    def refresh(self, domain: str, application: Application, refresh_token: str, deadline: Deadline) -> Tokens:
        """New tokens (section 4.4). A refresh token that does not come anew stays in use.

        :raises GrantRefused: the refresh token is not valid any more.
        :raises ClientRefused: the tenant's credentials are wrong.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._tokens(domain, application, form, deadline)

    def who(self, domain: str, access_token: str, deadline: Deadline) -> Person:
        """Whose access token it is (section 4.5).

        :raises Refused: also if it is not valid.
        """
        headers = {**_JSON, "Authorization": f"Bearer {access_token}"}
        response = self._send("GET", f"{domain}/api/v1/oauth2/userinfo", headers, deadline)
        if response.status in (401, 403):
            raise LoginRefused(RefusalReason.REFUSED)
        return _person(_members(response))

    def validate(self, domain: str, service: str, ticket: str, deadline: Deadline) -> Person:
        """Whose service ticket it is (CAS 3, section 4.6). ``service``: the callback as the ticket was asked for with.

        :raises GrantRefused: it is used, expired or was made for another service.
        """
        url = with_query(f"{domain}/api/v1/cas/p3/serviceValidate", service=service, ticket=ticket, format="JSON")
        answer = _members(self._send("GET", url, _JSON, deadline)).get("serviceResponse")
        success = answer.get("authenticationSuccess") if isinstance(answer, dict) else None
        if not isinstance(success, dict):
            raise GrantRefused("the ticket was refused")
        attributes = success.get("attributes")
        return _person(attributes if isinstance(attributes, dict) else {})

    def _tokens(self, domain: str, application: Application, grant: Mapping[str, str], deadline: Deadline) -> Tokens:
        form = {"client_id": application.client_id, "client_secret": application.client_secret}
        form |= {name: value for name, value in grant.items() if value}
        response = self._send("POST", f"{domain}/api/v1/oauth2/token", _FORM, deadline, urlencode(form).encode())
        if response.status in (400, 401, 403):
            raise _refusal(response)
        members = _members(response)
        access_token, refresh_token = members.get("access_token"), members.get("refresh_token")
        if not _is_token(access_token):
            raise LoginRefused(RefusalReason.MARKETPLACE_DOWN)
        renewable = refresh_token if _is_token(refresh_token) else None
        return Tokens(access_token, _seconds(members.get("expires_in")), renewable)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], deadline: Deadline, body: bytes = b""
    ) -> HttpResponse:
        try:
            # A code and a refresh token are spent by the call that carries them, so it is not repeatable.
            response = self._client.send(method, url, headers=headers, deadline=deadline, body=body, reach=self._reach)
        except ForbiddenAddress:
            raise ConfigurationError("the domainName of a tenant does not lead to a public server") from None
        except Unavailable:
            raise LoginRefused(RefusalReason.MARKETPLACE_DOWN) from None
        if response.status not in (200, 400, 401, 403):
            raise LoginRefused(RefusalReason.MARKETPLACE_DOWN)
        return response


def _members(response: HttpResponse) -> Mapping[str, Any]:
    members = members_of(response)
    if response.status != 200 or members is None:  # noqa: PLR2004 - HTTP OK
        raise LoginRefused(RefusalReason.MARKETPLACE_DOWN)
    return members


def _refusal(response: HttpResponse) -> KooGalleryError:
    error = (members_of(response) or {}).get("error")
    if response.status == 400 and error != "invalid_client":  # noqa: PLR2004 - HTTP Bad Request
        return GrantRefused("the grant was refused")
    return ClientRefused("the sign-in server refuses the tenant's client")


def _person(members: Mapping[str, Any]) -> Person:
    tenant_id, user_name = (_text(members.get(name)) for name in ("tenant", "userName"))
    if not tenant_id or not user_name:
        raise LoginRefused(RefusalReason.MARKETPLACE_DOWN)
    return Person(tenant_id, user_name)


def _is_token(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _text(value: Any) -> str:
    """CAS servers write attributes as lists of one. What can be nobody's name (too long, no Unicode) is none."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    fit = isinstance(value, str) and len(value) <= _LONGEST_NAME and value.encode("utf-8", "replace").decode() == value
    return value if fit else ""


def _seconds(value: Any) -> int:
    """``expires_in`` comes as a number or as a string (section 8)."""
    text = str(value)[:20]
    return min(int(text), TOKEN_SECONDS * 12) if text.isascii() and text.isdigit() and int(text) else TOKEN_SECONDS
