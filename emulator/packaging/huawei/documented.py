"""``python -m emulator.packaging.huawei.documented REPOSITORY [REVISION]`` renews ``provider.json``.

REPOSITORY is a clone of ``huaweicloud/terraform-provider-huaweicloud``. What its pages say of each resource and data
source that the module uses is kept: arguments, nested blocks and attributes, with the release and the commit.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from emulator.packaging.huawei.module import MODULE, all_modules

PROVIDER = Path(__file__).with_name("provider.json")
Arguments: TypeAlias = dict[str, dict[str, Any]]
"""By name: ``required``, if it is; ``values``, where the page lists all that are valid or, with ``more``, some; for a
nested block its own arguments in ``block``.
"""

_FOLDERS = {"resource": "docs/resources", "data": "docs/data-sources"}
_ITEM = re.compile(
    r"^\* `(?P<name>\w+)` - (?:\((?P<kind>[^)]*)\))?(?P<text>.*(?:\n(?!\* `|<a name|[Tt]he `).*)*)", re.MULTILINE
)
_SECTION = re.compile(
    r'^(?:<a name="(?P<anchor>\w+)"></a>\n)?[Tt]he (?P<names>`.*)(?:block|object|structure)s? .*', re.MULTILINE
)
_VALUES = re.compile(r"valid values are as follows:\n((?: *\+ .*\n?)+)")
_VALUE = re.compile(r"^ *\+ \*\*([^*]+)\*\*", re.MULTILINE)
_MORE = "For more"
_DEEPEST = 8


class Section(NamedTuple):
    """A part of a page: the names and the anchor it is known by, and its text."""

    names: frozenset[str]
    text: str


@cache
def documented() -> dict[str, Any]:
    """What is kept of the provider's pages."""
    kept: dict[str, Any] = json.loads(PROVIDER.read_text("utf-8"))
    return kept


def read_page(page: str) -> dict[str, Any]:
    """Arguments and attributes of the resource or data source that ``page`` describes."""
    _, _, rest = page.partition("\n## Argument Reference")
    arguments, _, attributes = rest.partition("\n## Attribute")
    top, *nested = _sections(arguments)
    exported = next(_sections(attributes.partition("\n## ")[0]))
    return {
        "arguments": _arguments(top, nested, _DEEPEST),
        "attributes": sorted({"id"} | {item["name"] for item in _ITEM.finditer(exported.text)}),
    }


def _sections(text: str) -> Iterator[Section]:
    heads = list(_SECTION.finditer(text))
    ends = [head.start() for head in heads] + [len(text)]
    yield Section(frozenset(), text[: ends[0]])
    for head, end in zip(heads, ends[1:], strict=True):
        names = {*re.findall(r"`(\w+)`", head["names"]), *filter(None, [head["anchor"]])}
        yield Section(frozenset(names), text[head.end() : end])


def _arguments(section: Section, sections: list[Section], depth: int) -> Arguments:
    found: Arguments = {}
    for item in _ITEM.finditer(section.text):
        kind = item["kind"] or ""
        argument: dict[str, Any] = {"required": True} if kind.startswith("Required") else {}
        wanted = {*re.findall(r"\(#(\w+)\)", item["text"]), item["name"]}
        block = next((each for each in sections if each.names & wanted), None)
        if listed := _VALUES.search(item["text"]):
            argument["values"] = _VALUE.findall(listed[1])
            argument |= {"more": True} if _MORE in item["text"] else {}
        if block and "List" in kind and depth:
            argument["block"] = _arguments(block, sections, depth - 1)
        found[item["name"]] = argument
    return found


def _shown(repository: str, revision: str, path: str) -> str:
    command = ["git", "-C", repository, "show", f"{revision}:{path}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(repository: str, revision: str = "HEAD") -> None:
    """Write what is used by the module anew."""
    git = ["git", "-C", repository, "rev-parse", revision]
    commit = subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()
    release = re.findall(r"^## ([\d.]+)", _shown(repository, commit, "CHANGELOG.md"), re.MULTILINE)[0]
    kept: dict[str, Any] = {"provider": "huaweicloud/huaweicloud", "release": release, "commit": commit}
    used = {(block.kind, block.type) for module in all_modules(MODULE) for block in module.blocks}
    for kind, folder in _FOLDERS.items():
        kept[kind] = {
            name: read_page(_shown(repository, commit, f"{folder}/{name.removeprefix('huaweicloud_')}.md"))
            for name in sorted(name for each, name in used if each == kind)
        }
    PROVIDER.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
