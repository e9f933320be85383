"""What every page of the console must be: quiet, as wide as the window, and free of barriers."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.browser.conftest import BrowserWorld, Open, keep

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""English comes last: tests go on in it."""
EXAMINED = {"zh": {390: "light", 1440: "dark"}, "en": {390: "dark", 1440: "light"}}
"""In which theme axe looks at a language and width: in both themes at each width, in both languages at each width. A
theme changes colours alone, which no language changes.
"""
AXE = """() => axe.run().then(
  found => found.violations.map(each => [each.id, each.nodes.map(node => node.html)]))"""
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


def looks_right(page: Page, name: str) -> None:
    """In both languages, widths and themes there is nothing beside the window, and nothing axe complains about."""
    for language in LANGUAGES:
        load(page, language)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            for theme in ("light", "dark"):
                look = f"{name}-{theme}-{size['width']}-{language}"
                shown(page, look, theme)
                if EXAMINED[language][size["width"]] == theme:
                    assert page.evaluate(AXE) == [], look


def load(page: Page, language: str) -> None:
    """The same page in a language and the light theme, ready to be looked at."""
    address = urlsplit(page.url)
    kept = [pair for pair in parse_qsl(address.query) if pair[0] not in ("theme", "lang")]
    query = urlencode([*kept, ("theme", "light"), ("lang", language)])
    page.goto(urlunsplit((*address[:3], query, "")))
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("lang", LANGUAGES[language])
    page.evaluate(AXE_SCRIPT)


def shown(page: Page, look: str, theme: str) -> None:
    """In a theme nothing stands beside the window; ``look`` is what a picture of it is called."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    keep(page, look)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{look} is {wide} pixels too wide"


def tab_to(page: Page, target: Locator, most: int = 80) -> None:
    """Move the focus there with the Tab key alone."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with the Tab key")
