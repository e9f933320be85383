"""Answers that the emulated open APIs have in common."""

import json
from collections.abc import Mapping
from typing import Any

from shared.http import HttpResponse


class Dropped(Exception):
    """The call gets no answer: the server in front closes the connection."""


def json_answer(status: int, document: Mapping[str, Any]) -> HttpResponse:
    """``document`` as JSON."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return HttpResponse(status, {"Content-Type": "application/json"}, body)


def page_answer(status: int, text: str) -> HttpResponse:
    """What something in between answers: a page, no JSON."""
    return HttpResponse(status, {"Content-Type": "text/html"}, f"<html>{text}</html>".encode())


def gateway_refusal(status: int, code: str, text: str) -> HttpResponse:
    """What the gateway in front of the marketplace answers itself (metering and open APIs, section 6.6)."""
    return json_answer(status, {"error_code": code, "error_msg": text, "request_id": "0" * 32})


def unsigned() -> HttpResponse:
    """The gateway's refusal of a wrong or locked access key."""
    return gateway_refusal(401, "APIGW.0301", "Incorrect IAM authentication information")


def unknown_api() -> HttpResponse:
    """The gateway's refusal of a path or method that it does not know."""
    return gateway_refusal(404, "APIGW.0101", "API not found")
