"""A scenario: a TOML file with a list of steps, each one act or one expectation."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from emulator.soak.environment import START
from shared.errors import ConfigurationError

SHIPPED = Path(__file__).parent / "scenarios"
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """``90m``, ``3h`` or ``15d``, also joined: ``1d 6h``.

    :raises ValueError: it is none.
    """
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip():
        raise ValueError("a span of time is like 90m, 3h, 15d or 1d 6h")
    return sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta())


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FaultStep(_Value):
    """A fault, often or for the next calls."""

    id: str
    rate: float | None = None
    times: int | None = None


class ExpectedMessage(_Value):
    """The latest message of that purpose to the seller."""

    purpose: str
    state: str
    attempts: int | None = None


class ExpectedMails(_Value):
    """So many mails with that subject."""

    subject: str
    count: int


class ScenarioExpectation(_Value):
    """What must be so. ``of``: the subscription, by its name in the scenario; ``shelf``: product id and where it is;
    ``agrees``: the bundle and the seller's sites have everything as the marketplace has it.
    """

    of: str = ""
    standing: str | None = None
    instance: str | None = None
    plan: int | None = None
    order: str | None = None
    message: ExpectedMessage | None = None
    agrees: bool | None = None
    sites: int | None = None
    billed: Decimal | None = None
    mails: ExpectedMails | None = None
    shelf: dict[str, str] | None = None


MORE = ("name", "plan", "value", "ago", "refused")
"""Members of a step that say more about it."""


class ScenarioStep(_Value):
    """Exactly one of the members, besides those that say more about it.

    ``buy`` and ``trial`` take a product id; ``name`` is how later steps call what was bought. ``plan``: number of the
    plan, from 1. ``value``: how much is used, ``ago`` how long ago; ``refused``: the reason
    why nothing of it may be taken in. ``reading``: one that holds from now on.
    ``save_cases`` and ``repaired`` take a product id; ``wrong_key`` takes a member of :class:`emulator.keys.Keys` that
    is another on the marketplace's side until ``right_keys``.
    """

    buy: str = ""
    trial: str = ""
    convert: str = ""
    renew: str = ""
    return_renewal: str = ""
    upgrade: str = ""
    freeze: str = ""
    unfreeze: str = ""
    unsubscribe: str = ""
    close: str = ""
    open: str = ""
    query: str = ""
    use: str = ""
    advance: Annotated[timedelta, BeforeValidator(span)] | None = None
    fault: FaultStep | None = None
    faults_off: bool = False
    reading: str = ""
    save_cases: str = ""
    wrong_key: str = ""
    right_keys: bool = False
    repaired: str = ""
    expect: ScenarioExpectation | None = None
    name: str = ""
    plan: int | None = None
    value: Decimal = Decimal(1)
    ago: Annotated[timedelta, BeforeValidator(span)] = timedelta()
    refused: str = ""

    @model_validator(mode="after")
    def _one_thing(self) -> "ScenarioStep":
        if len(self.actions) != 1:
            raise ValueError("a step does exactly one thing")
        return self

    @property
    def actions(self) -> dict[str, Any]:
        """What it does: one name with its value."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in MORE}
        return {name: value for name, value in given.items() if value}


class Scenario(_Value):
    """``title`` says what is shown. ``start`` is in UTC."""

    title: str
    seed: int = 1
    start: datetime = START
    steps: tuple[ScenarioStep, ...]

    @property
    def begins(self) -> datetime:
        """``start``, in UTC whether the file says so or not."""
        return self.start if self.start.tzinfo else self.start.replace(tzinfo=UTC)


def load(name: str | Path) -> Scenario:
    """The scenario in a file, or a shipped one by its name without ``.toml``.

    :raises ConfigurationError: there is none, or it is wrong.
    """
    path = Path(name)
    if not path.exists() and (SHIPPED / f"{name}.toml").exists():
        path = SHIPPED / f"{name}.toml"
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        shipped = ", ".join(sorted(each.stem for each in SHIPPED.glob("*.toml")))
        raise ConfigurationError(f"no scenario {name}; shipped are {shipped}") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
