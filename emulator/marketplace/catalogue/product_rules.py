"""What is wrong with a description of products, each where it stands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from emulator.marketplace.catalogue.product_entry import PlanEntry, ProductEntry, ProductFile
from emulator.texts import Text, first
from shared.commands import Version
from shared.protocol.production.extend_params import encode_extend_params
from shared.provisioning import Charging

MOST_ENCODED = 2048
"""Characters of ``saasExtendParams`` (section 7)."""
_LASTS = (Charging.PERIOD, Charging.ON_DEMAND_PACKAGE)
_ALIKE = {
    "int_type": "int_parsing",
    "int_from_float": "int_parsing",
    "decimal_type": "decimal_parsing",
    "decimal_max_places": "decimal_max_digits",
    "decimal_whole_digits": "decimal_max_digits",
    "string_too_short": "missing",
    "literal_error": "enum",
}
"""Findings of pydantic for which another one's text stands."""

E = TypeVar("E", bound=BaseModel)


class ProductProblem(NamedTuple):
    """``where``: the way to the field, e.g. ``products.0.plans.1.productId``."""

    where: str
    what: Text


class ProductsRefused(ValueError):
    """A description that cannot be taken."""

    def __init__(self, problems: Sequence[ProductProblem]) -> None:
        super().__init__("; ".join(f"{each.where}: {each.what}" if each.where else str(each.what) for each in problems))
        self.problems = problems


def product(described: Mapping[str, Any]) -> ProductEntry:
    """One product.

    :raises ProductsRefused: something is wrong with it.
    """
    entry = _read(ProductEntry, described)
    _refuse(list(_wrong(entry)))
    return entry


def products(described: Mapping[str, Any]) -> ProductFile:
    """All products of a file.

    :raises ProductsRefused: something is wrong with one.
    """
    file = _read(ProductFile, described)
    found = [
        ProductProblem(f"products.{place}.{each.where}", each.what)
        for place, entry in enumerate(file.products)
        for each in _wrong(entry)
    ]
    _refuse([*found, *_twice([(f"products.{place}.id", each.id) for place, each in enumerate(file.products)])])
    return file


def _read(kind: type[E], described: Mapping[str, Any]) -> E:
    try:
        return kind.model_validate(described)
    except ValidationError as error:
        found = [ProductProblem(".".join(map(str, each["loc"])), _said(each)) for each in error.errors()]
        raise ProductsRefused([each for each in found if not _follows(each, found)]) from None


def _follows(problem: ProductProblem, found: Sequence[ProductProblem]) -> bool:
    """Is a list too short for no other reason than that what is in it is wrong?"""
    within = f"{problem.where}."
    return problem.what.id.endswith("too_short") and any(each.where.startswith(within) for each in found)


def _said(found: Mapping[str, Any]) -> Text:
    kind = _ALIKE.get(found["type"], found["type"])
    if kind == "string_pattern_mismatch":
        kind = "missing" if not str(found["input"]).strip() else "short-name" if found["loc"][-1] == "id" else kind
    known = first(f"products.problem.{kind}", "products.problem.other").id
    limits = ("ge", "le", "max_length", "expected")
    given = {name: str(value) for name, value in found.get("ctx", {}).items() if name in limits}
    if "expected" in given:
        given["expected"] = ", ".join(re.findall("'([^']+)'", given["expected"]))
    return Text(known, **given)


def _refuse(problems: list[ProductProblem]) -> None:
    if problems:
        raise ProductsRefused(problems)


def _wrong(entry: ProductEntry) -> Iterator[ProductProblem]:
    """What each field alone cannot tell."""
    sold = [(f"plans.{place}", plan) for place, plan in enumerate(entry.plans)]
    sold += [(f"items.{place}", plan) for place, plan in enumerate(entry.items)]
    for where, plan in sold:
        yield from _period(entry, where, plan)
    yield from _twice([(f"{where}.productId", plan.product_id) for where, plan in sold])
    yield from _twice([(f"parameters.{place}.name", each.name) for place, each in enumerate(entry.parameters)])
    if entry.trial_days and entry.charging_mode is not Charging.PERIOD:
        yield ProductProblem("trialDays", Text("products.problem.no-trial"))
    if entry.items and entry.charging_mode is not Charging.ON_DEMAND:
        yield ProductProblem("items", Text("products.problem.no-items"))
    pairs = [{"name": each.name, "value": each.value} for each in entry.parameters]
    if pairs and entry.version is Version.V1 and len(encode_extend_params(pairs)) > MOST_ENCODED:
        yield ProductProblem("parameters", Text("products.problem.encoded", most=MOST_ENCODED))


def _period(entry: ProductEntry, where: str, plan: PlanEntry) -> Iterator[ProductProblem]:
    lasts = entry.charging_mode in _LASTS
    if lasts and not plan.period_type:
        yield ProductProblem(f"{where}.periodType", Text("products.problem.period"))
    if plan.period_type and not lasts:
        yield ProductProblem(f"{where}.periodType", Text("products.problem.no-period"))


def _twice(found: Sequence[tuple[str, str]]) -> Iterator[ProductProblem]:
    seen = set[str]()
    for where, value in found:
        if value in seen:
            yield ProductProblem(where, Text("products.problem.twice", value=value))
        seen.add(value)
