"""What the pages of the marketplace need beyond the calls: the whole model, its usage API, and the seller's side where
it is within reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, cast

from flask import current_app

from emulator.console.shown import EXTENSION, ConsoleState
from emulator.marketplace.market import Market
from emulator.openapi.usage.bill import CollectedLine
from emulator.openapi.usage.hours import Hour
from emulator.openapi.usage.usage_records import Abnormal


class UsageSide(Protocol):
    """The marketplace's book of usage: :class:`emulator.openapi.usage.api.UsageApi`."""

    def hours(self, instance_id: str, first: datetime, last: datetime) -> list[Hour]:
        """An instance's usage by the hour, from the one of ``first`` to the one of ``last``, without empty ones."""
        ...

    def abnormal(self, limit: int = -1, before: int | None = None, instance_id: str = "") -> list[Abnormal]:
        """Refused records."""
        ...

    def bill(self, limit: int = -1, after: int = 0, instance_id: str = "") -> list[CollectedLine]:
        """What has been collected."""
        ...

    def total(self, instance_id: str) -> Decimal:
        """Sum of what was accepted."""
        ...

    def instances_seen(self) -> list[str]:
        """The instances that records came for."""
        ...


class ReachableApplication(Protocol):
    """What the seller's application may ask of the bundle."""

    def post_usage(self, events: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        """Post usage events; the answer's members.

        :raises ConnectionError: they were not taken; the text says why.
        """
        ...

    def directory(self, tenant_id: str, kind: str) -> Sequence[Mapping[str, Any]]:
        """All ``departments`` or ``users`` that the bundle has of an enterprise.

        :raises ConnectionError: it does not tell; the text says why.
        """
        ...


class Timers(Protocol):
    """What the bundle does by itself, if it is in this process: :class:`emulator.seller.seller.Seller`."""

    def upload(self) -> Mapping[str, int]:
        """One run of the scheduled upload."""
        ...

    def sweep(self) -> Mapping[str, int]:
        """One run of the scheduled sweep."""
        ...


@dataclass
class ConsoleContext(ConsoleState):
    """The console of a whole marketplace. What is ``None`` is not within reach: the seller's server is somebody
    else's, or elsewhere.
    """

    market: Market = field(kw_only=True)
    usage: UsageSide | None = field(default=None, kw_only=True)
    application: ReachableApplication | None = field(default=None, kw_only=True)
    timers: Timers | None = field(default=None, kw_only=True)


def context() -> ConsoleContext:
    """Of the application that answers the request."""
    return cast("ConsoleContext", current_app.extensions[EXTENSION])
