"""Profiles of a browser, lent to one test after the other: to make one costs as much as to load a page."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

PATIENCE = 15_000
"""Milliseconds that a page may take, on a busy machine."""


class Profiles:
    """Those of ``browser``, by what they are made with."""

    def __init__(self, browser: Browser) -> None:
        expect.set_options(timeout=PATIENCE)
        self._browser = browser
        self._free: defaultdict[str, list[BrowserContext]] = defaultdict(list)

    @contextmanager
    def lent(self) -> Iterator[Callable[..., Page]]:
        """Opens a page in an empty profile, for a reader of some language; ``spent``: nobody gets the profile after."""
        with ExitStack() as at_the_end:

            def open_(locale: str = "en-US", *, spent: bool = False, **options: Any) -> Page:
                free = self._free[f"{locale} {options}"]
                profile = free.pop() if free and not spent else self._made(locale, options)
                at_the_end.callback(profile.close if spent else lambda: free.append(_emptied(profile)))
                return profile.new_page()

            yield open_

    def _made(self, locale: str, options: dict[str, Any]) -> BrowserContext:
        profile = self._browser.new_context(locale=locale, viewport={"width": 900, "height": 640}, **options)
        profile.set_default_timeout(PATIENCE)
        profile.new_page()
        return profile


def _emptied(profile: BrowserContext) -> BrowserContext:
    """Its first page stays, as a window for the others costs more than they do."""
    for page in profile.pages[1:]:
        page.close()
    profile.clear_cookies()
    profile.clear_permissions()
    return profile
