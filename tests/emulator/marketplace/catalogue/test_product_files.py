"""Products as a file: what can be read, what is refused and where, and that nothing is lost on the way."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.marketplace.catalogue.product_entry import ProductEntry, ProductFile
from emulator.marketplace.catalogue.product_files import as_json, as_toml, read
from emulator.marketplace.catalogue.product_rules import ProductsRefused
from emulator.marketplace.catalogue.products import SHELF
from emulator.texts import texts
from shared.commands import Version
from shared.provisioning import Charging
from tests.emulator.marketplace.catalogue.own import OWN

PLAN = {"productId": "p1", "skuCode": "s1", "name": "One", "periodType": "month"}
PRODUCT: dict[str, Any] = {"id": "one", "name": "One", "plans": [PLAN]}

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=64).filter(
    lambda text: text == text.strip() and text != ""
)
ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)


@st.composite
def described(draw: st.DrawFn) -> dict[str, Any]:
    charging = draw(st.sampled_from(Charging))
    lasts = charging in (Charging.PERIOD, Charging.ON_DEMAND_PACKAGE)

    def plan(product_id: str) -> dict[str, Any]:
        period = {"periodType": draw(st.sampled_from(["year", "month", "day"]))} if lasts else {}
        price = str(draw(st.decimals(0, 999999999, places=3)))
        quantity = draw(st.integers(1, 9_999_999))
        sold = {"productId": product_id, "skuCode": draw(ids), "name": draw(words), "quantity": quantity}
        return {**sold, **period, "price": price}

    names = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    form = [
        {"name": name, "value": draw(st.text(max_size=20))} for name in draw(st.lists(ids, max_size=3, unique=True))
    ]
    tried = draw(st.integers(0, 365)) if charging is Charging.PERIOD else 0
    entry = {"id": "product", "name": draw(words), "version": draw(st.sampled_from(Version)), "chargingMode": charging}
    return {**entry, "trialDays": tried, "parameters": form, "plans": [plan(name) for name in names]}


@given(described())
def test_what_is_written_is_read_again(entry: dict[str, Any]) -> None:
    product = ProductEntry.model_validate(entry).listed()
    for text in (as_toml([product]), as_json([product])):
        (again,) = read(text).products
        assert again.listed() == product


def test_the_samples_can_be_written_down() -> None:
    entries = read(as_toml(SHELF.values())).products
    assert [each.id for each in entries] == list(SHELF)
    assert all(each.listed().plans == SHELF[each.id].plans for each in entries)


def test_both_forms_say_the_same() -> None:
    products = [each.listed() for each in read(OWN).products]
    assert read(as_json(products)) == read(as_toml(products))
    assert read(as_toml(products)).products == read(OWN).products


def refused(**changes: Any) -> dict[str, str]:
    """What is said of a product with these members, by the field it is said of."""
    with pytest.raises(ProductsRefused) as refusal:
        read(json.dumps({"products": [{**PRODUCT, **changes}]}))
    return {each.where.removeprefix("products.0."): each.what.id.rpartition(".")[2] for each in refusal.value.problems}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"id": "Not So"}, {"id": "short-name"}),
        ({"id": ""}, {"id": "missing"}),
        ({"plans": [{**PLAN, "skuCode": "a b"}]}, {"plans.0.skuCode": "string_pattern_mismatch"}),
        ({"name": " "}, {"name": "missing"}),
        ({"version": "v3"}, {"version": "enum"}),
        ({"trialDays": "many"}, {"trialDays": "int_parsing"}),
        ({"trialDays": 400}, {"trialDays": "less_than_equal"}),
        ({"plans": []}, {"plans": "too_short"}),
        ({"plans": [{**PLAN, "productId": "p" * 65}]}, {"plans.0.productId": "string_too_long"}),
        ({"plans": [{**PLAN, "price": "-1"}]}, {"plans.0.price": "greater_than_equal"}),
        ({"plans": [{**PLAN, "price": "1.0001"}]}, {"plans.0.price": "decimal_max_digits"}),
        ({"plans": [{**PLAN, "price": "NaN"}]}, {"plans.0.price": "other"}),
        ({"plans": [{**PLAN, "periodType": ""}]}, {"plans.0.periodType": "period"}),
        ({"plans": [PLAN, PLAN]}, {"plans.1.productId": "twice"}),
        ({"chargingMode": "ONE_TIME"}, {"plans.0.periodType": "no-period"}),
        ({"items": [PLAN | {"productId": "p2"}]}, {"items": "no-items"}),
        ({"sold": True}, {"sold": "extra_forbidden"}),
        ({"parameters": [{"name": str(number)} for number in range(4)]}, {"parameters": "too_long"}),
        (
            {"version": "v1", "parameters": [{"name": str(number), "value": "长" * 512} for number in range(3)]},
            {"parameters": "encoded"},
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(changes: dict[str, Any], found: dict[str, str]) -> None:
    assert refused(**changes) == found


def test_two_products_of_one_id_are_refused() -> None:
    with pytest.raises(ProductsRefused, match=r"products\.1\.id: one stands here twice"):
        read(json.dumps({"products": [PRODUCT, PRODUCT]}))


@pytest.mark.parametrize("text", ["{", "id = ", "[" * 100_000, "\x00", "[]", "products = 1"])
def test_what_is_no_file_of_products_is_refused(text: str) -> None:
    with pytest.raises(ProductsRefused):
        read(text)


def test_each_finding_has_a_text() -> None:
    assert {f"products.problem.{name}" for name in ("missing", "other", "enum")} <= texts().keys()
    assert ProductFile.model_fields["samples"].default is True
