"""An outcome as bytes: encoded once, signed over exactly those bytes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from shared.clock import epoch_ms
from shared.commands import Failed, Outcome
from shared.errors import ResultCode
from shared.http import HttpResponse
from shared.protocol.signing import BODY_SIGN, body_sign
from shared.provisioning import Access, Usage

SUCCESS = "success."


def result(outcome: Outcome) -> dict[str, Any]:
    """``resultCode`` and ``resultMsg``, which every answer has (sections 2 and 5)."""
    if isinstance(outcome, Failed):
        # A provisioner's own text may be part of it.
        message = outcome.message.encode("ascii", "replace").decode()
        return {"resultCode": outcome.code.value, "resultMsg": message[:255]}
    return {"resultCode": ResultCode.SUCCESS.value, "resultMsg": SUCCESS}


def app_info(access: Access, *, user_name: str | None, password: str | None) -> dict[str, Any]:
    """``appInfo`` (section 2.1); ``user_name`` and ``password`` as this version sends them."""
    members = {
        "frontEndUrl": access.front_end_url,
        "adminUrl": access.admin_url,
        "userName": user_name,
        "password": password,
        "memo": access.memo,
    }
    return {name: value for name, value in members.items() if value is not None}


def usage_info(usage: Usage) -> dict[str, Any]:
    """One ``usageInfo`` (section 2.7): a number with at most 4 decimals, a UTC time with milliseconds."""
    members = {
        "relatedInstanceId": usage.related_instance_id,
        # A double shows 12 digits exactly, and none of these in exponent form.
        "usageValue": float(usage.value.quantize(Decimal("0.0001"), ROUND_FLOOR)),
        "statisticalTime": _milliseconds(usage.measured_at),
        "dashboardUrl": usage.dashboard_url,
    }
    return {name: value for name, value in members.items() if value is not None}


def unsigned(outcome: Outcome) -> HttpResponse:
    """The answer of a bundle that has no key yet."""
    return _response(_encoded(result(outcome)), {})


def signed(members: Mapping[str, Any], key: str) -> HttpResponse:
    """The answer as it leaves: HTTP 200 whatever the result, ASCII JSON (Chinese escaped, section 2.1),
    ``Body-Sign``.
    """
    body = _encoded(members)
    return _response(body, {BODY_SIGN: body_sign(key, body)})


def code_of(response: HttpResponse) -> str:
    """The result code of an answer made here, where it is always the first member."""
    start = len(b'{"resultCode":"')
    return response.body[start : start + 6].decode()


def _encoded(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _response(body: bytes, signature: Mapping[str, str]) -> HttpResponse:
    return HttpResponse(200, {"Content-Type": "application/json", **signature}, body)


def _milliseconds(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}{epoch_ms(moment) % 1000:03d}"
