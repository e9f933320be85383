"""Asks the JSON API; each answer must be as its description says."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from emulator.console.api.reading import DESCRIPTION

BASE = "/api/v1"
DOCUMENT: Mapping[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
OPERATIONS = {(path, method): each for path, known in DOCUMENT["paths"].items() for method, each in known.items()}


def asked(client: FlaskClient, method: str, path: str, status: int, body: Any = None, **more: Any) -> Any:
    """The answer, which must be as it is described."""
    given = {"json": body} if body is not None else {}
    answer = client.open(f"{BASE}{path}", method=method.upper(), **given, **more)
    assert answer.status_code == status, answer.text
    operation = OPERATIONS[template(path), method]
    if body is not None and status < 300:
        valid(body, operation["requestBody"]["content"]["application/json"]["schema"])
    return told(answer, operation)


def told(answer: TestResponse, operation: Mapping[str, Any]) -> Any:
    described = operation["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = DOCUMENT["components"]["responses"][str(answer.status_code)]
    if "content" not in described:
        return None
    valid(answer.json, described["content"]["application/json"]["schema"])
    return answer.json


def valid(value: Any, schema: Mapping[str, Any]) -> None:
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


def template(path: str) -> str:
    """The path of the description that a path is of."""
    path = path.partition("?")[0]
    fits = [each for each in DOCUMENT["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path)]
    return str(min(fits, key=lambda each: each.count("{")))
