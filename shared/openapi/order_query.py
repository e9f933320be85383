"""Asking the marketplace what was ordered (production interfaces, section 3.10; metering and open APIs, section 4)."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from shared import log
from shared.clock import BackOff, Clock, Deadline
from shared.errors import ConfigurationError, KooGalleryError, Unavailable
from shared.http import HttpResponse
from shared.openapi.answers import Foreign, NotLetIn, own_code
from shared.openapi.codes import CallVerdict, judge, presentable
from shared.openapi.order import Order, OrderNotFound, read_order
from shared.openapi.signer import sign
from shared.outbound import HttpClient, shared_client
from shared.outbound.answers import members_of
from shared.outbound.hosts import Declined, Hosts, NoHostAnswers

PATH = "/api/mkp-openapi-public/global/v1/order/query"

PAUSES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between rounds, of which between half and all is waited."""

QUIET = 300.0
"""Seconds without a call after the access key was refused: more than 5 refusals in a row lock it for as long."""

_ADVICE = "check KOOGALLERY_AK, KOOGALLERY_SK and the clock"


class _Again(Unavailable):
    """Another round may help."""


class _Busy(Declined, _Again):
    """Another round may help, another host does not."""


class OrderQuery:
    """The order query of the open API. One per process, so that it remembers a refused access key; safe to share."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        ak: str,
        sk: str,
        clock: Clock,
        client: HttpClient | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """
        :param urls: hosts, tried in this order, e.g. ``https://mkt.myhuaweicloud.com``.
        :param chance: random number from 0 to 1, which spreads the pauses.
        :raises ConfigurationError: there is no host.
        """
        self._hosts = Hosts(urls, clock)
        self._ak = ak
        self._sk = sk
        self._clock = clock
        self._client = client or shared_client()
        self._chance = chance
        self._quiet_until = float("-inf")

    def find(self, order_id: str, order_line_id: str | None, deadline: Deadline) -> Order:
        """The order, which has a line ``order_line_id`` if that is given.

        Each attempt is signed anew. A host that does not answer leaves the others their share of the time; when all
        have failed they are asked again after a pause, a few times, as long as ``deadline`` allows.

        :raises OrderNotFound: the order or the line is not there, or is another seller's.
        :raises ConfigurationError: the access key is refused, now or less than five minutes ago.
        :raises Unavailable: no usable answer in time.
        """
        order = self._patiently(order_id, order_line_id, deadline)
        if order_line_id is not None:
            order.line(order_line_id)
        return order

    def _patiently(self, order_id: str, order_line_id: str | None, deadline: Deadline) -> Order:
        back_off = BackOff(self._clock, PAUSES, self._chance)
        while True:
            try:
                return self._round(order_id, order_line_id, deadline)
            except _Again as problem:
                if not back_off.wait(deadline):
                    raise
                log.event("order query: asking again", order_id=order_id, reason=str(problem))

    def _round(self, order_id: str, order_line_id: str | None, deadline: Deadline) -> Order:
        """Ask each host once, until one has the order."""
        try:
            return self._hosts.first_answer(partial(self._attempt, order_id, order_line_id), deadline)
        except NoHostAnswers as none:
            if all(isinstance(problem, NotLetIn) for problem in none.problems):
                raise self._error(CallVerdict.DENIED, str(none)) from None
            raise next((problem for problem in none.problems if isinstance(problem, _Again)), none) from None

    def _attempt(self, order_id: str, order_line_id: str | None, url: str, deadline: Deadline) -> Order:
        if self._clock.monotonic() < self._quiet_until:
            raise ConfigurationError(f"the open API refused the access key a short while ago; {_ADVICE}")
        answer = self._ask(url, order_id, order_line_id, deadline)
        members = members_of(answer) or {}
        try:
            code = own_code(answer.status, members)
        except NotLetIn:
            raise
        except Foreign:
            code = ""
        if (verdict := judge(answer.status, code)) is not CallVerdict.OK:
            raise self._error(verdict, presentable(answer.status, code))
        info = members.get("orderInfo")
        order = read_order(info) if isinstance(info, dict) else None
        if order is None or order.order_id != order_id:
            raise _Again("order query: the answer does not hold the order")
        return order

    def _error(self, verdict: CallVerdict, code: str) -> KooGalleryError:
        match verdict:
            case CallVerdict.DENIED:
                self._quiet_until = self._clock.monotonic() + QUIET
                return ConfigurationError(f"the open API refuses the access key ({code}); {_ADVICE}")
            case CallVerdict.UNKNOWN:
                return OrderNotFound(f"the open API knows no such order ({code})")
            case CallVerdict.BUSY:
                return _Busy(f"order query: too many calls ({code})")
            case CallVerdict.RETRY:
                return _Again(f"order query failed ({code})")
            case _:
                return Unavailable(f"order query refused ({code})")

    def _ask(self, url: str, order_id: str, order_line_id: str | None, deadline: Deadline) -> HttpResponse:
        query = f"orderId={quote(order_id, safe='')}"
        if order_line_id is not None:
            query += f"&orderLineId={quote(order_line_id, safe='')}"
        target = f"{url}{PATH}?{query}"
        try:
            return self._client.send("GET", target, headers=partial(self._signed, target), deadline=deadline)
        except Unavailable as error:
            raise _Again(f"order query: {error}") from error

    def _signed(self, target: str) -> Mapping[str, str]:
        return sign(
            ak=self._ak,
            sk=self._sk,
            method="GET",
            url=target,
            headers={"Content-Type": "application/json"},
            body=b"",
            at=self._clock.now(),
        )
