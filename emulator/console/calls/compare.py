"""Two calls side by side: what of parameters, headers and bodies is the same, and both verdicts."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import chain, zip_longest
from typing import NamedTuple

from flask import render_template
from werkzeug.datastructures import MultiDict

from emulator.console.calls.blueprint import found, page
from emulator.console.calls.view import texts
from emulator.console.console_context import number
from emulator.marketplace.delivery.call import RecordedCall

MOST_LINES = 2000
"""Lines of a body that are compared."""


class Pair(NamedTuple):
    """What stands beside one another; ``None`` where there is nothing. ``name`` is empty for lines of a body."""

    name: str
    left: str | None
    right: str | None

    @property
    def same(self) -> bool:
        return self.left == self.right


@page.get("/calls/compare")
def compare() -> str:
    """``left`` and ``right`` are numbers of calls."""
    left, right = found(number("left")), found(number("right"))
    return render_template("calls/compare.html", left=left, right=right, parts=compared(left, right))


def compared(left: RecordedCall, right: RecordedCall) -> Mapping[str, Sequence[Pair]]:
    """The parts of both, by their names."""
    return {
        "parameters": _by_name(left.sent.query, right.sent.query),
        "headers": _by_name(left.sent.headers, right.sent.headers),
        "request-body": _by_line(left.sent.body, right.sent.body),
        "answer-headers": _by_name(left.received.headers, right.received.headers),
        "answer-body": _by_line(_answer(left), _answer(right)),
    }


def _answer(call: RecordedCall) -> bytes:
    return (call.received.withheld or call.received).body


def _by_name(left: Iterable[tuple[str, str]], right: Iterable[tuple[str, str]]) -> Sequence[Pair]:
    """Names without regard to case, in the order in which they come; of several of one name all values."""
    both = [*left], [*right]
    first, second = map(_values, both)
    spelt = {name.lower(): name for pairs in reversed(both) for name, _ in pairs}
    return [Pair(spelt[name], first.get(name), second.get(name)) for name in dict.fromkeys((*first, *second))]


def _values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    by_name = MultiDict((name.lower(), value) for name, value in pairs)
    return {name: ", ".join(values) for name, values in by_name.lists()}


def _by_line(left: bytes, right: bytes) -> Sequence[Pair]:
    """JSON is laid out first, so that a line is a member."""
    first, second = (texts(body)[0].splitlines()[:MOST_LINES] for body in (left, right))
    runs = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    beside = (zip_longest(first[i:i_end], second[j:j_end]) for _, i, i_end, j, j_end in runs)
    return [Pair("", *lines) for lines in chain.from_iterable(beside)]
