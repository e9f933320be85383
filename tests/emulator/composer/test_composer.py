"""Every call of the marketplace can be composed, says what its fields mean, and is taken by the bundle."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.checks import CHECKS, examine, first_failure
from emulator.composer import INTERFACES, CallWish, ComposedInterface, NotComposed, compose, of_product, prefilled
from emulator.conformance.call_factory import CallFactory
from emulator.development import KEYS, rsa_key
from emulator.keys import SETTINGS, Keys
from emulator.marketplace.catalogue.product_files import read
from emulator.openapi.order_query import Orders
from emulator.seller.local_bundle import local_app, local_settings
from emulator.texts import texts
from emulator.wire.calls import fields_of
from emulator.wire.client import send
from emulator.wire.client_secret import public_half
from emulator.wire.server import running
from shared.clock import SystemClock
from shared.commands import Version
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import decode_extend_params
from shared.server.routes import routes
from tests.emulator.marketplace.catalogue.own import OWN

CALLS = [pytest.param(each, id=f"{each.version}-{each.name}") for each in INTERFACES.values()]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("bundle")
    app = local_app(local_settings({"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}"}))
    with running(routes(app), threads=2) as url:
        yield url


@pytest.fixture
def factory() -> CallFactory:
    named = {name: KEYS[setting] for name, setting in SETTINGS.items()}
    return CallFactory(Keys(**named, rsa_public_key=public_half(rsa_key())), SystemClock(), "/saas")


@pytest.mark.parametrize("call", CALLS)
def test_what_stands_there_at_first_is_taken(call: ComposedInterface, factory: CallFactory, bundle: str) -> None:
    step = compose(factory, CallWish(call, prefilled(factory, call)))
    reply = send(bundle, step.make())
    failure = first_failure(examine(reply, step.expected, CHECKS))
    assert failure is None, f"{failure.check.title}: {failure.reason}"


@pytest.mark.parametrize("call", CALLS)
def test_what_stands_there_at_first_are_the_fields_of_the_call(call: ComposedInterface, factory: CallFactory) -> None:
    values, names = prefilled(factory, call), {each.name for each in call.fields}
    assert values.keys() <= names
    assert {each.name for each in call.fields if each.needed} <= values.keys()
    assert [each.name for each in call.fields if each.most and len(values.get(each.name, "")) > each.most] == []


def test_each_field_says_what_it_means() -> None:
    names = {each.name for call in INTERFACES.values() for each in call.fields}
    assert {f"fields.{name}" for name in names} == {key for key in texts() if key.startswith("fields.")}


@pytest.mark.parametrize("call", [each for each in INTERFACES.values() if not each.sync], ids=lambda call: call.name)
def test_every_field_is_sent_as_its_kind_says(call: ComposedInterface, factory: CallFactory) -> None:
    given = {"number": "3", "json": '{"a": 1}', "secret": "13800000000", "pairs": '[{"name": "n", "value": "v"}]'}
    values = {each.name: given.get(each.kind, "text") for each in call.fields}
    request = compose(factory, CallWish(call, values)).make()
    sent = fields_of(request) if call.version is Version.V1 else json.loads(request.body)
    for each in call.fields:
        got, kind = sent[each.name], each.kind
        if kind == "secret":
            assert FieldCipher([factory.keys.key]).decrypt(got, field="") == "13800000000"
        elif kind == "pairs":
            assert decode_extend_params(got) == {"n": "v"}
        else:
            assert got == {"json": {"a": 1}, "number": "3" if call.version is Version.V1 else 3}.get(kind, "text")


def test_what_is_empty_is_not_sent_and_a_real_call_has_no_flag(factory: CallFactory) -> None:
    call = INTERFACES[Version.V2, "releaseInstance"]
    values = {"instanceId": "i", "orderId": "", "futureField": "new"}
    real = json.loads(compose(factory, CallWish(call, values, real=True)).make().body)
    assert real == {"activity": "releaseInstance", "instanceId": "i", "futureField": "new"}
    assert json.loads(compose(factory, CallWish(call, values)).make().body) == {**real, "testFlag": "1"}


def test_what_cannot_be_sent_is_refused(factory: CallFactory) -> None:
    check = INTERFACES[Version.V2, "changeInstanceCheck"]
    with pytest.raises(NotComposed) as refusal:
        compose(factory, CallWish(check, {"productInfo": "{"}))
    assert refusal.value.field == "productInfo"
    with pytest.raises(NotComposed, match="KOOGALLERY_ACCESS_KEY"):
        compose(CallFactory(Keys("key-1"), SystemClock(), "/saas"), CallWish(check, {}))


@pytest.mark.parametrize("call", CALLS)
def test_a_product_stands_in_every_call_that_names_one(call: ComposedInterface, factory: CallFactory) -> None:
    crm, messages = (each.listed() for each in read(OWN).products)
    product = crm if call.version is Version.V2 else messages
    values = of_product(factory, call, product, product.plans[0])
    told = json.loads(values["productInfo"]) if "productInfo" in values else values
    if "skuCode" in {each.name for each in call.fields} or "productInfo" in values:
        assert (told["productId"], told["skuCode"]) == (product.plans[0].id, product.plans[0].sku_code)


def test_an_order_of_version_2_is_told_by_the_order_query() -> None:
    orders, clock = Orders(SystemClock()), SystemClock()
    factory = CallFactory(Keys("a", "b", "c", "d"), clock, "/saas", orders=orders)
    crm = read(OWN).products[0].listed()
    values = of_product(factory, INTERFACES[Version.V2, "newInstance"], crm, crm.plans[1])
    order = orders.get(values["orderId"])
    assert order is not None
    (line,) = order.lines
    assert (line.line_id, line.specification.sku_code) == (values["orderLineId"], "crm-business")
