"""What a browser keeps of its reader's choices."""

from collections.abc import Container

from flask import Response

_YEAR = 366 * 86400


def keep(response: Response, name: str, value: str, allowed: Container[str]) -> Response:
    """``response``, with the choice in a cookie if it is one."""
    if value in allowed:
        response.set_cookie(name, value, max_age=_YEAR, httponly=True, samesite="Strict")
    return response
