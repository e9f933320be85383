"""For the seller's own application, in Python: sends usage to the bundle's ``POST {base path}/usage``.

Sending again is safe, because an event is known by its id; so every call is tried again while there is no answer. Needs
nothing of the bundle's settings::

    client = UsageClient("https://saas.example.com/saas/usage", token)
    client.record([UsageEvent("sms-1", "instance-1", datetime.now(UTC), Decimal("1.5"))])
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from shared.clock import BackOff, Clock, Deadline, SystemClock
from shared.errors import KooGalleryError, Unavailable
from shared.metering.events import UsageEvent
from shared.outbound import HttpClient, shared_client
from shared.outbound.answers import members_of

__all__ = ["CallRefused", "Recorded", "UsageClient", "UsageEvent", "UsageRejected", "record_usage"]

MOST_EVENTS = 1000
MOST_BYTES = 1_000_000
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts, at most."""
SECONDS = 30.0
"""How long one call may take."""
LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the events: how many are new, how many were known, and (id, reason) of those not taken in."""

    accepted: int = 0
    duplicates: int = 0
    rejected: Sequence[tuple[str | None, str]] = ()

    def __add__(self, other: "Recorded") -> "Recorded":
        rejected = (*self.rejected, *other.rejected)
        return Recorded(self.accepted + other.accepted, self.duplicates + other.duplicates, rejected)


class UsageRejected(KooGalleryError):
    """Some events were not taken in, all others were. ``recorded`` tells which and why."""

    def __init__(self, recorded: Recorded) -> None:
        reasons = sorted({reason for _, reason in recorded.rejected})
        super().__init__(f"{len(recorded.rejected)} events were rejected: {', '.join(reasons)}")
        self.recorded = recorded


class CallRefused(KooGalleryError):
    """The bundle refuses the call as such, a wrong token for one; trying again changes nothing."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"HTTP {status}: {text}")
        self.status = status


class UsageClient:
    """Sends usage to ``url``, the bundle's usage address in full. Safe to share between threads."""

    def __init__(self, url: str, token: str, *, client: HttpClient | None = None, clock: Clock | None = None) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self._client = client or shared_client()
        self._clock = clock or SystemClock()

    def record(self, events: Iterable[UsageEvent], *, rejected_is_error: bool = True) -> Recorded:
        """Send any number of events, up to 1,000 in a call; all are sent, whatever is rejected.

        :raises UsageRejected: at the end, if some were rejected; ``rejected_is_error=False`` only returns them.
        :raises CallRefused: a call was refused, and nothing after it was sent.
        :raises shared.errors.Unavailable: there was no answer to a call after six attempts; send all again.
        :raises ValueError: the time of an event has no zone.
        """
        recorded = Recorded()
        for body in _bodies(events):
            recorded += self._call(body)
        if recorded.rejected and rejected_is_error:
            raise UsageRejected(recorded)
        return recorded

    def _call(self, body: bytes) -> Recorded:
        back_off = BackOff(self._clock, PAUSES)
        while True:
            try:
                return self._attempt(body)
            except Unavailable:
                if not back_off.wait():
                    raise

    def _attempt(self, body: bytes) -> Recorded:
        deadline = Deadline(self._clock, SECONDS)
        response = self._client.send(
            "POST", self._url, headers=self._headers, body=body, deadline=deadline, repeatable=True
        )
        if response.status in LATER or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unavailable(f"the usage address answered HTTP {response.status}")
        members = members_of(response) or {}
        if response.status != HTTPStatus.OK:
            raise CallRefused(response.status, str(members.get("error", "")))
        try:
            rejected = tuple((each["id"], str(each["reason"])) for each in members["rejected"])
            return Recorded(int(members["accepted"]), int(members["duplicates"]), rejected)
        except (KeyError, TypeError, ValueError):
            raise CallRefused(response.status, "this is not the usage address") from None


def record_usage(url: str, token: str, events: Iterable[UsageEvent]) -> Recorded:
    """:meth:`UsageClient.record` for one occasion."""
    return UsageClient(url, token).record(events)


def _bodies(events: Iterable[UsageEvent]) -> Iterator[bytes]:
    """The bodies of the calls, each of at most 1,000 events and about a megabyte."""
    parts: list[str] = []
    size = 0
    for event in events:
        part = json.dumps(_members_of(event), separators=(",", ":"))
        if parts and (len(parts) == MOST_EVENTS or size + len(part) > MOST_BYTES):
            yield _body(parts)
            parts, size = [], 0
        parts.append(part)
        size += len(part) + 1
    if parts:
        yield _body(parts)


def _body(parts: Sequence[str]) -> bytes:
    return f'{{"events":[{",".join(parts)}]}}'.encode()


def _members_of(event: UsageEvent) -> dict[str, str]:
    if event.time.tzinfo is None:
        raise ValueError("the time of an event needs a zone, such as datetime.now(UTC)")
    members = {
        "id": event.event_id,
        "instanceId": event.instance_id,
        "time": event.time.isoformat(),
        "value": format(Decimal(event.value), "f"),
    }
    return members | ({"package": event.package} if event.package is not None else {})
