"""The keys in Secrets Manager, one secret for each group of functions that needs the same."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.repair.rotation import KINDS

GROUPS: Mapping[str, tuple[str, ...]] = {
    "calls": ("key", "access_key", "notify_access_key", "ak", "sk", "storage_key", "webhook_secret", "events_secret"),
    "sync": ("key", "sync_access_key", "rsa_private_key", "storage_key"),
    "metering": ("usage_key", "ak", "sk", "storage_key", "webhook_secret"),
    "application": ("app_token", "storage_key"),
    "login": ("session_key", "app_token", "storage_key"),
}
"""Members of each secret. A key that two groups need stands in both."""

Values = dict[str, str]


def setting(member: str) -> str:
    """The setting whose value a member is."""
    return f"KOOGALLERY_{member.upper()}"


_MEMBERS = tuple(dict.fromkeys(name for names in GROUPS.values() for name in names))
MADE = {name: kind.make for name in _MEMBERS if (kind := KINDS.get(setting(name))) and kind.make}
"""What nobody else gives, and how it is made."""
GIVEN = tuple(name for name in _MEMBERS if name not in MADE)
"""What the marketplace gives."""


def settled(known: Mapping[str, str], given: Mapping[str, str], ask: Callable[[str], str]) -> Values:
    """Every key: as ``given``, else as ``known``, else made; what only the marketplace has is asked for, and may stay
    empty.
    """
    values = {name: given.get(name) or known.get(name, "") for name in (*GIVEN, *MADE)}
    asked = {name: ask(setting(name)) for name in GIVEN if not values[name]}
    made = {name: make() for name, make in MADE.items() if not values[name]}
    return values | asked | made


def read(manager: Any, stack: str) -> tuple[Values, set[str]]:
    """The keys that are there already, and the groups that have a secret."""
    known: Values = {}
    there = set()
    for group in GROUPS:
        try:
            found = json.loads(manager.get_secret_value(SecretId=f"{stack}/{group}")["SecretString"])
        except manager.exceptions.ResourceNotFoundException:
            continue
        there.add(group)
        known |= {name: value for name, value in found.items() if value or name not in known}
    return known, there


def write(manager: Any, stack: str, values: Mapping[str, str], there: Iterable[str], kms_key: str = "") -> None:
    """Store each group's keys, in the secret that is ``there`` or a new one."""
    for group, names in GROUPS.items():
        text = json.dumps({name: values[name] for name in names})
        if group in there:
            manager.put_secret_value(SecretId=f"{stack}/{group}", SecretString=text)
        else:
            encryption = {"KmsKeyId": kms_key} if kms_key else {}
            manager.create_secret(Name=f"{stack}/{group}", SecretString=text, **encryption)


def missing(values: Mapping[str, str]) -> list[str]:
    """The members that still wait for a key of the marketplace's. Some are not needed by everybody."""
    return [name for name in GIVEN if not values[name]]
