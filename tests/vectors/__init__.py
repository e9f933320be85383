"""Test vectors as data. Each tells its ``origin``: what computed it, and what confirmed it."""

import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def load(name: str) -> dict[str, list[dict[str, Any]]]:
    """The lists of vectors in ``name``.json."""
    vectors: dict[str, list[dict[str, Any]]] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return vectors


def each(name: str, group: str) -> pytest.MarkDecorator:
    """Run a test once for every vector of a group, as its argument ``vector``."""
    vectors = load(name)[group]
    return pytest.mark.parametrize("vector", vectors, ids=[vector.get("name") for vector in vectors])
