"""The blueprint that the routes hang on, and what they share: bodies, pages of lists, refusals.

Who may ask is what the guard of the whole console says: a page of another site may not, whoever is no browser may.
"""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from emulator.console.console_context import context, number, page_of
from emulator.console.language import maybe
from emulator.marketplace.market import Market
from emulator.marketplace.storage.database import Document
from emulator.marketplace.storage.transactions import NotPossible

api = Blueprint("api", __name__, url_prefix="/api/v1")

ROWS, MOST_ROWS = 50, 500
T = TypeVar("T")
D = TypeVar("D", bound=Document)


class ApiRefused(Exception):
    """The answer to what cannot be done. ``code``: for programs; ``fields``: what is wrong with each."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[dict[str, str]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = fields


@api.errorhandler(ApiRefused)
def _refused(refusal: ApiRefused) -> tuple[Response, int]:
    error: dict[str, Any] = {"code": refusal.code, "message": str(refusal)}
    return jsonify({"error": error | ({"fields": refusal.fields} if refusal.fields else {})}), refusal.status


@api.errorhandler(HTTPException)
def _http(error: HTTPException) -> tuple[Response, int]:
    return _refused(ApiRefused(error.code or 500, "http", error.name))


@api.errorhandler(NotPossible)
def _not_possible(refusal: NotPossible) -> tuple[Response, int]:
    return _refused(ApiRefused(409, refusal.reason, maybe(f"buyer.reason.{refusal.reason}", str(refusal))))


def market() -> Market:
    """Of the application that answers the request."""
    return context().market


def the(kind: type[D], document_id: str) -> D:
    """The document, or 404."""
    found = market().database.get(kind, document_id)
    return found if found is not None else missing()


def missing() -> NoReturn:
    raise ApiRefused(404, "missing", "there is nothing of that id")


def body() -> dict[str, Any]:
    """The JSON object that came; an empty one without a body."""
    if not request.get_data():
        return {}
    found = request.get_json()
    if not isinstance(found, dict):
        raise ApiRefused(400, "body", "the body must be a JSON object")
    return found


def text_in(members: dict[str, Any], name: str) -> str:
    """A member that is a text; empty if it is not there."""
    value = members.get(name, "")
    if not isinstance(value, str):
        raise ApiRefused(400, "body", f"{name} must be a text")
    return value


def texts_in(members: dict[str, Any], name: str) -> dict[str, str]:
    """A member that is an object of texts; empty if it is not there."""
    value = members.get(name, {})
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ApiRefused(400, "body", f"{name} must be an object of texts")
    return value


def limit() -> int:
    """How many rows are asked for."""
    return min(number("limit", ROWS), MOST_ROWS) or ROWS


def listed(name: str, found: Sequence[T], shown: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """A page of a list, newest or first things first; ``next`` is the page behind it."""
    rows, links = page_of(found, limit())
    return {name: [shown(each) for each in rows], "next": links["number"] + 1 if links["more"] else None}
