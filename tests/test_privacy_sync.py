"""Secrets and personal data of organisation sync are where they belong and nowhere else: not in a log line, an error's
text or a repr, and not readable in the store.
"""

import json
import sqlite3
from typing import Any

import pytest

from shared.clock import Deadline
from shared.errors import KooGalleryError
from shared.http import HttpRequest
from shared.protocol.choose import sync_dialect
from tests.enterprise_calls import (
    CLIENT_SECRET,
    SECRET,
    SYNC_KEY,
    TENANT,
    TOKEN,
    VERSIONS,
    Buyer,
    sync_settings,
    user,
)
from tests.platforms import ENTRIES, Deployed
from tests.world import KEY

PHONE, MAIL, NAME, COMPANY = "13912345678", "li.si@example.org", "李四光", "李四有限公司"
PLACE, EXTRA = "Li Street 7", "id-number-3522"
PERSONAL = [PHONE, MAIL, NAME, COMPANY, PLACE, EXTRA]
SECRETS = [CLIENT_SECRET, SECRET["ciphertext"], KEY, SYNC_KEY, TOKEN, "a-storage-key-for-tests", "PRIVATE KEY"]


@pytest.fixture(params=[ENTRIES[0], ENTRIES[-1]], ids=lambda entry: entry.name)
def world(request, tmp_path) -> Deployed:
    """A bundle whose buyer's people have much to hide."""
    return Deployed(tmp_path, request.param, sync_settings())


@pytest.fixture(params=VERSIONS)
def buyer(world, request) -> Buyer:
    return Buyer(world.clock, request.param)


def someone(**more: Any) -> dict[str, Any]:
    personal = {"name": NAME, "mobile": PHONE, "email": MAIL, "workPlace": PLACE, "extension": {"idNum": EXTRA}}
    return user("lisi02", **personal | more)


def found_in(text: str) -> list[str]:
    """What of it stands in ``text``, as it is or as JSON escapes it."""
    return [word for word in (*PERSONAL, *SECRETS) if word in text or json.dumps(word)[1:-1] in text]


def life(buyer: Buyer) -> list[HttpRequest]:
    return [
        buyer.tenant(name=COMPANY),
        buyer.application(),
        buyer.users(someone()),
        buyer.users(someone(), testFlag=1),
        buyer.users(someone(enable="false"), flag=2),
        buyer.application(clientSecret=f"{CLIENT_SECRET}!"),
        buyer.users(someone(role=NAME)),
        buyer.users(someone(userName=f"{PHONE}\n")),
        buyer.tenant(domainName=f"http://{MAIL}"),
        buyer.call("allOrgSync", orgInfo=f"[{{{NAME}"),
        HttpRequest("POST", "/saas/produceAPI/v2/authSync", headers={"x-sign": CLIENT_SECRET}, body=PHONE.encode()),
    ]


def test_nothing_is_in_log_answer_and_store(world, buyer, log_lines, tmp_path):
    answers = []
    for request in life(buyer):
        world.clock.advance(0.001)
        answers.append(world.raw(request))
    assert world.app.directory.user(TENANT, "lisi02").mobile == PHONE
    assert world.app.directory.application(TENANT, None).client_secret == CLIENT_SECRET
    assert [json.loads(answer.body)["resultCode"] == "000000" for answer in answers] == [
        *[True] * 5,
        False,  # a client secret that cannot be decrypted
        True,  # a role that is none gives no rights
        *[False] * 4,
    ]
    assert len({answer.body for answer in answers if b'"000000"' in answer.body}) == 1
    for answer in answers:
        assert found_in(answer.body.decode()) == []
    assert len(log_lines("answered")) == len(answers)
    assert found_in(log_lines.text) == []
    signs = [
        value for request in life(buyer) for name, value in request.headers.items() if name in ("authtoken", "x-sign")
    ]
    assert [sign for sign in signs if sign in log_lines.text] == []

    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    assert "lisi02" in text
    assert found_in(text) == []


def test_reprs_and_error_texts_hide_what_they_are_about(world, buyer):
    for request in life(buyer):
        dialect = sync_dialect(world.app.settings, world.clock, request)
        things: list[Any] = [request, dialect]
        try:
            call = dialect.authenticate(request, Deadline(world.clock, 4))
            things += [call]
            things += [dialect.decode(call)]
        except KooGalleryError as error:
            things += [error, error.__context__, error.__cause__, str(error)]
        assert found_in(repr(things)) == []


def test_a_provisioner_that_quotes_leaves_nothing_in_the_log(world, buyer, log_lines):
    def fail(tenant_id: str, user: Any, change: Any, key: str) -> None:
        raise RuntimeError(f"cannot tell {user.mobile} {user.name}")

    world.provisioner.member_changed = fail
    world.raw(buyer.users(someone()))
    assert len(log_lines("the provisioner failed on a member")) == 1
    assert found_in(log_lines.text) == []
