"""A Terraform module as data: what it declares, and what it refers to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import hcl2

from emulator.platforms.shipped import shipped

MODULE = shipped("deploy/huawei")
_REFERENCE = re.compile(
    r"(?<![\w.-])(var|local|module|data\.huaweicloud_\w+|huaweicloud_\w+)\.(\w+)(?:\[[^\]]*\]|\.\*)*(?:\.([a-z]\w*))?"
)


@dataclass(frozen=True)
class Block:
    """A resource or data source: ``kind`` is ``resource`` or ``data``."""

    kind: str
    type: str
    name: str
    body: dict[str, Any]

    @property
    def address(self) -> str:
        """What it is called where it is referred to."""
        return f"{'data.' if self.kind == 'data' else ''}{self.type}.{self.name}"


@dataclass(frozen=True)
class Reference:
    """``var.x`` has the owner ``var`` and the name ``x``; of a resource or module ``attribute`` is asked for."""

    owner: str
    name: str
    attribute: str

    def __str__(self) -> str:
        return ".".join(filter(None, (self.owner, self.name, self.attribute)))


@dataclass
class Module:
    """One folder of ``.tf`` files."""

    folder: Path
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    locals: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    @property
    def references(self) -> set[Reference]:
        """Everything that is referred to, outside of the variables' own conditions."""
        bodies = [self.locals, self.outputs, self.calls, [block.body for block in self.blocks]]
        return {Reference(*found) for text in texts(bodies) for found in _REFERENCE.findall(text)}


def read_module(folder: Path) -> Module:
    """The module in ``folder``."""
    module = Module(folder)
    for file in sorted(folder.glob("*.tf")):
        content = _parsed(file.read_text("utf-8"))
        for body in content.get("locals", []):
            module.locals |= plain(body)
        for name in ("variable", "output", "module"):
            into = {"variable": module.variables, "output": module.outputs, "module": module.calls}[name]
            for labelled in content.get(name, []):
                into.update(plain(labelled))
        for kind in ("resource", "data"):
            for labelled in content.get(kind, []):
                for type_, named in plain(labelled).items():
                    module.blocks += [Block(kind, type_, each, body) for each, body in plain(named).items()]
    return module


def all_modules(root: Path) -> list[Module]:
    """The module in ``root`` and those below it."""
    folders = sorted({file.parent for file in root.rglob("*.tf")})
    return [read_module(folder) for folder in folders]


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """``body`` without what the parser says of its place."""
    return {name: value for name, value in body.items() if not name.startswith("__")}


def texts(value: Any) -> Iterator[str]:
    """Every text in ``value``, keys too: expressions are texts to the parser."""
    match value:
        case str():
            yield value
        case dict():
            for name, each in value.items():
                yield name
                yield from texts(each)
        case list():
            for each in value:
                yield from texts(each)


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """The content of a file; the parser takes a tenth of a second for each."""
    content: dict[str, Any] = _unquoted(hcl2.loads(text))
    return content


def _unquoted(value: Any) -> Any:
    match value:
        case str():
            return value[1:-1] if value[:1] == value[-1:] == '"' and len(value) > 1 else value
        case dict():
            return {_unquoted(name): _unquoted(each) for name, each in value.items()}
        case list():
            return [_unquoted(each) for each in value]
    return value
