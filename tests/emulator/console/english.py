"""The English that a page shows."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from inspect import getsource
from types import ModuleType

KEPT = ("pre", "code", "kbd", "textarea", "script", "style")
"""Elements whose text is a call's, a command's or a reader's."""
SHOWN = ("title", "aria-label", "placeholder")
_EMPTY = ("meta", "link", "input", "br", "option")
_WORD = r"[A-Za-z][A-Za-z'’-]*"
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


def passed(module: ModuleType, function: str) -> Iterator[str]:
    """The strings that a module passes to a function or class."""
    for node in ast.walk(ast.parse(getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function:
            yield from (
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
