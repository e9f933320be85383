"""One call as its page shows it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from flask import request

from emulator.checks import Verdict
from emulator.composer.command_line import curl as shell_curl
from emulator.console.calls.diagnoses import diagnoses, silent_refusal
from emulator.console.calls.opened import opened
from emulator.console.console_context import context
from emulator.console.signatures import of_answer, of_request
from emulator.marketplace.delivery.call import Direction, RecordedCall
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.storage.call_filter import Filter
from emulator.wire.calls import pairs_of, url_of
from emulator.wire.signature.doctor import SignatureDiagnosis
from shared.outbound import is_loopback

_OF_THE_CONNECTION = ("host", "content-length", "connection")
_ORDER = (Verdict.FAILED, Verdict.PASSED, Verdict.SKIPPED)


class View:
    """All about ``call``. ``url`` is where it went; ``told``: is its message there? ``decrypted`` is ``None`` until the
    address says ``decrypt=1``.
    """

    def __init__(self, call: RecordedCall) -> None:
        market, seller, about = context().market, context().seller, call.instance_id or call.order_id
        members = opened(call, market.keys)
        before = market.timeline.lines(Filter(about=about), before=call.number, limit=1) if about else ()
        self.call = call
        self.url = url_of(_base(call), call.sent.request())
        self.curl = curl(call)
        self.pairs = pairs_of(call.sent.request())
        self.request_body = texts(call.sent.body)
        self.answer_body = texts((call.received.withheld or call.received).body)
        self.signatures = of_request(call, market.keys, context().keys)
        self.answer_signature = of_answer(call, market.keys)
        self.diagnoses = diagnoses(call, market.keys, context().keys)
        self.silent_refusal = silent_refusal(call)
        self.findings = sorted(call.findings, key=lambda finding: _ORDER.index(finding.verdict))
        self.about = about
        self.told = bool(call.message_id) and market.database.get(Message, call.message_id) is not None
        self.previous = before[0] if before else None
        self.following = market.timeline.following(Filter(about=about), call.number) if about else None
        self.encrypted = bool(members)
        self.decrypted = members if request.args.get("decrypt") == "1" else None
        self.logged = seller.logged(call.request_id) if seller and call.request_id else ()

    @property
    def named(self) -> Mapping[str, SignatureDiagnosis]:
        """The diagnoses that name a mistake."""
        return {kind: each for kind, each in self.diagnoses.items() if each.slips}


def curl(call: RecordedCall) -> str:
    """The call as a command for a shell: the same bytes, the same signature."""
    request = call.sent.request()
    headers = {name: value for name, value in request.headers.items() if name not in _OF_THE_CONNECTION}
    return shell_curl(_base(call), replace(request, headers=headers))


def texts(body: bytes) -> tuple[str, str]:
    """A body laid out, and as it is. They are the same if it is no JSON."""
    raw = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False, indent=2), raw
    except (ValueError, RecursionError):
        return raw, raw


def _base(call: RecordedCall) -> str:
    if call.direction is Direction.IN:
        return request.host_url.rstrip("/")
    if call.direction is Direction.BACKEND:
        host = dict(call.sent.headers).get("host", "")
        return f"{'http' if is_loopback(urlsplit(f'//{host}').hostname or '') else 'https'}://{host}"
    target = context().market.sender.target.base
    return target.rstrip("/") if urlsplit(target).scheme else target
