"""Items as DynamoDB writes them: ``{"S": "text"}``, ``{"N": "1"}`` …, only for the kinds an item may hold.

boto3's own serializer makes every number a ``Decimal``, which is neither what went in nor fast.
"""

from collections.abc import Mapping
from typing import Any

from shared.store.items import WRITER
from shared.store.table import Item


def encode(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item, already checked, as attributes."""
    return {name: _encode(value) for name, value in item.items()}


def decode(attributes: Mapping[str, Any]) -> Item:
    """Attributes as an item, without what the engine keeps for itself.

    :raises TypeError: an attribute of a kind that this bundle never writes.
    """
    return {name: _decode(value) for name, value in attributes.items() if name != WRITER}


def _encode(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, list):
        return {"L": [_encode(element) for element in value]}
    return {"M": encode(value)}


def _decode(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "NULL":
            return None
        case "L":
            return [_decode(element) for element in value]
        case "M":
            return {name: _decode(member) for name, member in value.items()}
    raise TypeError(f"an attribute of kind {kind} was not written by this bundle")
