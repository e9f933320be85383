"""Departments as a tree."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.directory import Department


@dataclass(frozen=True, slots=True)
class Branch:
    """A department and what is below it, by code."""

    department: Department
    children: tuple["Branch", ...]

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Department]]:
        """The department and all below it, each with its depth, parents before children."""
        waiting = [(depth, self)]
        while waiting:
            depth, branch = waiting.pop()
            yield depth, branch.department
            waiting += [(depth + 1, child) for child in reversed(branch.children)]


def tree(departments: Iterable[Department]) -> list[Branch]:
    """The top departments with everything below them, by code; every department stands in it once.

    A department whose parent is unknown stands at the top (joint operation, section 1.6). So does the one with the
    smallest code of those that name each other as parents in a circle.
    """
    known = {each.org_code: each for each in sorted(departments, key=lambda each: each.org_code)}
    tops = _tops(known)
    below: dict[str, list[str]] = defaultdict(list)
    for code, each in known.items():
        if code not in tops:
            below[each.parent_code].append(code)
    made: dict[str, Branch] = {}
    # Not by recursion: a chain may be longer than Python's stack.
    for code in reversed(_parents_first(tops, below)):
        made[code] = Branch(known[code], tuple(made[child] for child in below.get(code, ())))
    return [made[code] for code in sorted(tops)]


def _tops(known: Mapping[str, Department]) -> set[str]:
    tops: set[str] = set()
    settled: set[str] = set()
    for start in known:
        code, path = start, list[str]()
        on_path: set[str] = set()
        while code not in settled and code not in on_path:
            path.append(code)
            on_path.add(code)
            if known[code].parent_code not in known:
                tops.add(code)
                break
            code = known[code].parent_code
        else:
            if code in on_path:
                tops.add(min(path[path.index(code) :]))
        settled |= on_path
    return tops


def _parents_first(tops: Iterable[str], below: Mapping[str, Sequence[str]]) -> list[str]:
    found: list[str] = []
    waiting = list(tops)
    while waiting:
        found.append(waiting.pop())
        waiting += below.get(found[-1], ())
    return found
