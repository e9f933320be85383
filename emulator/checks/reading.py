"""One answer beside what was expected of it, read once for all checks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from emulator.wire.client import Answer, NoAnswer, Reply
from shared.commands import Version
from shared.errors import ResultCode
from shared.protocol.signing import BODY_SIGN, BodySignError, verify_body_sign

SUCCESS = (ResultCode.SUCCESS.value,)
ACCEPTED = (*SUCCESS, ResultCode.IN_PROCESS.value)
"""A slow instance of version 2 may be created in the background (section 3.1)."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a right answer to one call is like.

    ``key`` signs it. ``instances`` are the only ids it may name and must name, ``others`` ids it must not name.
    ``access``: a query's answer must tell the access details; ``metered``: it must tell the usage.
    """

    version: Version
    activity: str
    key: str = field(repr=False)
    codes: tuple[str, ...] = SUCCESS
    instances: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    access: bool = False
    metered: bool = False


@dataclass(frozen=True)
class Reading:
    """A reply, read in the light of what was expected. ``answer`` and its signature are for the checks that apply only
    where there is one.
    """

    reply: Reply
    expected: Expected

    @property
    def answer(self) -> Answer:
        """The answer.

        :raises TypeError: there is none.
        """
        if isinstance(self.reply, NoAnswer):
            raise TypeError("there is no answer")
        return self.reply

    @cached_property
    def signatures(self) -> list[tuple[str, str]]:
        """The headers that are ``Body-Sign`` but for their case."""
        return self.answer.named(BODY_SIGN)

    @cached_property
    def broken_rule(self) -> str | None:
        """The first rule of ``Body-Sign``'s value that is broken."""
        try:
            verify_body_sign(self.expected.key, self.signatures[0][1], self.answer.body)
        except BodySignError as error:
            return error.rule
        return None

    @cached_property
    def document(self) -> Mapping[str, Any] | None:
        """The body's JSON object, ``None`` if it is none or there is no answer. Numbers are as written: ``int`` or
        ``Decimal``.
        """
        if isinstance(self.reply, NoAnswer):
            return None
        try:
            document = json.loads(self.reply.body.decode("utf-8"), parse_float=Decimal)
        except (ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None

    @property
    def members(self) -> Mapping[str, Any]:
        """The body's members; none if it cannot be read, or is not there."""
        return self.document or {}

    @property
    def code(self) -> str:
        """``resultCode`` as text, empty if there is none."""
        return str(self.members.get("resultCode", ""))

    @property
    def succeeded(self) -> bool:
        """Does the answer claim success, for good or for now?"""
        slow = self.expected.version is Version.V2 and self.expected.activity == "newInstance"
        return self.code in (ACCEPTED if slow else SUCCESS)

    @cached_property
    def values(self) -> list[tuple[str, Any]]:
        """The path and what stands there, for all of the members but ``null``, which counts as absent."""
        return [(path, value) for path, value in leaves(self.members) if value is not None]

    @cached_property
    def named(self) -> list[str]:
        """The instance ids the answer names."""
        paths = ("instanceId", "info[].instanceId")
        return [str(value) for path in paths for _, value in at(self.members, path) if value is not None]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of everything in a JSON value that is no object and no array, e.g. ``info[0].instanceId``."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from leaves(element, f"{path}[{index}]")
    else:
        yield path, value


def at(value: Any, path: str, seen: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at ``path`` (``info[].appInfo.frontEndUrl``), in each element of an array, with the exact path.

    ``None`` where the last member is missing; nothing where something on the way is.
    """
    name, _, rest = path.partition(".")
    member = name.removesuffix("[]")
    here = f"{seen}.{member}" if seen else member
    found = value.get(member) if isinstance(value, dict) else None
    if name != member:
        several = found if isinstance(found, list) else []
        parts = [(f"{here}[{index}]", element) for index, element in enumerate(several)]
    else:
        parts = [(here, found)] if isinstance(value, dict) else []
    for where, part in parts:
        if not rest:
            yield where, part
        elif part is not None:
            yield from at(part, rest, where)
