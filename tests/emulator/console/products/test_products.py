"""The catalogue in the console: written, refused beside the field, changed while in use, imported and exported."""

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from emulator.marketplace.catalogue.product_files import read
from emulator.marketplace.catalogue.products import SHELF
from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.provisioning import Charging
from tests.emulator.marketplace.catalogue.own import OWN

FORM = {
    "id": "crm",
    "name": "Example CRM",
    "version": "v2",
    "chargingMode": "PERIOD",
    "trialDays": "14",
    "plans.0.productId": "p-team",
    "plans.0.skuCode": "team",
    "plans.0.name": "Team",
    "plans.0.periodType": "month",
    "plans.0.price": "99.00",
    "plans.0.accessories": "p-support, support, 2, Support\n",
    "plans.1.productId": "",
    "parameters.0.name": "domain",
    "parameters.0.value": "crm.example.com",
}


def test_a_product_is_written(client: FlaskClient, market: Market) -> None:
    assert client.post("/products/new", data=FORM).status_code == 303
    (made,) = market.catalogue.own()
    assert (made.id, made.charging, made.trial_days) == ("crm", Charging.PERIOD, 14)
    assert made.parameters == (("domain", "crm.example.com"),)
    (plan,) = made.plans
    assert (plan.id, plan.sku_code, plan.days, str(plan.price)) == ("p-team", "team", 30, "99.00")
    assert [(each.id, each.quantity, each.name) for each in plan.accessories] == [("p-support", 2, "Support")]
    assert "crm" in client.get("/products").text


def test_what_a_new_product_has_at_first_can_be_sold(client: FlaskClient, market: Market) -> None:
    """A reader fills in what only he knows, and finds the way to the shelf."""
    offered = client.get("/products/new").text
    assert '<option value="month" selected>' in offered
    known = {"id": "crm", "name": "CRM", "version": "v2", "chargingMode": "PERIOD"}
    plan = {"productId": "00301-1-0--0", "skuCode": "team", "name": "Team", "price": "99"}
    first = {"periodType": "month", "periodNumber": "1"}
    rows = {f"plans.0.{name}": value for name, value in (plan | first).items()}
    page = client.post("/products/new", data=known | rows, follow_redirects=True).text
    assert '<a class="button primary" href="/buyer#buy-crm"' in page
    assert 'id="buy-crm"' in client.get("/buyer").text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(client: FlaskClient, market: Market) -> None:
    answer = client.post("/products/new", data=FORM | {"plans.0.price": "cheap", "trialDays": "soon", "id": "A B"})
    assert answer.status_code == 422
    for field, typed in (("plans.0.price", "cheap"), ("trialDays", "soon"), ("id", "A B"), ("name", "Example CRM")):
        assert re.search(f'<input id="{re.escape(field)}"[^>]* value="{typed}"', answer.text), field
    assert re.findall('id="e-([^"]+)"', answer.text) == ["id", "trialDays", "plans.0.price"]
    assert 'id="plans.0.price" name="plans.0.price" type="text" value="cheap" autocomplete="off"' in answer.text
    assert market.catalogue.own() == []


def test_what_is_wrong_in_a_line_of_accessories_stands_below_it(client: FlaskClient) -> None:
    answer = client.post("/products/new", data=FORM | {"plans.0.accessories": "p-support, support, many"})
    assert re.findall('id="e-([^"]+)"', answer.text) == ["plans.0.accessories"]
    assert "p-support, support, many" in answer.text


def test_another_row_keeps_what_was_typed(client: FlaskClient, market: Market) -> None:
    answer = client.post("/products/new", data=FORM | {"spare": "plans", "plans.0.price": "cheap"})
    assert answer.status_code == 200
    assert 'id="plans.1.productId"' in answer.text
    assert 'value="cheap"' in answer.text
    assert market.catalogue.own() == []


def test_two_products_cannot_be_called_the_same(client: FlaskClient) -> None:
    client.post("/products/new", data=FORM)
    answer = client.post("/products/new", data=FORM)
    assert answer.status_code == 422
    assert "Another product is called so." in answer.text


def test_the_editor_saves_what_it_shows(client: FlaskClient, market: Market) -> None:
    market.catalogue.load(each.listed() for each in read(OWN).products)
    for before in market.catalogue.own():
        shown = client.get(f"/products/{before.id}").text
        fields = dict(re.findall(r'<input id="[^"]*" name="([^"]+)" type="text" value="([^"]*)"', shown))
        areas = dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', shown))
        chosen = {
            name: found[1]
            for name, options in re.findall(r'<select id="[^"]*" name="([^"]+)"[^>]*>(.*?)</select>', shown, re.DOTALL)
            if (found := re.search(r'value="([^"]*)" selected', options))
        }
        assert client.post(f"/products/{before.id}", data=fields | areas | chosen).status_code == 303
        assert market.catalogue.get(before.id) == before


def test_what_somebody_has_is_revised(client: FlaskClient, market: Market) -> None:
    client.post("/products/new", data=FORM)
    market.shop.buy(market.database.all(Customer)[0].id, "crm")
    assert "Somebody has this product" in client.get("/products/crm").text
    answer = client.post("/products/crm", data=FORM | {"plans.0.price": "120.00"}, follow_redirects=True)
    assert "Saved as crm@2" in answer.text
    shelf = client.get("/buyer").text
    assert 'id="buy-crm@2"' in shelf
    assert 'id="buy-crm"' not in shelf


def test_a_product_is_withdrawn(client: FlaskClient, market: Market) -> None:
    client.post("/products/new", data=FORM)
    assert client.post("/products/crm/withdraw").status_code == 303
    assert market.catalogue.own() == []
    assert client.post("/products/crm/withdraw").status_code == 404
    assert client.get("/products/crm").status_code == 404


def test_the_buyer_fills_in_the_form(client: FlaskClient, market: Market) -> None:
    client.post("/products/new", data=FORM)
    customer = market.database.all(Customer)[0]
    client.post(f"/buyer/{customer.id}/buy", data={"product": "crm", "form-domain": "acme.example"})
    (bought,) = market.database.all(Subscription)
    order = market.orders.get(bought.order_id)
    assert order is not None
    assert order.lines[0].specification.parameters == {"domain": "acme.example"}


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_exported_can_be_imported(client: FlaskClient, market: Market, form: str) -> None:
    market.catalogue.load(each.listed() for each in read(OWN).products)
    before, file = market.catalogue.own(), client.get(f"/products/export.{form}")
    for each in before:
        market.catalogue.withdraw(each.id)
    client.post("/products/import", data={"file": (BytesIO(file.data), f"products.{form}")})
    assert market.catalogue.own() == before
    assert client.get("/products/export.yaml").status_code == 404


def test_without_own_products_the_samples_are_exported(client: FlaskClient) -> None:
    assert [each.id for each in read(client.get("/products/export.toml").text).products] == list(SHELF)


def test_a_file_that_is_wrong_is_shown_with_why(client: FlaskClient, market: Market) -> None:
    typed = OWN.replace('price = "99.00"', 'price = "cheap"')
    answer = client.post("/products/import", data={"text": typed})
    assert answer.status_code == 422
    assert "products.0.plans.0.price" in answer.text
    assert "cheap" in answer.text
    assert market.catalogue.own() == []
