"""What every page of the console must be: quiet, as wide as the window, and free of barriers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import ConsoleMessage, Locator, Page

from tests.browser.conftest import BrowserWorld, Open, keep

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
OTHERS = (("light", PHONE, "zh"), ("dark", DESK, "zh"), ("light", DESK, "en"))
NARROWEST = (("dark", PHONE, "en"),)
"""Theme, window, language: the longer words in the narrower window. English comes last: tests go on in it."""
Looks: TypeAlias = tuple[tuple[str, dict[str, int], str], ...]
each_look = pytest.mark.parametrize(
    "looks", [pytest.param(NARROWEST, id="narrowest"), pytest.param(OTHERS, id="others", marks=pytest.mark.slow)]
)
"""``looks`` for :func:`looks_right`: one in `make test`, all in `make check`."""
LEFT = ("htmx:afterRequest", "htmx:sendAbort")
"""What the console's script says of a request under way when the page is left; of one that fails it says more."""


@contextmanager
def quiet_page(world: BrowserWorld, open_page: Open, path: str) -> Iterator[Page]:
    """A wide window in English at ``path``; at the end the browser must not have complained about anything."""
    found: list[str] = []
    page = watched(open_page(), found)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{world.console}{path}")
    yield page
    assert found == [], found


def watched(page: Page, problems: list[str]) -> Page:
    """The page; what the browser complains about from now on is added to ``problems``."""

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(LEFT):
            problems.append(message.text)

    page.on("console", complain)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def looks_right(page: Page, name: str, looks: Looks) -> None:
    """In each look there is nothing beside the window, and nothing axe complains about."""
    address = urlsplit(page.url)
    kept = [pair for pair in parse_qsl(address.query) if pair[0] not in ("theme", "lang")]
    for theme, size, language in looks:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        query = urlencode([*kept, ("theme", theme), ("lang", language)])
        page.goto(urlunsplit((*address[:3], query, "")))
        page.wait_for_function("!document.querySelector('.htmx-request')")
        look = f"{name}-{theme}-{size['width']}-{language}"
        keep(page, look)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{look} is {wide} pixels too wide"
        violations = Axe().run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations] == [], look
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")


def tab_to(page: Page, target: Locator, most: int = 80) -> None:
    """Move the focus there with the Tab key alone."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with the Tab key")
