"""Which dialect a request is in: GET is version 1, POST version 2 (production interfaces, section 1); of the sync
interfaces the path tells (joint operation, section 1.9).
"""

import json
from typing import Protocol

from shared.call import Call
from shared.clock import Clock, Deadline
from shared.commands import Command, Outcome
from shared.config import Settings
from shared.http import HttpRequest, HttpResponse

ORDER_NOTIFY = "orderNotify"
LARGEST_NOTICE = 1 << 14
"""Bytes; a notification names two ids (production interfaces, section 3.8)."""


class Dialect(Protocol):
    """What the pipeline needs of a dialect."""

    def signing_key(self) -> str:
        """Key for answers to calls that could not be authenticated."""

    def authenticate(self, request: HttpRequest, deadline: Deadline) -> Call:
        """The call, or ``AuthenticationError``."""

    def decode(self, call: Call) -> Command:
        """The command, or ``InvalidParameter``."""

    def encode(self, outcome: Outcome, key: str) -> HttpResponse:
        """The answer, signed with ``key``."""


def is_order_notice(request: HttpRequest) -> bool:
    """Does the body say it is an order notification? Not authenticated: it only chooses the key that must verify it.
    A large body is none, so that nothing is parsed for strangers.
    """
    if len(request.body) > LARGEST_NOTICE:
        return False
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("activity") == ORDER_NOTIFY


def sync_dialect(settings: Settings, clock: Clock, request: HttpRequest) -> Dialect:
    """The dialect of a call of a sync interface. Its name is not authenticated, but no body fits two of them."""
    from shared.protocol.sync.call import called

    name, is_v2 = called(request)
    if is_v2:
        from shared.protocol.sync.v2 import SyncV2

        return SyncV2(settings, clock, name)
    from shared.protocol.sync.v1 import SyncV1

    return SyncV1(settings, clock, name)
