"""The tables of parameters in docs/interfaces.md are what the code does: each parameter unreadable, each one absent."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from functions import gateway
from shared.http import HttpRequest
from tests.market import EXPIRES, V1, V2, bought
from tests.pages import Page, both, names_in, page
from tests.world import NOTIFY_KEY, World

NEEDED, OPTIONAL, NONE = ("needed", "必需"), ("optional", "可选"), "–"
REFUSED, ABSENT, NOT_READ = ("refused", "拒绝"), ("absent", "视为没有"), ("not read", "不读取")
OVER_LONG = "x" * 5000
UNREADABLE: dict[str, list[Any]] = {V1: [OVER_LONG, "业务 \x01" * 200], V2: [OVER_LONG, [], [["x"]], {"x": 1}, True]}


ORDER = {"orderId": "CS9"}
BUSINESS = {"businessId": "business-9"}
INSTANCE = {"instanceId": "business-1"}
CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("newInstance", V1): {**ORDER, **BUSINESS, "customerId": "customer-1", "chargingMode": 1},
    ("newInstance", V2): {**ORDER, **BUSINESS, "orderLineId": "CS9-000001"},
    ("refreshInstance", V1): {**ORDER, **INSTANCE, "expireTime": EXPIRES[V1]},
    ("refreshInstance", V2): {**ORDER, **INSTANCE, "expireTime": EXPIRES[V2], "scene": "RENEWAL"},
    ("expireInstance", V1): INSTANCE,
    ("releaseInstance", V1): INSTANCE,
    ("releaseInstance", V2): INSTANCE,
    ("upgrade", V1): {**ORDER, **INSTANCE, "skuCode": "sku-2", "productId": "product-2"},
    ("upgradeInstance", V2): {**ORDER, **INSTANCE},
    ("instanceStatus", V1): {**INSTANCE, "instanceStatus": "FREEZE"},
    ("updateInstanceStatus", V2): {**INSTANCE, "status": "FREEZE"},
    ("queryInstance", V1): INSTANCE,
    ("queryInstance", V2): INSTANCE,
    ("changeInstanceCheck", V2): {**INSTANCE, "productInfo": {"productId": "small", "skuCode": "sku-s"}},
    ("orderNotify", V2): ORDER,
}
"""A proper call of each interface about an instance that is there, or a new order."""


class Case(NamedTuple):
    """One parameter of one interface in one version."""

    activity: str
    version: str
    parameter: str
    needed: bool
    effect: str


def cases(each: Page) -> Iterator[Case]:
    """What the page says."""
    for header, *rows in each.tables:
        if header[1:3] != ["V1", "V2"] or not header[0].startswith("`"):
            continue
        activities = names_in(header[0])
        for cell, v1, v2, effect in rows:
            for version, cell_of in ((V1, v1), (V2, v2)):
                if cell_of != NONE:
                    told = re.split("[,，]", cell_of)[0]  # an exception may follow
                    assert told in (*NEEDED, *OPTIONAL)
                    activity = activities[-1] if version == V2 else activities[0]
                    for name in names_in(cell):
                        yield Case(activity, version, name, told in NEEDED, effect)


CASES = list(cases(page("docs/interfaces.md")))
KIND = {effect: kind for kind in (REFUSED, ABSENT, NOT_READ) for effect in kind}


def kind(case: Case) -> tuple[str, str]:
    """Which of the three effects the last cell begins with."""
    return next(kind for start, kind in KIND.items() if case.effect.startswith(start))


def ids(case: Case) -> str:
    return f"{case.activity}-{case.version}-{case.parameter}"


def request(world: World, case: Case, value: Any) -> HttpRequest:
    """A call that is right but for this parameter."""
    name, _, inner = case.parameter.partition(".")
    members = CALLS[case.activity, case.version]
    changed = members | {name: members[name] | {inner: value} if inner else value}
    caller = world.v1 if case.version == V1 else world.notify if case.activity == "orderNotify" else world.v2
    return caller.call(case.activity, **changed)


def answer(world: World, case: Case, value: Any) -> dict[str, Any]:
    key = NOTIFY_KEY if case.activity == "orderNotify" else None
    return world.send(request(world, case, value), key)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    assert bought(world, V1) == "business-1"
    return world


def test_every_interface_has_its_table() -> None:
    assert {(case.activity, case.version) for case in CASES} == set(CALLS)
    assert {activity for activity, _ in CALLS} == set(gateway.MODULES)


def test_both_pages_say_the_same() -> None:
    english, chinese = ([(case[:4], kind(case)) for case in cases(each)] for each in both("docs/interfaces"))
    assert english == chinese
    assert len(english) > 70


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_what_cannot_be_read(world, case, log_lines):
    before = world.app.instances.get("business-1")
    for value in UNREADABLE[case.version]:
        told = answer(world, case, value)
        if kind(case) == REFUSED:
            assert told == {"resultCode": "000002", "resultMsg": f"{case.parameter} is missing or malformed"}
            assert world.app.instances.get("business-1") == before
        else:
            assert told["resultCode"] == "000000", value
    lines = log_lines("what cannot be read counts as absent")
    assert {line["parameters"] for line in lines} == ({case.parameter} if kind(case) == ABSENT else set())


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_what_is_absent(world, case):
    for value in (None, ""):
        told = answer(world, case, value)
        if case.needed:
            assert told == {"resultCode": "000002", "resultMsg": f"{case.parameter} is missing or malformed"}
        else:
            assert told["resultCode"] == "000000"
