"""Types of the parameters, as pydantic sees them: what is accepted, and what it becomes.

Optional parameters that arrive empty or ``null`` count as absent. Unknown parameters are ignored: the marketplace may
add some.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from shared import log
from shared.errors import InvalidParameter
from shared.protocol.times import moment

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

_building = Lock()


class Fields(BaseModel):
    """Parameters of one activity; on the wire their names are in camel case, and so they are named in errors.

    What reads them is built when an activity is called for the first time: most processes meet few of them.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        coerce_numbers_to_str=True,
        alias_generator=to_camel,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None and value != ""}


def read(model: type[M], fields: Mapping[str, Any]) -> M:
    """``fields`` as a ``model``. The names of details that cannot be read are logged.

    :raises InvalidParameter: names the first parameter that is missing or malformed.
    """
    unread: list[str] = []
    try:
        record = _built(model).model_validate(fields, context=unread)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "a parameter"
    else:
        log_unread(unread, record)
        return record
    raise InvalidParameter(f"{name} is missing or malformed")


def _built(model: type[M]) -> type[M]:
    """``model``, ready to read. While it is being built it would read as its parent does, so one thread builds it."""
    if not model.__pydantic_complete__:
        with _building:
            model.model_rebuild()
    return model


def log_unread(names: Sequence[str], record: object) -> None:
    """Log the ``names`` of parameters that count as absent in ``record``, since they cannot be read."""
    if names:
        ids = {name: getattr(record, name, None) for name in ("order_id", "instance_id")}
        told = {name: value for name, value in ids.items() if isinstance(value, str)}
        log.event("what cannot be read counts as absent", parameters=", ".join(dict.fromkeys(names)), **told)


def detail(unread: list[str], name: str, work: Callable[[], T]) -> T | None:
    """The result of ``work``; ``None`` if that cannot read the parameter ``name``, which joins ``unread`` then."""
    try:
        return work()
    except (ValueError, InvalidParameter):
        unread.append(name)
        return None


def _or_absent(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    unread = info.context if info.context is not None else []
    return detail(unread, to_camel(info.field_name or ""), lambda: handler(value))


def _or_off(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    found = _or_absent(value, handler, info)
    return False if found is None else found


Detail = Annotated[T | None, WrapValidator(_or_absent)]
"""A parameter without which the call can be served: what cannot be read counts as absent."""
Permission = Annotated[T | None, WrapValidator(_or_off)]
"""A switch that lets somebody do something: what cannot be read is off."""


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else moment(str(value))


def _switch(value: Any) -> bool:
    try:
        return _SWITCHES[str(value).strip().lower()]
    except KeyError:
        raise ValueError("neither 0 nor 1") from None


def is_debug(fields: Mapping[str, Any]) -> bool:
    """Is ``testFlag`` set? Absent, empty and ``0`` are real calls (sections 2.1 and 3)."""
    with suppress(ValueError):
        return _switch(fields.get("testFlag"))
    return False


def refuse_unclear_flag(fields: Mapping[str, Any]) -> None:
    """A debug call must never become real and a real one never debug, so a flag that is neither is not guessed at.

    :raises InvalidParameter: ``testFlag`` is there, and neither set nor not set.
    """
    flag = fields.get("testFlag")
    try:
        _ = flag in (None, "") or _switch(flag)
    except ValueError:
        raise InvalidParameter("testFlag is neither 0 nor 1") from None


def _ascii_digits(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, str) and not (value.isascii() and value.isdigit())):
        raise ValueError("not a whole number")
    return value


_SWITCHES = {"1": True, "true": True, "0": False, "false": False}

ID = r"[!-~]{1,64}"
Id = Annotated[str, StringConstraints(pattern=f"^{ID}$")]
"""An order, line, instance, product or specification id: 1 to 64 printable ASCII characters."""
Text = Annotated[str, StringConstraints(max_length=2048)]
Name = Annotated[str, StringConstraints(max_length=256)]
Local = Annotated[datetime, BeforeValidator(_moment)]
"""A time without zone."""
Switch = Annotated[bool, BeforeValidator(_switch)]
Count = Annotated[int, BeforeValidator(_ascii_digits), Field(ge=0, le=9_999_999)]
Amount = Annotated[Decimal, Field(max_digits=20, allow_inf_nan=False)]
Price = Annotated[Decimal, Field(ge=0, max_digits=20, allow_inf_nan=False)]


def utc(local: datetime) -> datetime:
    """A time whose digits are UTC."""
    return local.replace(tzinfo=UTC)
