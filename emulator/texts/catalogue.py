"""The texts in the files of this folder."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}
"""Names as their readers write them."""

_FOLDER = Path(__file__).parent


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Language to text, by id: the file's name, a dot, and the name in it, which may have dots itself."""
    read = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(_FOLDER.glob("*.toml"))}
    return {key: text for name, table in read.items() for key, text in _flat(name, table)}


def _flat(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    if "en" in table:
        yield name, table
        return
    for member, value in table.items():
        yield from _flat(f"{name}.{member}", value)
