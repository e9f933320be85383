"""JSON in colours: names, texts, numbers and words are marked; nothing else about the text changes."""

import re

from markupsafe import Markup, escape

_TOKEN = re.compile(
    r'(?P<k>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<s>"(?:[^"\\]|\\.)*")|(?P<n>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<w>true|false|null)'
)


def highlighted(text: str) -> Markup:
    """``text``, which is JSON that was laid out, as markup."""
    found, at = Markup(), 0
    for token in _TOKEN.finditer(text):
        found += escape(text[at : token.start()])
        found += Markup('<span class="{}">{}</span>').format(token.lastgroup, token[0])
        at = token.end()
    return found + escape(text[at:])
