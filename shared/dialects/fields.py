"""Types of the parameters, as pydantic sees them: what is accepted, and what it becomes.

Optional parameters that arrive empty or ``null`` count as absent. Unknown parameters are ignored: the marketplace may
add some.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from shared.errors import InvalidParameter

M = TypeVar("M", bound=BaseModel)


class Fields(BaseModel):
    """Parameters of one activity; on the wire their names are in camel case, and so they are named in errors."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True, alias_generator=to_camel
    )

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None and value != ""}


def read(model: type[M], fields: Mapping[str, Any]) -> M:
    """``fields`` as a ``model``.

    :raises InvalidParameter: names the first parameter that is missing or malformed.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "a parameter"
    raise InvalidParameter(f"{name} is missing or malformed")


def moment(text: str) -> datetime:
    """``yyyyMMddHHmmss``, with or without milliseconds ``SSS`` (sections 2.1 and 3.3), as a ``datetime`` without zone.

    :raises ValueError: not such a text, or no such date.
    """
    if not (text.isascii() and text.isdigit() and len(text) in (14, 17)):
        raise ValueError("not a time")
    # %S and %f both read the digits they find, so each part is cut out by its place.
    whole = datetime.strptime(text[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is the dialect's business
    return whole.replace(microsecond=int(text[14:] or 0) * 1000)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else moment(str(value))


def _switch(value: Any) -> bool:
    switches = {"1": True, "0": False}
    if isinstance(value, bool) or str(value) not in switches:
        raise ValueError("neither 0 nor 1")
    return switches[str(value)]


def _ascii_digits(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, str) and not (value.isascii() and value.isdigit())):
        raise ValueError("not a whole number")
    return value


Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
"""An order, line, instance, product or specification id: 1 to 64 printable ASCII characters."""
Text = Annotated[str, StringConstraints(max_length=2048)]
Name = Annotated[str, StringConstraints(max_length=256)]
Local = Annotated[datetime, BeforeValidator(_moment)]
"""A time without zone."""
Switch = Annotated[bool, BeforeValidator(_switch)]
Count = Annotated[int, BeforeValidator(_ascii_digits), Field(ge=0, le=9_999_999)]
Amount = Annotated[Decimal, Field(max_digits=20, decimal_places=6, allow_inf_nan=False)]
Price = Annotated[Decimal, Field(ge=0, max_digits=20, decimal_places=6, allow_inf_nan=False)]


def utc(local: datetime) -> datetime:
    """A time whose digits are UTC."""
    return local.replace(tzinfo=UTC)
