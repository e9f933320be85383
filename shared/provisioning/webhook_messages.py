"""What the webhook provisioner sends: one JSON message per method, member names in camelCase."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any


def message(kind: str, at: datetime, **data: Any) -> bytes:
    """The bytes of ``{"type": kind, "timestamp": at, "data": data}``."""
    members = {_camel(name): plain(value) for name, value in data.items()}
    return json.dumps({"type": kind, "timestamp": plain(at), "data": members}, ensure_ascii=False).encode()


def plain(value: Any) -> Any:
    """``value`` in JSON's own types: moments as ``2026-01-31T08:00:00Z`` (UTC), decimals as strings."""
    if is_dataclass(value):
        return {_camel(field.name): plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    return value


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
