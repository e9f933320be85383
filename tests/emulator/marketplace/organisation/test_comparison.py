"""The verdict sees whatever differs."""

from dataclasses import dataclass
from typing import Any

import pytest

from emulator.marketplace.organisation.comparison import Difference, SellerDirectory, compare
from emulator.marketplace.organisation.documents import Subject
from emulator.seller.application import SellerApplication
from tests.emulator.marketplace.organisation.buyers_side import Side


@dataclass
class Held:
    """What the bundle really holds, to be spoilt."""

    side: Side
    tenant_id: str
    departments: list[dict[str, Any]]
    users: list[dict[str, Any]]

    def compared(self) -> list[Difference]:
        directory = SellerDirectory(self.departments, self.users)
        return compare(self.side.market.organisation.repository, self.tenant_id, directory)

    def user(self, name: str) -> dict[str, Any]:
        return next(each for each in self.users if each["userName"] == name)

    def department(self, code: str) -> dict[str, Any]:
        return next(each for each in self.departments if each["orgCode"] == code)


@pytest.fixture
def held(buyers: Side) -> Held:
    subscription = buyers.bound("v2")
    members, tenant_id = buyers.market.organisation.members, buyers.enterprise().id
    members.authorise(subscription.id, ["zhang@acme", "li@acme", "wang@acme"])
    members.revoke(subscription.id, ["wang@acme"])
    buyers.market.run_due()
    found = SellerApplication(buyers.target, buyers.app.settings.app_tokens[0]).directory(tenant_id)
    held = Held(buyers, tenant_id, [dict(each) for each in found.departments], [dict(each) for each in found.users])
    assert held.compared() == []
    return held


@pytest.mark.parametrize(
    ("member", "value", "expected", "found"),
    [
        ("name", "Else", "name 李四 Li Si", "name Else"),
        ("orgCode", "A09", "orgCode A02", "orgCode A09"),
        ("role", "admin", "role user", "role admin"),
        ("enabled", False, "enable true", "enable false"),
        ("state", "REVOKED", "state GRANTED", "state REVOKED"),
        ("mobile", None, "mobile 13900000001", "mobile "),
        ("workPlace", "x", "workPlace Shenzhen", "workPlace x"),
    ],
)
def test_each_member_of_a_user(held: Held, member: str, value: Any, expected: str, found: str) -> None:
    held.user("li@acme")[member] = value
    assert held.compared() == [Difference(Subject.USER, "li@acme", expected, found)]


def test_users_who_are_missing_or_too_many(held: Held) -> None:
    held.users.remove(held.user("li@acme"))
    held.users.append({**held.user("zhang@acme"), "userName": "stranger@acme"})
    one, two = held.compared()
    assert (one.key, two.key) == ("li@acme", "stranger@acme")
    assert one.expected.endswith("workPlace Shenzhen, entryDate 2022-2-2")
    assert (two.expected, two.found) == ("state DELETED", "state GRANTED")


def test_a_revoked_user_who_may_enter(held: Held) -> None:
    held.user("wang@acme")["state"] = "GRANTED"
    assert held.compared() == [Difference(Subject.USER, "wang@acme", "state REVOKED", "state GRANTED")]


def test_departments(held: Held) -> None:
    held.department("A02")["orgName"] = "else"
    held.department("A03")["parentCode"] = ""
    held.department("A04")["stale"] = True
    held.departments.remove(held.department("A05"))
    held.departments += [{"orgCode": "Z", "orgName": "Z", "parentCode": "", "stale": stale} for stale in (True,)]
    held.departments.append({"orgCode": "Y", "orgName": "Y", "parentCode": ""})
    found = {each.key: (each.expected, each.found) for each in held.compared()}
    assert found == {
        "A02": ("研发中心 below A01", "else below A01"),
        "A03": ("平台部 below A02", "平台部 below -"),
        "A04": ("存储组 below A03", ""),
        "A05": ("网络组 below A03", ""),
        "Y": ("", "Y below -"),
    }
