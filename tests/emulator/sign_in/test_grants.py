"""What was handed out does not pile up, and is worth nothing to who has left."""

from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Grants, Who
from emulator.sign_in.pages import login_page
from emulator.sign_in.server import PORTAL, SHOWN, Identity
from shared.http import HttpRequest
from tests.fakes import FakeClock

CALLBACK = "https://isv.example/saas/login/callback"


def acme() -> SignInEnterprise:
    return SignInEnterprise("tenant-1", "甲公司 Acme", CALLBACK)


def test_no_secret_stands_in_a_text() -> None:
    before = acme()
    before.add(Member("zhang@acme", "张三", "password-1", "admin"))
    assert "password-1" not in repr(before)
    assert before.client_secret not in repr(before)


def test_enterprises_last_as_long_as_the_server() -> None:
    server = Identity(FakeClock())
    server.add(acme()).add(Member("zhang", "Zhang", "password"))
    assert list(server.enterprises["tenant-1"].members) == ["zhang"]
    assert Identity(FakeClock()).enterprises == {}


def test_who_has_left_is_nobody_any_more() -> None:
    server = Identity(FakeClock())
    enterprise = server.add(acme())
    enterprise.add(Member("zhang", "Zhang", "password"))
    ticket = server.api.ticket(Who("tenant-1", "zhang", CALLBACK))
    client = f"client_id={enterprise.client_id}&client_secret={enterprise.client_secret}"
    code = f"{client}&grant_type=authorization_code&code={server.api.code(Who('tenant-1', 'zhang'))}"
    tokens = server.api.token(HttpRequest("POST", "/", body=code.encode())).body.decode()
    access, refresh = tokens.split('"')[3], tokens.rsplit('"', 2)[1]
    del enterprise.members["zhang"]
    with_token = HttpRequest("GET", "/", headers={"authorization": f"Bearer {access}"})
    assert server.api.userinfo(with_token).status == 401
    again = f"{client}&grant_type=refresh_token&refresh_token={refresh}"
    assert server.api.token(HttpRequest("POST", "/", body=again.encode())).status == 400
    asked = HttpRequest("GET", "/", (("service", CALLBACK), ("ticket", ticket)))
    assert b"INVALID_TICKET" in server.api.validate(asked).body


def test_grants_that_have_expired_are_forgotten() -> None:
    clock = FakeClock()
    given = Grants(clock)
    for number in range(1000):
        given.give(Who("tenant-1", f"user-{number}"), 60)
        clock.advance(1)
    assert len(given._known) == 60


def test_the_oldest_of_too_many_grants_are_forgotten() -> None:
    given = Grants(FakeClock(), most=10)
    people = [Who("tenant-1", f"user-{number}") for number in range(100)]
    texts = [given.give(who, 60) for who in people]
    assert [given.find(text) for text in texts] == [None] * 90 + people[90:]


def test_the_form_offers_only_those_who_get_somewhere_and_only_so_many() -> None:
    server = Identity(FakeClock())
    enterprise = server.add(acme())
    enterprise.members.clear()
    enterprise.add(Member("gone", "name", "password", enabled=False))
    enterprise.add(Member("stranger", "name", "password", authorised=False))
    for number in range(SHOWN + 5):
        enterprise.add(Member(f"user-{number}", "name", "password"))
    page = server.handle(HttpRequest("GET", PORTAL))
    assert page
    assert page.body.count(b"<span>user-") == SHOWN
    assert not [name for name in (b"gone", b"stranger") if name in page.body]
    assert b"Nobody may use it yet" in login_page(HttpRequest("GET", PORTAL), known=()).body


def test_a_wrong_password_leaves_the_account_as_it_was_typed() -> None:
    server = Identity(FakeClock())
    server.add(acme())
    body = b"account=some%22body&password=wrong"
    page = server.handle(HttpRequest("POST", PORTAL, body=body))
    assert page
    assert (page.status, b'value="some&#34;body"' in page.body) == (401, True)
