"""One AWS service that speaks JSON, or one that is compatible with it.

What is sent again may have been carried out before::

    sent ──✗ no connection            nothing was sent                         ─▶ again
    sent ── throttled, in conflict    the service did nothing                  ─▶ again
    sent ──✗ broken, late, garbled, 5xx    nobody knows: a doubtful copy        ─▶ again
    sent ── answer                    that of the last copy; ``resent`` tells whether there are doubtful ones
"""

import json
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.aws.credentials import Credentials, current_credentials, current_region, region_set
from shared.aws.signature import signed
from shared.clock import BackOff, Clock, Deadline, SystemClock
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpResponse
from shared.outbound import HttpClient, Reach, aws_client

ATTEMPT_SECONDS = 2.0
PAUSES = (0.1, 0.5)
"""Before the second attempt, and before the third, which is the last one."""
_json = json.JSONEncoder(separators=(",", ":")).encode
_SERVER_ERROR = 500
_REFUSED = 400
_PASSING = frozenset(
    {
        "HTTP 429",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Too many requests at once, of all or about one thing. Without ``Exception`` they are reasons of a transaction."""


class ServiceError(Exception):
    """The service refuses. ``resent``: an earlier copy of the request may have been carried out."""

    def __init__(self, code: str, members: Mapping[str, Any], *, resent: bool = False) -> None:
        super().__init__(f"the service answered {code}")
        self.code = code
        self.members = members
        self.resent = resent

    @property
    def reasons(self) -> Sequence[Mapping[str, Any]]:
        """What a cancelled transaction was cancelled for, part by part."""
        found: Sequence[Mapping[str, Any]] = self.members.get("CancellationReasons") or ()
        return found

    @property
    def passes(self) -> bool:
        """May the same request be taken in a moment? A transaction may, if that is all that any part of it lacks."""
        lacking = [code for each in self.reasons if (code := str(each.get("Code", "None"))) != "None"]
        return all("Throttl" in code or code in _PASSING for code in lacking or (self.code,))


@dataclass(frozen=True, slots=True)
class Api:
    """How a service is called: in host names and signatures, in the ``X-Amz-Target`` header, in variables."""

    name: str
    target: str
    variable: str
    version: str = "1.1"


class Service:
    """The operations of a service. Thread-safe; it holds no connection itself.

    :param endpoint: URL; ``None`` for that of the environment (``AWS_ENDPOINT_URL_…``), or AWS's own of the region.
    :param region: ``None`` for the one of the environment. At an endpoint that has none it matters to nobody.
    :param credentials: gives those of each request.
    """

    def __init__(
        self,
        api: Api,
        endpoint: str | None = None,
        region: str | None = None,
        credentials: Callable[[], Credentials] = current_credentials,
        *,
        http: HttpClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._api, self._credentials = api, credentials
        endpoint = endpoint or _configured_endpoint(api)
        self._region = region or _region(anywhere=endpoint is not None)
        self.url = endpoint or f"https://{api.name}.{self._region}.{_domain(self._region)}"
        self._http, self._clock = http or aws_client(), clock or SystemClock()

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the service answers.

        :raises ServiceError: it refuses.
        :raises Unavailable: it has not answered three times. Whether it carried anything out is unknown then.
        """
        request = _Request(self._api, operation, _json(parameters).encode())
        pauses = BackOff(self._clock, PAUSES)
        while True:
            try:
                return self._attempt(request)
            except ServiceError as error:
                if not error.passes or not pauses.wait():
                    raise
            except Unavailable:
                if not pauses.wait():
                    raise

    def _attempt(self, request: "_Request") -> Mapping[str, Any]:
        """One copy, or two: the client itself repeats what was lost on a connection that it had kept. After a doubtful
        copy no such connection is trusted any more.
        """
        deadline = Deadline(self._clock, ATTEMPT_SECONDS)
        answer = self._http.send(
            "POST",
            self.url,
            headers=lambda: self._headers(request),
            deadline=deadline,
            body=request.body,
            repeatable=not request.doubtful,
            reach=Reach.OWN_NETWORK,
        )
        members = _members(answer)
        if answer.status < _REFUSED:
            return members
        request.doubtful -= 1  # it was refused: nothing was done
        code = str(members.get("__type", "")).rpartition("#")[2] or f"HTTP {answer.status}"
        raise ServiceError(code, members, resent=request.doubtful > 0)

    def _headers(self, request: "_Request") -> Mapping[str, str]:
        request.doubtful += 1
        return signed(
            self.url,
            request.headers,
            request.body,
            service=self._api.name,
            region=self._region,
            credentials=self._credentials(),
            at=self._clock.now(),
        )


@dataclass
class _Request:
    api: Api
    operation: str
    body: bytes
    doubtful: int = field(default=0)
    """Copies that were sent and not refused."""

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "Content-Type": f"application/x-amz-json-{self.api.version}",
            "X-Amz-Target": f"{self.api.target}.{self.operation}",
        }


def _members(answer: HttpResponse) -> Mapping[str, Any]:
    """What an answer says.

    :raises Unavailable: nothing: it is of a server that failed, or was damaged on its way.
    """
    if answer.status >= _SERVER_ERROR:
        raise Unavailable(f"HTTP {answer.status}")
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and checksum != str(zlib.crc32(answer.body)):
        raise Unavailable("an answer was damaged on its way")
    try:
        members = json.loads(answer.body or b"{}")
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise Unavailable("an answer is no JSON")
    return members


def _configured_endpoint(api: Api) -> str | None:
    """The endpoint that AWS's own tools take from the environment: of an emulator, or in a private network."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return os.environ.get(f"AWS_ENDPOINT_URL_{api.variable}") or os.environ.get("AWS_ENDPOINT_URL") or None


def _region(*, anywhere: bool) -> str:
    """A custom endpoint's signature needs some region; AWS itself needs the right one, so none is made up there."""
    region = region_set() or ("us-east-1" if anywhere else current_region())
    if not region:
        raise ConfigurationError("set AWS_REGION")
    return region


def _domain(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
