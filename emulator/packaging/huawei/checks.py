"""What is wrong with a Terraform module, as far as that can be told without the cloud and without Terraform."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulator.packaging.huawei.documented import Arguments, documented
from emulator.packaging.huawei.module import Block, Module, Reference, all_modules, plain, read_module

META = frozenset({"count", "for_each", "depends_on", "lifecycle", "provider", "timeouts"})
_SECRET = re.compile(r"password|secret_text|token|_key$")


def check(root: Path) -> list[str]:
    """A line for each thing that is wrong in the module at ``root`` and those below it."""
    return [
        f"{module.folder.relative_to(root.parent).as_posix()}: {finding}"
        for module in all_modules(root)
        for finding in sorted({*_arguments(module), *_references(module), *_variables(module), *_calls(module)})
    ]


def _arguments(module: Module) -> Iterator[str]:
    for block in module.blocks:
        known = documented()[block.kind].get(block.type)
        if known is None:
            yield f"{block.address}: the provider's pages have no such {block.kind}"
        else:
            own = {name: value for name, value in block.body.items() if name not in META}
            yield from _body(block.address, own, known["arguments"])


def _body(address: str, body: dict[str, Any], known: Arguments) -> Iterator[str]:
    given = plain(body)
    for dynamic in given.pop("dynamic", []):
        for name, each in plain(dynamic).items():
            given[name] = [*given.get(name, []), *each["content"]]
    for name, value in given.items():
        if name not in known:
            yield f"{address}: there is no argument {name}"
            continue
        if not _is_valid(value, known[name]):
            yield f"{address}: {name} is not one of {', '.join(known[name]['values'])}"
        nested = [each for each in value if _is_block(each)] if isinstance(value, list) else []
        if nested and "block" not in known[name]:
            yield f"{address}: {name} is no block"
            continue
        for each in nested:
            yield from _body(f"{address}.{name}", each, known[name]["block"])
    needed = {name for name, argument in known.items() if argument.get("required")}
    yield from (f"{address}: {name} is required" for name in needed - given.keys())


def _is_valid(value: Any, argument: dict[str, Any]) -> bool:
    """Is a literal value one of those that are listed? Expressions are for Terraform to find out."""
    literal = isinstance(value, str) and "${" not in value
    return not literal or argument.get("more") is True or value in argument.get("values", [value])


def _is_block(value: Any) -> bool:
    return isinstance(value, dict) and "__is_block__" in value


def _references(module: Module) -> Iterator[str]:
    blocks = {block.address: block for block in module.blocks}
    names = {"var": module.variables, "local": module.locals, "module": module.calls}
    for reference in module.references:
        address = f"{reference.owner}.{reference.name}"
        if reference.name not in names[reference.owner] if reference.owner in names else address not in blocks:
            yield f"{address} is referred to and not there"
        elif reference.attribute and not _has(module, blocks.get(address), reference):
            yield f"{reference}: there is no such attribute"


def _has(module: Module, block: Block | None, reference: Reference) -> bool:
    if reference.owner == "module":
        called = read_module(module.folder / module.calls[reference.name]["source"])
        return reference.attribute in called.outputs
    known = documented()[block.kind].get(block.type) if block else None
    return known is None or reference.attribute in {*known["arguments"], *known["attributes"]}


def _variables(module: Module) -> Iterator[str]:
    used = {reference.name for reference in module.references if reference.owner == "var"}
    for name, body in module.variables.items():
        if name not in used:
            yield f"var.{name} is not used"
        yield from (f"var.{name} has no {part}" for part in ("description", "type") if part not in body)
        if _SECRET.search(name) and body.get("sensitive") is not True:
            yield f"var.{name} is a secret and not sensitive"
    for name, body in module.outputs.items():
        if "description" not in body:
            yield f"output.{name} has no description"


def _calls(module: Module) -> Iterator[str]:
    for name, body in module.calls.items():
        called = read_module(module.folder / body["source"])
        given = plain(body).keys() - META - {"source"}
        yield from (f"module.{name}: there is no variable {each}" for each in given - called.variables.keys())
        needed = {each for each, variable in called.variables.items() if "default" not in variable}
        yield from (f"module.{name}: {each} is required" for each in needed - given)
