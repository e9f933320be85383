"""What the console serves of others is what they released, and the list beside it says which release."""

from hashlib import sha256
from pathlib import Path

import pytest

import emulator.console

STATIC = Path(emulator.console.__file__).with_name("static")
VENDORED = {
    "htmx.min.js": ("htmx 2.0.11", "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"),
    "uplot.min.css": ("uPlot 1.6.32", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
    "uplot.min.js": ("uPlot 1.6.32", "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
}


@pytest.mark.parametrize("name", VENDORED)
def test_it_is_the_release_that_is_named(name: str) -> None:
    release, digest = VENDORED[name]
    assert sha256((STATIC / name).read_bytes()).hexdigest() == digest
    row = next(line for line in (STATIC / "README.md").read_text().splitlines() if f"`{name}`" in line)
    assert release in row
    assert (STATIC / f"{name.partition('.')[0]}.LICENSE.txt").stat().st_size


def test_nothing_else_is_of_others() -> None:
    assert {each.name for each in STATIC.glob("*.min.*")} == VENDORED.keys()
