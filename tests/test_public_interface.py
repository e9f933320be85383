"""What sellers import does not change unseen: its signatures are recorded in ``public_interface.txt``.

A line that changes on purpose is recorded anew by ``python -m tests.test_public_interface``, and told in the changelog.
"""

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.pages import Page, both, named

ROOT = Path(__file__).parent.parent
RECORD = Path(__file__).with_name("public_interface.txt")
MODULES = ("shared.provisioning", "shared.metering.client", "emulator.provisioner_contract")
BESIDE = {"shared.errors": ("ProvisioningError", "ResultCode"), "shared.directory": ("AuthorisationStatus", "User")}
"""What the values of the others are made of."""
_PLACE = re.compile(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])")


def handlers() -> dict[str, tuple[str, ...]]:
    """The modules that a platform is told of, and what each gives."""
    files = sorted((ROOT / "functions").rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    found = {name: import_module(name) for name in names}
    return {name: tuple(module.__all__) for name, module in found.items() if hasattr(module, "handler")}


def public() -> dict[str, tuple[str, ...]]:
    return {name: tuple(import_module(name).__all__) for name in MODULES} | BESIDE | handlers()


def present() -> str:
    parts = [(module, name) for module, names in sorted(public().items()) for name in sorted(names)]
    return "".join(f"{line}\n" for part in parts for line in told(*part))


def told(module: str, name: str) -> Iterator[str]:
    thing = getattr(import_module(module), name)
    path = f"{module}.{name}"
    if inspect.isclass(thing) and issubclass(thing, Enum):
        yield from (f"{path}.{member.name} = {member.value!r}" for member in thing)
    elif inspect.isclass(thing):
        yield from members(path, thing)
    else:
        yield path + signature(thing)


def members(path: str, owner: type) -> Iterator[str]:
    yield path + ("" if getattr(owner, "_is_protocol", False) else signature(owner))
    for name, member in sorted(vars(owner).items()):
        if not name.startswith("_") and inspect.isfunction(member):
            yield f"{path}.{name}{signature(member)}"


def signature(thing: Any) -> str:
    return _PLACE.sub("", str(inspect.signature(thing)))


def test_signatures_are_those_recorded() -> None:
    assert present().splitlines() == RECORD.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("module", sorted(handlers()))
def test_a_platform_calls_a_handler_with_event_and_context(module: str) -> None:
    assert "handler" in handlers()[module]
    assert list(inspect.signature(import_module(module).handler).parameters) == ["event", "context"]


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/public-interface"), ids=named)
def test_the_page_names_all_of_it(each: Page) -> None:
    names = {name for module, names in public().items() if not module.startswith("functions") for name in names}
    missing = {name for name in names | public().keys() if not re.search(rf"`{re.escape(name)}`", each.text)}
    assert missing == set()


if __name__ == "__main__":
    RECORD.write_text(present(), encoding="utf-8")
