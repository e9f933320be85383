"""``GET {base path}/.well-known/jwks.json``: the public keys with which the application verifies session tokens."""

from http import HTTPStatus

from shared.http import HttpResponse
from shared.login.endpoint import Route, json_answer, login_endpoint
from shared.login.visit import Visit


def jwks(visit: Visit) -> HttpResponse:
    """All keys, so that a new one is known everywhere before it signs alone."""
    answer = json_answer(HTTPStatus.OK, visit.app.session_tokens.key_set())
    shared = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(answer.status, {**answer.headers, **shared}, answer.body)


ROUTE = Route("jwks", ("GET",), jwks, page=False)
handler = login_endpoint(ROUTE)
