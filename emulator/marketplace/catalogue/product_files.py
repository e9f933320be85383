"""A seller's products as a file: TOML, or JSON of the same members."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator.marketplace.catalogue.catalogue import name_of
from emulator.marketplace.catalogue.product_entry import ProductFile, described
from emulator.marketplace.catalogue.product_rules import ProductProblem, ProductsRefused, products
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.texts import Text

SETTING = "KOOGALLERY_PRODUCTS"
"""Names the file for the local commands."""
MOST = 1024 * 1024
"""Bytes of a file."""


def read(text: str) -> ProductFile:
    """The products of a file: JSON if it begins like it, otherwise TOML.

    :raises ProductsRefused: it is neither, or something is wrong with a product.
    """
    parse = json.loads if text.lstrip("\ufeff \t\r\n").startswith("{") else tomllib.loads
    try:
        document = parse(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ProductsRefused([ProductProblem("", Text("products.problem.unreadable", why=str(error)))]) from None
    return products(document)


def read_file(path: Path) -> ProductFile:
    """Likewise, of a path.

    :raises ProductsRefused: as above, or it is no text.
    :raises OSError: it cannot be opened.
    """
    try:
        return read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ProductsRefused([ProductProblem("", Text("products.problem.unreadable", why=str(error)))]) from None


def as_json(shown: Iterable[ListedProduct]) -> str:
    """Products as a file in JSON."""
    entries = [described(each, name_of(each.id)) for each in shown]
    return json.dumps({"products": entries}, ensure_ascii=False, indent=2) + "\n"


def as_toml(shown: Iterable[ListedProduct]) -> str:
    """Products as a file in TOML."""
    return "\n".join(line for each in shown for line in _table("products", described(each, name_of(each.id))))


def _table(path: str, members: Mapping[str, Any]) -> Iterator[str]:
    yield f"[[{path}]]"
    below = {name: value for name, value in members.items() if isinstance(value, list) and name != "parameters"}
    for name, value in members.items():
        if name not in below:
            yield f"{name} = {_value(value)}"
    yield ""
    for name, tables in below.items():
        for each in tables:
            yield from _table(f"{path}.{name}", each)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name} = {_value(each)}' for name, each in value.items())} }}"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")  # allowed in JSON, not in TOML
