"""Texts in the marketplace's file. In older files they are English sentences, which stay as they are."""

import json
from typing import Annotated, Any, TypeAlias

from pydantic import PlainValidator, WrapSerializer

from emulator.texts import Text, verbatim


def kept(text: Text | None) -> str:
    """For a column; empty if there is none."""
    return json.dumps(text.document(), ensure_ascii=False) if text else ""


def read(column: str) -> Text | None:
    return _read(json.loads(column) if column.startswith("{") else column)


def _read(found: Any) -> Text | None:
    if isinstance(found, Text) or not found:
        return found or None
    return Text.read(found) if isinstance(found, dict) else verbatim(str(found))


KeptText: TypeAlias = Annotated[
    Text | None, PlainValidator(_read), WrapSerializer(lambda text, _next: text.document() if text else None)
]
"""A member of a document."""
