"""Which folder may import which. The order is data; who breaks it is named with both files.

A *room* is a folder or module right below ``shared`` or ``emulator``. In the lists each room may import what stands in
a line above its own, and nothing else of the house; rooms in one line do not know each other. A new room is entered
below everything that it needs.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

SHARED = """
    errors  http  development_keys  metrics  usage_limits
    clock  log  json_object  config
    timeouts  directory  runtimes
    outbound
    aws  provisioning
    commands  openapi
    call  secrets
    store  protocol
    login  orders
    instance
    watch
    metering  pipelines  relay
    repair  server
    app
"""
"""``app`` is the composition root: it builds everything. Whoever is given an ``App`` may name its type; only the
pipelines, which find it for a call, import it for real.
"""
COMPOSERS = ("shared.pipelines", "shared.server")

EMULATOR = """
    clock  development  keys  order_ids  provisioner_contract  terminal  texts
    platforms  wire
    checks  openapi  samples  sign_in
    marketplace
    seller
    journey  recorder
    conformance
    composer
    console
    bench  doctor  packaging  scaffold  soak
    deployment
    commands
    __main__
"""
"""Nothing imports ``commands`` but ``__main__``."""


@dataclass(frozen=True)
class Arrow:
    """``source`` imports ``target``, modules by name; ``typing``: only where types are checked."""

    source: str
    target: str
    typing: bool

    def __str__(self) -> str:
        return f"{file_of(self.source)} imports {file_of(self.target)}"


@cache
def modules() -> Mapping[str, Path]:
    """Every module of the house."""
    files = [file for top in ("functions", "shared", "emulator") for file in sorted((ROOT / top).rglob("*.py"))]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def file_of(module: str) -> str:
    return str(modules()[module].relative_to(ROOT))


@cache
def arrows() -> tuple[Arrow, ...]:
    """Every import of one module of the house by another, wherever in the file it stands."""
    return tuple(arrow for module, tree in trees().items() for arrow in arrows_of(module, tree))


@cache
def trees() -> Mapping[str, ast.Module]:
    """What each module of the house says."""
    return {module: ast.parse(file.read_text("utf-8")) for module, file in modules().items()}


def arrows_of(module: str, tree: ast.Module) -> Iterator[Arrow]:
    checked = {
        id(each)
        for block in tree.body
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for statement in block.body
        for each in ast.walk(statement)
    }
    for node in ast.walk(tree):
        for name in imported(node):
            target = existing(name)
            if target not in ("", module):
                yield Arrow(module, target, id(node) in checked)


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def existing(name: str) -> str:
    """The module that ``name`` is, or is a part of; empty for other people's."""
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return name


def top(module: str) -> str:
    return module.partition(".")[0]


def room(module: str) -> str:
    """The room below ``shared`` or ``emulator``; empty for the folder itself."""
    return module.partition(".")[2].partition(".")[0]


def lines(order: str) -> dict[str, int]:
    return {name: number for number, line in enumerate(order.strip().splitlines()) for name in line.split()}


def told(found: list[Arrow]) -> list[str]:
    return sorted({str(arrow) for arrow in found})


@pytest.mark.parametrize(("house", "order"), [("shared", SHARED), ("emulator", EMULATOR)])
def test_a_room_imports_only_what_stands_above_it(house: str, order: str) -> None:
    line = lines(order)
    inside = [arrow for arrow in arrows() if (top(arrow.source), top(arrow.target)) == (house, house)]
    between = [arrow for arrow in inside if room(arrow.source) != room(arrow.target) and arrow.target != "shared.app"]

    assert {room(module) for module in modules() if top(module) == house} - {""} == line.keys()
    assert told([arrow for arrow in between if line[room(arrow.target)] >= line[room(arrow.source)]]) == []


def test_functions_import_only_shared_and_shared_nobody() -> None:
    may = {"functions": {"shared"}, "shared": {"shared"}, "emulator": {"emulator", "functions", "shared"}}
    assert told([arrow for arrow in arrows() if top(arrow.target) not in may[top(arrow.source)]]) == []


def test_only_who_finds_the_app_for_a_call_imports_it_for_real() -> None:
    real = [arrow for arrow in arrows() if arrow.target == "shared.app" and not arrow.typing]
    inside = [arrow for arrow in real if top(arrow.source) == "shared"]
    assert told([arrow for arrow in inside if not arrow.source.startswith(COMPOSERS)]) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for the types alone count too, but for that of the composition root."""
    targets: dict[str, set[str]] = {module: set() for module in modules()}
    for arrow in arrows():
        if arrow.target != "shared.app":
            targets[arrow.source].add(arrow.target)
    try:
        TopologicalSorter(targets).prepare()
    except CycleError as circle:
        pytest.fail("\nimports ".join(map(file_of, reversed(circle.args[1]))))


def test_no_two_classes_have_the_same_name() -> None:
    """Whoever searches for a class finds it, and one word means one thing."""
    places: dict[str, list[str]] = {}
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module)
    assert {name: there for name, there in places.items() if len(there) > 1} == {}


@pytest.mark.parametrize(("house", "most"), [("shared", 14), ("emulator", 6)])
def test_few_modules_stand_outside_of_every_room(house: str, most: int) -> None:
    loose = {module for module, file in modules().items() if module.count(".") == 1 and file.name != "__init__.py"}
    assert len({module for module in loose if top(module) == house}) <= most


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from shared import log", [("shared.log", False)]),
        ("from shared.clock import Clock", [("shared.clock", False)]),
        ("def late():\n    import shared.store.table", [("shared.store.table", False)]),
        ("if TYPE_CHECKING:\n    from shared.app import App", [("shared.app", True)]),
        ("import json", []),
    ],
)
def test_every_way_to_import_is_seen(text: str, found: list[tuple[str, bool]]) -> None:
    assert [(arrow.target, arrow.typing) for arrow in arrows_of("functions.renew", ast.parse(text))] == found
