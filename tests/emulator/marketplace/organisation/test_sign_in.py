"""Members log in at the sign-in server, which knows them as the organisation has them."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from emulator.marketplace.organisation.sign_in import connect, login_accounts, prepare_login
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.sign_in.server import PORTAL, Identity
from shared.http import HttpRequest, HttpResponse
from tests.emulator.marketplace.organisation.buyers_side import CALLBACK, NOWHERE, Side
from tests.emulator.provisioners import Slow


def connected(buyers: Side) -> Identity:
    identity = Identity(buyers.market.clock)
    connect(buyers.market.organisation, identity)
    return identity


def sign_in(identity: Identity, account: str, password: str) -> HttpResponse:
    body = urlencode({"account": account, "password": password}).encode()
    response = identity.handle(HttpRequest("POST", PORTAL, body=body))
    assert response is not None
    return response


def token(identity: Identity, code: str, tenant_id: str) -> int:
    known = identity.enterprises[tenant_id]
    client = {"client_id": known.client_id, "client_secret": known.client_secret}
    form = {"grant_type": "authorization_code", "code": code, **client}
    response = identity.handle(HttpRequest("POST", "/api/v1/oauth2/token", body=urlencode(form).encode()))
    assert response is not None
    return response.status


@pytest.mark.parametrize("product", ["yearly-v1", "yearly-v2"])
def test_somebody_can_log_in(buyers: Side, product: str) -> None:
    identity = connected(buyers)
    assert identity.enterprises == {}
    accounts = prepare_login(buyers.market, product)
    assert [(each.user_name, each.password, each.enterprise) for each in accounts] == [
        ("zhang@acme", "zhang-password", "Acme 有限公司"),
        ("li@acme", "li-password", "Acme 有限公司"),
    ]
    assert "zhang-password" not in repr(accounts)
    assert prepare_login(buyers.market) == accounts, "nothing is bought twice"
    assert buyers.market.timeline.count() == len(buyers.market.timeline.lines(limit=100))
    response = sign_in(identity, "zhang@acme", "zhang-password")
    sent = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert response.headers["Location"].startswith(CALLBACK)
    assert sent["tenant"] == buyers.enterprise().id
    assert token(identity, sent["code"], sent["tenant"]) == 200
    application = buyers.app.directory.application(sent["tenant"], None)
    assert application is not None
    assert application.client_secret == identity.enterprises[sent["tenant"]].client_secret


def test_the_server_hears_of_changes(buyers: Side) -> None:
    identity = connected(buyers)
    prepare_login(buyers.market)
    organisation, tenant_id = buyers.market.organisation, buyers.enterprise().id
    organisation.members.enable(tenant_id, ["li@acme"], enabled=False)
    assert sign_in(identity, "li@acme", "li-password").status == 401
    assert [each.user_name for each in login_accounts(buyers.market)] == ["zhang@acme"]
    organisation.members.enable(tenant_id, ["li@acme"], enabled=True)
    code = dict(parse_qsl(urlsplit(sign_in(identity, "li@acme", "li-password").headers["Location"]).query))["code"]
    organisation.members.remove(tenant_id, ["li@acme"])
    assert token(identity, code, tenant_id) == 400, "what was given out to who is gone"
    assert sign_in(identity, "li@acme", "li-password").status == 401
    organisation.members.add(tenant_id, "new@acme", "新人", "A01", password="of-the-new-one")
    assert sign_in(identity, "new@acme", "of-the-new-one").status == 302
    secret = organisation.bindings.renew_client(tenant_id).client_secret
    assert identity.enterprises[tenant_id].client_secret == secret
    organisation.dissolve(tenant_id)
    assert identity.enterprises[tenant_id].members == {}


def test_after_a_restart(buyers: Side) -> None:
    prepare_login(buyers.market)
    again = buyers.reopened()
    assert [each.user_name for each in login_accounts(again.market)] == ["zhang@acme", "li@acme"]
    assert sign_in(connected(again), "li@acme", "li-password").status == 302
    again.market.close()


@pytest.mark.parametrize("product", ["yearly-v1", "yearly-v2"])
def test_an_instance_that_is_slow_to_come_is_waited_for(buyers: Side, product: str) -> None:
    buyers.app.__dict__["provisioner"] = Slow(4)
    waits = iter([True, True])
    with pytest.raises(NotPossible, match="newInstance"):
        prepare_login(buyers.market, product, wait=lambda: next(waits, False))
    assert len(prepare_login(buyers.market, product, wait=lambda: True)) == 2
    assert buyers.market.database.count(Subscription) == 1, "nothing is bought twice"


def test_a_seller_who_does_not_answer(buyers: Side) -> None:
    buyers.market.sender.target = NOWHERE
    with pytest.raises(NotPossible, match="newInstance"):
        prepare_login(buyers.market, "yearly-v1")
    buyers.market.sender.target = buyers.target
    subscription = buyers.bought("v2")
    buyers.market.sender.target = NOWHERE
    with pytest.raises(NotPossible, match="tenantSync"):
        prepare_login(buyers.market)
    buyers.market.sender.target = buyers.target
    assert len(prepare_login(buyers.market)) == 2
    assert buyers.market.organisation.repository.employee(buyers.enterprise().id, "li@acme").authorised == (
        subscription.id,
    )
