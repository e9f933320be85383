"""The comma-separated list of instance ids of ``queryInstance`` (sections 2.7 and 3.2)."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shared.protocol.fields import ID, Id


def _split(value: Any) -> Any:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        return value
    # What cannot be an id is no instance's, and is left out like any other unknown one: the rest is answered.
    texts = (part.strip() for part in parts if isinstance(part, str))
    return tuple(dict.fromkeys(text for text in texts if re.fullmatch(ID, text)))


InstanceIds = Annotated[tuple[Id, ...], BeforeValidator(_split), Field(min_length=1, max_length=100)]
"""1 to 100 different ids, in the order asked."""
