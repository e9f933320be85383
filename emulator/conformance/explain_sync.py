"""Signatures of the sync interfaces, piece by piece (joint operation, section 2)."""

from collections.abc import Mapping
from typing import Any

from shared.commands import Version
from shared.errors import InvalidParameter
from shared.http import HttpRequest
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, sign_payload, sign_properties

_HEADERS = ("authtoken", "x-sign", "x-timestamp", "x-nonce")
SIGNATURES = {Version.V1: "authtoken", Version.V2: "x-sign"}


def is_sync(request: HttpRequest) -> bool:
    """Is it a call of a sync interface?"""
    return "/produceAPI/" in request.path


def parts(request: HttpRequest) -> dict[str, str]:
    """The headers that authenticate the call."""
    return {name: value for name, value in request.headers.items() if name in _HEADERS}


def right_signature(key: str, version: Version, request: HttpRequest) -> str:
    """The signature the call should have had, empty if its body is none."""
    members = _members(request)
    if members is None:
        return ""
    if version is Version.V1:
        return sign_properties(key, members) if "timeStamp" in members else ""
    headers = request.headers
    return sign_payload(key, headers.get("x-nonce", ""), headers.get("x-timestamp", ""), canonical(members))


def pieces(version: Version, request: HttpRequest) -> list[tuple[str, str]]:
    """What is signed, with names in the place of keys."""
    members = _members(request) or {}
    if version is Version.V1:
        kept = "&".join(f"{name}={members[name]}" for name in sorted(members) if str(members[name] or "").strip())
        return [
            ("data (members, names sorted, blank ones left out)", kept),
            ("secret", f"<Key>{members.get('timeStamp', '')}"),
        ]
    headers = request.headers
    data = f"<access key>{headers.get('x-nonce', '')}{headers.get('x-timestamp', '')}"
    return [("data (then the body, names sorted, without null)", f"{data}{canonical(members).decode()}")]


def _members(request: HttpRequest) -> Mapping[str, Any] | None:
    try:
        return read_members(request.body)
    except InvalidParameter:
        return None
