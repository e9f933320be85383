"""Which package pays, pure: the packages named first, then the one that expires first; a record ends where its package
does.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from shared.provisioning import Package

NEVER = datetime.max.replace(tzinfo=UTC)


def left_in(package: Package, used: Mapping[str, Decimal]) -> Decimal:
    """What is left of a package's quota; ``used`` by package instance id."""
    return max(Decimal(0), package.quota - used.get(package.instance_id, Decimal(0)))


def allocated(
    due: Decimal, packages: Sequence[Package], used: Mapping[str, Decimal], named: Collection[str]
) -> list[tuple[str, Decimal]]:
    """(package instance id, amount) parts of ``due``, each within what is left of its package.

    Their sum is less than ``due`` if the packages do not hold that much: the rest waits until another one is bought.
    """
    parts = []
    for package in sorted(packages, key=lambda each: (each.instance_id not in named, each.expires_at or NEVER)):
        part = min(due, left_in(package, used))
        if part > 0:
            parts.append((package.instance_id, part))
            due -= part
    return parts


def used_up(packages: Sequence[Package], used: Mapping[str, Decimal]) -> bool:
    """Is there nothing left in any of the packages? ``False`` where there are none."""
    return bool(packages) and not any(left_in(package, used) for package in packages)


def owed(due: Mapping[str | None, Decimal]) -> list[tuple[str | None, Decimal]]:
    """What is due by package, in all never more than the sum.

    More may be sealed of a package than its events say: when two calls raced with one id and different packages, or
    when a package paid that is not kept any more. That is taken off the others.
    """
    over = -sum((exact for exact in due.values() if exact < 0), Decimal(0))
    owed = []
    for package, exact in sorted(due.items(), key=lambda each: each[0] or ""):
        left = max(exact, Decimal(0))
        taken = min(over, left)
        over -= taken
        if left > taken:
            owed.append((package, left - taken))
    return owed
