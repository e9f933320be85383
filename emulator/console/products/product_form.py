"""The editor's fields and the description of a product that they make.

A field is called by its way in the description (``plans.0.productId``), so what is wrong stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.marketplace.catalogue.product_entry import MOST_PARAMETERS

LISTS = ("plans", "items", "parameters")
_PLAN = ("productId", "skuCode", "name", "periodType", "periodNumber", "quantity", "price")
MEMBERS = {"plans": _PLAN, "items": _PLAN, "parameters": ("name", "value")}
_PLAIN = ("id", "name", "version", "chargingMode", "trialDays")
_SWITCHES = ("organisation", "daily")
_NAMING = {
    "plans": ("productId", "skuCode", "name"),
    "items": ("productId", "skuCode", "name"),
    "parameters": ("name",),
}
"""A row of which none of these is filled in does not count."""
ACCESSORY = ("productId", "skuCode", "quantity", "name")
"""What a line of the accessories of a plan says, in this order, with commas between."""
MOST_ROWS = 50


def description(form: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, rows that say nothing left out."""
    entry: dict[str, Any] = {name: form.get(name, "").strip() for name in _PLAIN}
    entry["trialDays"] = entry["trialDays"] or 0
    for name in _SWITCHES:
        entry[name] = name in form
    return entry | {name: list(_rows(form, name)) for name in LISTS}


def _rows(form: Mapping[str, str], kind: str) -> Iterator[dict[str, Any]]:
    for place in range(MOST_ROWS):
        row: dict[str, Any] = {name: form.get(f"{kind}.{place}.{name}", "").strip() for name in MEMBERS[kind]}
        if not any(row[name] for name in _NAMING[kind]):
            continue
        if kind != "parameters":
            row = {name: value for name, value in row.items() if value or name in _NAMING[kind]}
            row["accessories"] = _accessories(form.get(f"{kind}.{place}.accessories", ""))
        yield row


def _accessories(lines: str) -> list[dict[str, str]]:
    said = (
        [part.strip() for part in line.split(",", len(ACCESSORY) - 1)] for line in lines.splitlines() if line.strip()
    )
    return [{name: part for name, part in zip(ACCESSORY, parts, strict=False) if part} for parts in said]


def shown(entry: Mapping[str, Any], *, spare: str = "") -> dict[str, Sequence[Mapping[str, Any]]]:
    """The rows of each list as the form shows them: at least one plan, all parameters there may be, and one more of
    ``spare``.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {name: [*map(_row, entry.get(name, ()))] for name in LISTS}
    rows["parameters"] += [{}] * (MOST_PARAMETERS - len(rows["parameters"]))
    if not rows["plans"]:
        rows["plans"].append({})
    if spare in ("plans", "items") and len(rows[spare]) < MOST_ROWS:
        rows[spare].append({})
    return {**rows}


def _row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    lines = (", ".join(str(each.get(name, "")) for name in ACCESSORY) for each in row.get("accessories", ()))
    return {**row, "accessories": "\n".join(line.rstrip(", ") for line in lines)}
