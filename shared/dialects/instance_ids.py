"""The comma-separated list of instance ids of ``queryInstance`` (sections 2.7 and 3.2)."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shared.dialects.fields import Id


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


InstanceIds = Annotated[tuple[Id, ...], BeforeValidator(_split), Field(min_length=1, max_length=100)]
"""1 to 100 different ids, in the order asked."""
