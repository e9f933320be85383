"""Large enterprises: calls of at most 500 users, one list of departments however long."""

import json
from typing import Any

import pytest

from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.organisation.documents import Employee, EnterpriseDepartment, keyed
from emulator.seller.application import SellerApplication
from tests.emulator.marketplace.organisation.buyers_side import Side

KITS = pytest.mark.parametrize("kit", ["v1", "v2"])
NAMES = ("长孙无忌甲", "Ægir Þórsson", "مريم", "Zoë\u0301", "𠮷田 🚀", "O'Brien & “Co”")


def grown(buyers: Side, users: int, departments: int = 0) -> list[str]:
    tenant_id = buyers.enterprise().id
    buyers.market.database.put(
        *[
            EnterpriseDepartment(
                id=keyed(tenant_id, f"D{n}"), tenant_id=tenant_id, code=f"D{n}", name=f"部 {n}", parent=parent
            )
            for n in range(departments)
            for parent in [f"D{(n - 1) // 10}" if n else "A01"]
        ],
        *[
            Employee(
                id=keyed(tenant_id, f"u{n}@acme"),
                tenant_id=tenant_id,
                user_name=f"u{n}@acme",
                name=NAMES[n % len(NAMES)],
                department="A04",
                password="made-up",
            )
            for n in range(users)
        ],
    )
    return [f"u{n}@acme" for n in range(users)]


def sizes(bodies: list[Any]) -> list[int]:
    lists = [body["userList"] for body in bodies]
    return [len(json.loads(each) if isinstance(each, str) else each) for each in lists]


@KITS
@pytest.mark.parametrize(("users", "expected"), [(500, [500]), (501, [500, 1])])
def test_users_at_and_above_the_limit(buyers: Side, kit: str, users: int, expected: list[int]) -> None:
    names = grown(buyers, users)
    subscription = buyers.bound(kit)
    buyers.market.organisation.members.authorise(subscription.id, names)
    assert buyers.differences() == []
    bodies = buyers.sent("authSync")
    assert sizes(bodies) == expected
    assert len({body["currentSyncTime"] for body in bodies}) == len(bodies), "no two words of one time"


@KITS
def test_more_than_a_page(buyers: Side, kit: str) -> None:
    names = grown(buyers, 1100, departments=1100)
    subscription = buyers.bound(kit)
    members = buyers.market.organisation.members
    members.authorise(subscription.id, names)
    assert buyers.differences() == []
    members.enable(buyers.enterprise().id, names, enabled=False)
    members.revoke(subscription.id, names[:7])
    members.remove(buyers.enterprise().id, names[-7:])
    assert buyers.differences() == []
    assert sizes(buyers.sent("authSync")) == [500, 500, 100, 500, 500, 100, 7, 7]
    assert len(buyers.sent("allOrgSync")) == 1
    assert buyers.untold() == []


def test_what_is_no_directory(buyers: Side) -> None:
    with pytest.raises(ConnectionError, match="401"):
        SellerApplication(buyers.target, "another token").directory("tenant")
    with pytest.raises(ConnectionError, match="404"):
        SellerApplication(Target(buyers.target.base, "/elsewhere"), "token").directory("tenant")
    with pytest.raises(ConnectionError, match="departments"):
        SellerApplication(Target("http://127.0.0.1:9"), "token").directory("tenant")
