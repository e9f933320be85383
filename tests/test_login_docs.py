"""What the page about login says is what the code does."""

import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from functions import login
from shared.login.refusals import RefusalReason
from shared.login.texts import PAGE_TEXTS
from tests.events import RUNTIMES
from tests.login_world import APP_ID, BUNDLE, LoginWorld
from tests.pages import Page, both, named, names_in, texts

pytestmark = pytest.mark.docs
PAGES = both("docs/login")


@pytest.fixture
def world(tmp_path: Path) -> LoginWorld:
    # Tokens are checked by the machine's clock, as an application does.
    from shared.clock import SystemClock

    return LoginWorld(tmp_path, RUNTIMES[0], clock=SystemClock())


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_the_applications_code_verifies_tokens(each: Page, world: LoginWorld) -> None:
    defined: dict[str, Any] = {}
    for text in texts(each, "python"):
        exec(compile(text, each.name, "exec"), defined)  # noqa: S102 - our own documentation
    browser = world.logged_in()
    token = browser.session()[1]["token"]
    keys = json.loads(browser.saas("/.well-known/jwks.json").body)

    claims = defined["verified"](token, keys, f"{BUNDLE}/saas", APP_ID)
    assert (claims["sub"], claims["role"]) == ("zhang@acme", "admin")
    for issuer, app_id in (("https://evil.example.org", APP_ID), (f"{BUNDLE}/saas", "app-2")):
        with pytest.raises(jwt.InvalidTokenError):
            defined["verified"](token, keys, issuer, app_id)
    with pytest.raises(jwt.InvalidTokenError):
        defined["verified"](f"{token[:-4]}AAAA", keys, f"{BUNDLE}/saas", APP_ID)


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_every_route_is_listed(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0].startswith("`GET /login`")]
    listed = {name for row in rows for name in names_in(row[0]) if name.startswith(("GET /", "POST /"))}
    routes = {path: route.methods for path in login.MODULES if (route := login.find(path))}
    served = {f"{method} {path}" for path, methods in routes.items() for method in methods}

    assert listed == {each for each in served if not each.startswith("OPTIONS")}
    asked_before = {path for path, methods in routes.items() if "OPTIONS" in methods}
    (sentence,) = [line for line in each.text.splitlines() if "`OPTIONS`" in line]
    assert {name for name in names_in(sentence) if name.startswith("/")} == asked_before


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_every_trouble_is_listed_with_its_status(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`not-authorised`"]

    assert {row[0].strip("`"): int(row[1]) for row in rows} == {
        reason.value: PAGE_TEXTS[reason].status.value for reason in RefusalReason
    }


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_the_answer_has_the_members_that_are_shown(each: Page, world: LoginWorld) -> None:
    (shown,) = [json.loads(text) for text in texts(each, "json")]
    _, members = world.logged_in().session()

    assert set(members) == set(shown)
    assert set(members["user"]) == set(shown["user"])
    assert set(members["tenant"]) == set(shown["tenant"])
