"""What login may cost: round trips to the store, imports."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.platforms.event_shapes import api_gateway_http
from functions import login
from shared.http import HttpRequest
from tests.events import RUNTIMES
from tests.login_world import INSTANCE, TENANT, Browser, LoginWorld
from tests.market import VERSIONS, freezing, release
from tests.test_budgets import loaded

LOGIN = ["login", *(f"login.{module}" for module in login.MODULES.values())]


@pytest.mark.sweep
@pytest.mark.parametrize("module", LOGIN)
def test_login_imports_nothing_heavy(module: str) -> None:
    assert loaded(f"import functions.{module}") == set()


def served(world: LoginWorld, folder: Path, path: str, cookies: dict[str, str]) -> str:
    """Code that answers a request of a browser in a fresh interpreter, on the store in ``folder``."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    event = api_gateway_http(HttpRequest("GET", f"/saas{path}", (), {"cookie": cookie}))
    return (
        "from emulator.platforms.contexts import LocalLambdaContext\n"
        "from functions import login\n"
        "from shared.app import App, install\n"
        "from shared.config import Settings, of\n"
        "from shared.store.sqlite.table import SqliteTables\n"
        "from tests.fakes import FakeClock\n"
        f"settings, clock = Settings(of({world.values!r}), lambda store, name: name), FakeClock()\n"
        f"tables = SqliteTables({str(folder / 'store.sqlite')!r}, clock)\n"
        "install(App(settings, clock=clock, tables=tables))\n"
        f"assert login.handler({event!r}, LocalLambdaContext('login'))['statusCode'] in (200, 302)"
    )


LOCAL = {"shared.runtimes.aws_lambda", "shared.store.sqlite.table"}


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/login", set[str]()),
        ("/session", {"cryptography", "jwt", "email.parser"}),  # which PyJWT loads to fetch keys, as it does not here
        ("/.well-known/jwks.json", {"cryptography"}),
        ("/logout", {"cryptography"}),
    ],
)
def test_login_loads_nothing_that_a_purchase_needs(tmp_path: Path, path: str, needed: set[str]) -> None:
    world = LoginWorld(tmp_path, RUNTIMES[0])
    code = served(world, tmp_path, path, world.logged_in().jar)

    assert loaded(code) == LOCAL | needed


def test_login_loads_one_route(tmp_path: Path) -> None:
    code = served(LoginWorld(tmp_path, RUNTIMES[0]), tmp_path, "/login", {})
    modules = "sorted(name for name in sys.modules if name.startswith('functions.'))"
    script = f"{code}\nimport json, sys\nprint(json.dumps({modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1]) == ["functions.login", "functions.login.start"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("end", [freezing, release])
@pytest.mark.parametrize(("entered", "trips"), [(False, [3, 1]), (True, [4, 2])])
def test_round_trips_of_an_end(tmp_path: Path, version: str, end: Any, entered: bool, trips: list[int]) -> None:
    """Read, take, store; and where somebody has ever logged in, the mark that ends sessions."""
    world = LoginWorld(tmp_path, RUNTIMES[0])
    if entered:
        world.logged_in()
    world.clock.advance(1)
    request = end(world, version, INSTANCE)
    assert [world.counted(request)[1] for _ in range(2)] == trips


def test_round_trips_of_login(tmp_path: Path) -> None:
    world = LoginWorld(tmp_path, RUNTIMES[0])
    browser, another = world.visitor(), world.visitor()

    def trips(path: str, method: str = "GET", by: Browser = browser) -> int:
        world.tables.reset()
        by.send(method, f"https://api.example.com/saas{path}")
        return world.tables.total

    counted = {
        "login": trips("/login"),
        "login at a tenant": trips(f"/login?tenant={TENANT}"),
        "callback without state": trips(f"/login/callback?code={world.code()}&tenant={TENANT}"),
        "first callback": trips(browser.begin().removeprefix("https://api.example.com/saas")),
        "callback": trips(another.begin().removeprefix("https://api.example.com/saas"), by=another),
        "session": trips("/session"),
        "refresh, not due": trips("/session/refresh", "POST"),
        "keys": trips("/.well-known/jwks.json"),
    }
    world.clock.advance(7200)
    counted["refresh"] = trips("/session/refresh", "POST")
    counted["logout"] = trips("/logout")

    assert counted == {
        "login": 0,
        "login at a tenant": 1,  # tenant and application
        "callback without state": 1,  # likewise: the browser is sent to the tenant's server
        "first callback": 7,  # tenant and application, instances, code, user, session; instance, noted there
        "callback": 5,
        "session": 3,  # session, marks, user
        "refresh, not due": 3,
        "keys": 0,
        "refresh": 8,  # as above; lease, tenant, instances, session; marks: who was removed meanwhile
        "logout": 5,  # session, marks; delete what is there, and look again
    }
