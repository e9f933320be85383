"""What readers choose by a link on any page; their browsers keep it."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import Response, request

_YEAR = 366 * 86400


@dataclass(frozen=True, slots=True)
class Choice:
    """One of ``values``: the parameter ``name`` in an address, kept in ``cookie``."""

    name: str
    cookie: str
    values: Collection[str]

    @property
    def made(self) -> str:
        """In this address, or before; empty if neither."""
        asked = (request.args.get(self.name, ""), request.cookies.get(self.cookie, ""))
        return next((each for each in asked if each in self.values), "")

    def keep(self, response: Response) -> Response:
        """``response``, with what this address chooses in a cookie."""
        value = request.args.get(self.name, "")
        if value in self.values:
            response.set_cookie(self.cookie, value, max_age=_YEAR, httponly=True, samesite="Strict")
        return response
