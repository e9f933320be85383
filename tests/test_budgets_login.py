"""What login may cost: round trips to the store, imports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from functions import login
from tests.events import RUNTIMES
from tests.login_world import TENANT, LoginWorld
from tests.test_budgets import loaded

LOGIN = ["login", *(f"login.{module}" for module in login.MODULES.values())]


@pytest.mark.parametrize("module", LOGIN)
def test_login_imports_nothing_heavy(module: str) -> None:
    assert loaded(f"import functions.{module}") == set()


def served(world: LoginWorld, folder: Path, path: str, cookies: dict[str, str]) -> str:
    """Code that answers a request of a browser in a fresh interpreter, on the store in ``folder``."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return (
        "from emulator.platforms.contexts import LocalLambdaContext\n"
        "from emulator.platforms.event_shapes import api_gateway_http\n"
        "from functions import login\n"
        "from shared.app import App, install\n"
        "from shared.config import Settings, of\n"
        "from shared.http import HttpRequest\n"
        "from shared.store.sqlite.table import SqliteTables\n"
        "from tests.fakes import FakeClock\n"
        f"settings, clock = Settings(of({world.values!r}), lambda store, name: name), FakeClock()\n"
        f"tables = SqliteTables({str(folder / 'store.sqlite')!r}, clock)\n"
        "install(App(settings, clock=clock, tables=tables))\n"
        f"event = api_gateway_http(HttpRequest('GET', '/saas{path}', (), {{'cookie': {cookie!r}}}))\n"
        "assert login.handler(event, LocalLambdaContext('login'))['statusCode'] in (200, 302)"
    )


LOCAL = {"shared.runtimes.aws_lambda", "shared.store.sqlite.table"}


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/login", set[str]()),
        ("/session", {"cryptography", "jwt"}),
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


def test_round_trips_of_login(tmp_path: Path) -> None:
    world = LoginWorld(tmp_path, RUNTIMES[0])
    browser = world.visitor()

    def trips(path: str, method: str = "GET") -> int:
        world.tables.reset()
        browser.send(method, f"https://api.example.com/saas{path}")
        return world.tables.total

    counted = {
        "login": trips("/login"),
        "login at a tenant": trips(f"/login?tenant={TENANT}"),
        "callback without state": trips(f"/login/callback?code={world.code()}&tenant={TENANT}"),
        "callback": trips(browser.begin().removeprefix("https://api.example.com/saas")),
        "session": trips("/session"),
        "refresh, not due": trips("/session/refresh", "POST"),
        "keys": trips("/.well-known/jwks.json"),
    }
    world.clock.advance(7200)
    counted["refresh"] = trips("/session/refresh", "POST")
    counted["logout"] = trips("/logout")

    assert counted == {
        "login": 0,
        "login at a tenant": 2,  # tenant, application
        "callback without state": 2,  # likewise: the browser is sent to the tenant's server
        "callback": 6,  # tenant, application, instances, code, user, session
        "session": 3,  # session, marks, user
        "refresh, not due": 3,
        "keys": 0,
        "refresh": 9,  # as above; lease, tenant, application, instances, session; marks: who was removed meanwhile
        "logout": 5,  # session, marks; delete what is there, and look again
    }
