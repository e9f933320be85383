"""The texts that are used, found where they are: in the modules and in the templates."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, nodes

from emulator.texts import texts

EMULATOR = Path(__file__).resolve().parents[3] / "emulator"
FILES = {key.partition(".")[0] for key in texts()}
PARAMETERS = {"joined": {"before", "after"}, "_listed": {"members"}}
"""Functions that fill in a text they are given."""
MAKERS = ("Text", "Words", "text", "t", "maybe", "named", "first", *PARAMETERS)


class Use(NamedTuple):
    """One place. ``key`` is a beginning if not ``whole``; ``more``: there are parameters besides those named."""

    where: str
    key: str
    whole: bool
    parameters: frozenset[str]
    more: bool = False


def uses() -> list[Use]:
    """All places where a text is made."""
    return [*_in_modules(), *_in_templates()]


def constants(folder: str = "") -> set[str]:
    """All strings of the modules in a folder."""
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in (EMULATOR / folder).rglob("*.py"))
    values = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in values if isinstance(value, str)}


def _in_modules() -> Iterator[Use]:
    for file in EMULATOR.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            maker = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and maker in MAKERS and node.args:
                where = f"{file.relative_to(EMULATOR)}:{node.lineno}"
                names = [keyword.arg for keyword in node.keywords]
                given = frozenset(name for name in names if name) | PARAMETERS.get(maker, set())
                for key, whole in _keys(node.args[0]):
                    yield Use(where, key, whole and maker != "named", given, None in names)


def _keys(node: ast.expr) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.JoinedStr):
        node, whole = node.values[0], False
    else:
        whole = True
    if isinstance(node, ast.Constant) and str(node.value).partition(".")[0] in FILES:
        yield str(node.value), whole


def _in_templates() -> Iterator[Use]:
    environment = Environment(autoescape=True)
    for file in EMULATOR.rglob("*.html"):
        for call in environment.parse(file.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in MAKERS and call.args:
                where = f"{file.relative_to(EMULATOR)}:{call.lineno}"
                given = frozenset(keyword.key for keyword in call.kwargs)
                for each in _branches(call.args[0]):
                    first = each.nodes[0] if isinstance(each, nodes.Concat) else each
                    if isinstance(first, nodes.Const):
                        whole = first is each and call.node.name != "named"
                        yield Use(where, str(first.value), whole, given, call.dyn_kwargs is not None)


def _branches(node: nodes.Expr) -> Iterator[nodes.Expr]:
    if isinstance(node, nodes.CondExpr):
        yield from (branch for each in (node.expr1, node.expr2) if each for branch in _branches(each))
    else:
        yield node
