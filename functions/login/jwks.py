"""``GET {base path}/.well-known/jwks.json``: the public keys with which the application verifies session tokens."""

from http import HTTPStatus

from shared.http import HttpResponse
from shared.login.login_request import LoginRequest
from shared.pipelines.browser import BrowserRoute, json_answer, login_endpoint

__all__ = ["handler"]


def jwks(login: LoginRequest) -> HttpResponse:
    """All keys, so that a new one is known everywhere before it signs alone."""
    return json_answer(HTTPStatus.OK, login.app.session_tokens.key_set())


ROUTE = BrowserRoute("jwks", ("GET", "OPTIONS"), jwks, page=False, anybody=True)
handler = login_endpoint(ROUTE)
