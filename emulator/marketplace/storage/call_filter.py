"""Which calls a list shows: by what the table's columns say, and by what stands in a call."""

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

Where = tuple[str, list[Any]]
"""SQL, and the values for its question marks."""

_SAME = ("direction", "family", "activity", "verdict", "code", "source")
_NO_ANSWER = "none"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls to list; empty members let everything through, and so does what cannot be read.

    ``about`` is an order id or an instance id. ``slower``: milliseconds at least. ``begin`` and ``end``: moments, ISO
    8601 in UTC without a zone; the second is not included. ``code``: of the answer, or ``none`` for those without one.
    ``header``: part of a header, ``name: value``; ``text``: part of path, parameters or body; both in either direction
    and in any case.
    """

    direction: str = ""
    family: str = ""
    activity: str = ""
    verdict: str = ""
    about: str = ""
    code: str = ""
    source: str = ""
    slower: str = ""
    begin: str = ""
    end: str = ""
    header: str = ""
    text: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filter":
        """Those of ``given`` that are filters, without the spaces around them."""
        return cls(**{name: given.get(name, "").strip() for name in FILTERS})

    @property
    def chosen(self) -> Mapping[str, str]:
        """The members that are not empty."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    @property
    def searches(self) -> bool:
        """Does it look into the calls?"""
        return bool(self.header or self.text)

    def numbers(self, before: int | None, after: int | None, limit: int) -> Where:
        """The numbers of the newest ``limit`` calls older than ``before`` and newer than ``after``, by the columns."""
        tests = [*self._columns(), *_between(before, after)]
        if not self.about:
            # All that is asked for stands in one small index: it is read through where nothing else leads.
            table = "call INDEXED BY call_listed" if any(self._columns()) else "call"
            return _newest(table, tests, limit)
        both = [_newest("call", [(f"{name} = ?", self.about), *tests], limit) for name in ("order_id", "instance_id")]
        (first, values), (second, more) = both
        return f"SELECT number FROM ({first}) UNION SELECT number FROM ({second})", [*values, *more]  # noqa: S608

    def matches(self, body: bytes) -> bool:
        """Does a call, as it is stored, have what is searched for in it?"""
        call = json.loads(zlib.decompress(body))
        headers = (not self.header) or self.header.lower() in "\n".join(_headers(call)).lower()
        return headers and (not self.text or self.text.lower() in "\n".join(_texts(call)).lower())

    def _columns(self) -> Iterator[tuple[str, Any]]:
        for name in _SAME:
            if value := getattr(self, name):
                yield f"{name} = ?", "" if (name, value) == ("code", _NO_ANSWER) else value
        if self.slower.isdecimal():
            yield "milliseconds >= ?", int(self.slower)
        for sign, moment in ((">=", self.begin), ("<", self.end)):
            with suppress(ValueError):
                yield f"at {sign} ?", f"{datetime.fromisoformat(moment).replace(tzinfo=None):%Y-%m-%dT%H:%M:%S}"


def _between(before: int | None, after: int | None) -> Iterator[tuple[str, Any]]:
    for sign, number in (("<", before), (">", after)):
        if number is not None:
            yield f"number {sign} ?", number


def _newest(table: str, tests: list[tuple[str, Any]], limit: int) -> Where:
    where = f"WHERE {' AND '.join(test for test, _ in tests)}" if tests else ""
    statement = f"SELECT number FROM {table} {where} ORDER BY number DESC LIMIT ?"  # noqa: S608 - no values in it
    return statement, [*(value for _, value in tests), limit]


def _headers(call: Mapping[str, Any]) -> Iterator[str]:
    for message in _messages(call):
        yield from (f"{name}: {value}" for name, value in message["headers"])


def _texts(call: Mapping[str, Any]) -> Iterator[str]:
    yield str(call["sent"]["path"])
    yield from (f"{name}={value}" for name, value in call["sent"]["query"])
    for message in _messages(call):
        yield b64decode(message["body"], altchars=b"-_").decode("utf-8", "replace")


def _messages(call: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield call["sent"]
    answer = call["received"]
    yield answer.get("withheld") or answer


FILTERS = tuple(each.name for each in fields(Filter))
"""The names of all filters."""
EVERYTHING = Filter()
