"""JSON in colours says the same as without them."""

import html
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from emulator.console.highlight import highlighted

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def plain(markup: str) -> str:
    return html.unescape(re.sub(r"</?span[^>]*>", "", markup))


@given(VALUES)
def test_nothing_about_the_text_changes(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    assert plain(highlighted(text)) == text


def test_names_texts_numbers_and_words() -> None:
    marked = re.findall(r'<span class="(\w)">(.*?)</span>', highlighted('{"a": ["<b>", -1.5e3, null], "c:": true}'))
    assert marked == [
        ("k", "&#34;a&#34;"),
        ("s", "&#34;&lt;b&gt;&#34;"),
        ("n", "-1.5e3"),
        ("w", "null"),
        ("k", "&#34;c:&#34;"),
        ("w", "true"),
    ]
