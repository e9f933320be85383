"""A call without anything that is somebody's: the same interface, the same members, other values."""

from collections.abc import Collection, Sequence
from typing import Any

from emulator.recorder.kinds import CallKind
from emulator.recorder.policy import SIGNATURE, header_stays, is_name, stays
from emulator.recorder.sealed import SealedFields
from emulator.recorder.substitutes import Substitutes
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.sync.lenient_json import Number, compact, parse, read_members

PATH = "/saas"
_LISTS = ("instanceId",)
"""Parameters that may hold several ids with commas between them."""
_DEEPEST = 20


class Sanitiser:
    """Cleans one call; ``replaced`` names what was replaced, members of members with dots."""

    def __init__(self, substitutes: Substitutes, keys: Sequence[str] = (), keep: Collection[str] = ()) -> None:
        self._substitutes = substitutes
        self._sealed = SealedFields(substitutes, keys)
        self._keep = frozenset(keep)
        self.replaced: set[str] = set()

    def cleaned(self, request: HttpRequest, kind: CallKind) -> HttpRequest:
        """The call without its signature, at the address where development serves."""
        below = f"/produceAPI/{'v2/' if kind.version is Version.V2 else ''}{kind.activity}" if kind.sync else ""
        headers = {name: value for name, value in request.headers.items() if header_stays(name, value)}
        query = self._query(request) if not kind.sync else ()
        if kind.version is Version.V1 and not kind.sync:
            return HttpRequest("GET", PATH, query, headers)
        body = compact(self._members(read_members(request.body), ""))
        return HttpRequest("POST", f"{PATH}{below}", query, headers, body.encode())

    def _query(self, request: HttpRequest) -> tuple[tuple[str, str], ...]:
        """Of a repeated name the first value counts (production interfaces, section 4.1), and only that stays."""
        first = dict(reversed([pair for pair in request.query if pair[0] not in SIGNATURE]))
        order = first.get("orderId", "")
        cleaned = {self._name(name): self._parameter(name, first[name], order) for name in reversed(first)}
        return tuple(cleaned.items())

    def _parameter(self, name: str, value: str, order: str) -> str:
        if name in self._keep or stays(name, value) or not value.strip():
            return value
        self.replaced.add(self._name(name))
        if name in ("mobilePhone", "email"):
            return self._sealed.contact(name, value)
        if name == "saasExtendParams":
            return self._sealed.extend_params(value, lambda items: [self._extension(item) for item in items])
        return self._text(name, value, name, order)

    def _extension(self, item: Any) -> Any:
        """One extension parameter: its name stays, whatever else it has is replaced."""
        name = str(item.get("name", "")) if isinstance(item, dict) else ""
        if name in self._keep or not isinstance(item, dict):
            return item if name else self._member("", item, "saasExtendParams")
        path = f"saasExtendParams.{self._name(name)}"
        return {
            member: value if member == "name" and is_name(name) else self._member("", value, path)
            for member, value in item.items()
        }

    def _members(self, members: dict[str, Any], path: str, depth: int = 0) -> dict[str, Any]:
        order = members.get("orderId")
        order = order if isinstance(order, str) else ""
        return {
            self._name(name): self._member(name, value, f"{path}{self._name(name)}", order, depth)
            for name, value in members.items()
        }

    def _member(self, name: str, value: Any, path: str, order: str = "", depth: int = 0) -> Any:
        if value is None or value == "" or name.strip() in self._keep:
            return value
        if isinstance(value, dict | list):
            return self._inside(value, name, path, depth)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if stays(name, text):
            return value
        self.replaced.add(path)
        if isinstance(value, bool):
            return False
        if isinstance(value, Number):
            return Number(self._substitutes.number(text))
        return (
            self._sealed.client_secret(text) if name.strip() == "clientSecret" else self._text(name, text, path, order)
        )

    def _inside(self, value: dict[str, Any] | list[Any], name: str, path: str, depth: int) -> Any:
        if depth > _DEEPEST:
            self.replaced.add(path)
            return None
        if isinstance(value, dict):
            return self._members(value, f"{path}.", depth + 1)
        return [self._member(name, each, path, depth=depth + 1) for each in value]

    def _text(self, name: str, text: str, path: str, order: str) -> str:
        """A text that is to be replaced; JSON inside it, and lists of ids, piece by piece."""
        if text.lstrip()[:1] in ("{", "["):
            try:
                value = parse(text)
            except ValueError:
                value = None
            if isinstance(value, dict | list):
                return compact(self._inside(value, name, path, 0))
        if name.strip() in _LISTS and "," in text:
            return ",".join(self._substitutes.of(part.strip()) for part in text.split(","))
        number = text.removeprefix(f"{order}-")
        if name.strip() == "orderLineId" and order and number != text and number.isdigit():
            return f"{self._substitutes.of(order)}-{number}"
        return self._substitutes.of(text)

    def _name(self, name: str) -> str:
        return name if is_name(name) else self._substitutes.of(name)
