"""What every page of the console must be: quiet, as wide as the window, and free of barriers."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zlib import crc32

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.browser.conftest import BrowserWorld, Open, keep

DESK, PHONE, SMALLEST = ({"width": x, "height": y} for x, y in ((1440, 900), (390, 844), (320, 640)))
LANGUAGES = {"en": "en", "zh": "zh-CN"}
THEMES = ("light", "dark")
AXE = """() => axe.run({ resultTypes: ["violations"], selectors: false, preload: false }).then(
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
    """In both languages, widths and themes there is nothing beside the window, and in some of these nothing axe
    complains about. In English the page is looked at as it stands; it is left in Chinese, what is loaded next is in
    English again.
    """
    examined = _examined(name)
    for language, narrow in (("en", PHONE), ("zh", SMALLEST)):
        if language == "zh":
            load(page, language)
        for size in (narrow, DESK):
            resize(page, size)
            for theme in THEMES:
                look = f"{name}-{language}-{size['width']}-{theme}"
                shown(page, look, theme)
                if (language, size is DESK, theme == "dark") in examined:
                    assert barriers(page) == [], look
    page.context.clear_cookies()


def _examined(name: str) -> set[tuple[str, bool, bool]]:
    """Language, wide? dark? where axe looks, for which a look takes longest: at words, at what is shown and at colours
    in each of their two ways. Which of these go together differs from page to page.
    """
    number = crc32(name.encode())
    wide, dark = bool(number & 1), bool(number & 2)
    return {("en", wide, dark), ("zh", not wide, not dark)}


def resize(page: Page, size: dict[str, int]) -> None:
    """Give the window that size, and charts the frame in which they are drawn anew."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


def load(page: Page, language: str) -> None:
    """The same page in a language, ready to be looked at."""
    address = urlsplit(page.url)
    kept = [pair for pair in parse_qsl(address.query) if pair[0] != "lang"]
    page.goto(urlunsplit((*address[:3], urlencode([*kept, ("lang", language)]), "")))
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("lang", LANGUAGES[language])


def barriers(page: Page) -> object:
    """What axe complains about: names, each with the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(AXE)


def shown(page: Page, look: str, theme: str) -> None:
    """In a theme nothing stands beside the window; ``look`` is what a picture of it is called."""
    wide = page.evaluate(
        """theme => {
          const all = document.documentElement;
          all.dataset.theme = theme;
          return all.scrollWidth - all.clientWidth;
        }""",
        theme,
    )
    keep(page, look)
    assert wide == 0, f"{look} is {wide} pixels too wide"


def tab_to(page: Page, target: Locator, key: str = "Tab", most: int = 80) -> None:
    """Move the focus there with the Tab key alone, forwards or with Shift backwards."""
    element = target.element_handle()
    for _ in range(most):
        page.keyboard.press(key)
        if element.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with the Tab key")
