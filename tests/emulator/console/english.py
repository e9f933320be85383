"""What the emulator says in English, collected from where it is said, and the English that a page shows."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from inspect import getsource
from types import ModuleType

SAMPLE = "7"
"""Stands for what varies."""
KEPT = ("pre", "code", "kbd", "textarea", "script", "style")
"""Elements whose text is a call's, a command's or a reader's."""
SHOWN = ("title", "aria-label", "placeholder")
_EMPTY = ("meta", "link", "input", "br", "option")
_WORD = r"[A-Za-z][A-Za-z'’-]*"
_SAID = re.compile(r"[A-Za-z] ?[A-Za-z]* [\w(]|[a-z]: |[a-z] [a-z]")
"""A sentence, not a name."""
_SENTENCE = re.compile(rf"(?<![\w.-]){_WORD}(?:[,;:]?\s+{_WORD}){{2,}}")


class Sentences(HTMLParser):
    """Collects three or more English words in a row from a page's text and from what its elements are called."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _EMPTY:
            self._inside.append(tag)
        for name, value in attrs:
            if name in SHOWN and value:
                self._look(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not set(self._inside) & set(KEPT):
            self._look(data)

    def _look(self, text: str) -> None:
        self.found += [match[0] for match in _SENTENCE.finditer(text)]


def sentences(page: str) -> list[str]:
    """The English on a page."""
    parser = Sentences()
    parser.feed(page)
    return parser.found


def returned(module: ModuleType, *names: str) -> Iterator[str]:
    """The sentences that a module's functions return, or give the variables ``names``; ``SAMPLE`` where something
    varies.
    """
    for node in ast.walk(ast.parse(getsource(module))):
        targets = node.targets if isinstance(node, ast.Assign) else []
        named = any(isinstance(target, ast.Name) and target.id in names for target in targets)
        if (isinstance(node, ast.Return) or named) and isinstance(value := getattr(node, "value", None), ast.expr):
            yield from (text for text in _texts(value, module) if _SAID.search(text))


def passed(module: ModuleType, *functions: str) -> Iterator[str]:
    """The texts that a module passes to these functions or classes, likewise."""
    for node in ast.walk(ast.parse(getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in functions:
            yield from (text for argument in node.args for text in _texts(argument, module))


def _texts(node: ast.AST, module: ModuleType) -> Iterator[str]:
    """What is inside a call or the like belongs to that."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(_part(part, module) for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call | ast.Subscript | ast.Compare | ast.Dict | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child, module)


def _part(part: ast.expr, module: ModuleType) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    name = getattr(getattr(part, "value", None), "id", "")
    value = getattr(module, name, SAMPLE)
    return value if isinstance(value, str) else SAMPLE
