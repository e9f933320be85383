"""HTTP functions of Huawei Cloud FunctionGraph: a server of one's own, which the platform calls with plain requests.

There is no context. Settings are in the environment; the request's id, and the temporary credentials of the function's
agency where the function has *Include Keys* switched on, come in headers of each request.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace

from shared.http import HttpRequest, HttpResponse

PREFIX = "x-cff-"
"""Of the platform's own headers."""
REQUEST_ID = "x-cff-request-id"
AGENCY = {
    "SECURITY_ACCESS_KEY": "x-cff-security-access-key",
    "SECURITY_SECRET_KEY": "x-cff-security-secret-key",
    "SECURITY_TOKEN": "x-cff-security-token",
}


class Platform:
    """What the platform says in headers, kept from request to request: credentials of a day serve them all."""

    def __init__(self) -> None:
        self._agency: Mapping[str, str] = {}

    def setting(self, name: str) -> str | None:
        """A setting, or a credential of the agency by its name in ``AGENCY``."""
        return self._agency.get(name) if name in AGENCY else os.environ.get(name)

    def heard(self, handle: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
        """``handle``, which gets each request under the platform's id and without the platform's headers."""

        def front(request: HttpRequest) -> HttpResponse:
            told = {name: request.headers.get(field, "") for name, field in AGENCY.items()}
            if all(told.values()):
                self._agency = told
            headers = {name: value for name, value in request.headers.items() if not name.startswith(PREFIX)}
            call = request.headers.get(REQUEST_ID) or request.request_id
            return handle(replace(request, headers=headers, request_id=call))

        return front
