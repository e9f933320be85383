"""Somebody with a keyboard alone: Tab, Enter, Space, arrows and what is typed, who sees where the focus is."""

from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

MOST = 150
"""Steps with Tab until somebody gives up."""

STEP = """element => {
  const at = document.activeElement, seen = (each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  };
  const somewhere = Boolean(at) && at !== document.body;
  return {
    there: at === element,
    lost: !somewhere,
    seen: somewhere && (seen(at) || (at.closest("label") !== null && seen(at.closest("label")))),
    what: somewhere ? at.outerHTML.slice(0, 160) : "",
  };
}"""


class Step(NamedTuple):
    """Where the focus is: at what is looked for? nowhere? in sight?"""

    there: bool
    lost: bool
    seen: bool
    what: str


class Typist:
    """Works on ``page``."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def at(self, target: Locator) -> None:
        """Go there with Tab; the focus is seen wherever it stops."""
        element = target.element_handle()
        for _ in range(MOST):
            step = Step(**element.evaluate(STEP))
            if step.there:
                return
            self.page.keyboard.press("Tab")
            assert step.lost or step.seen, f"on {self.page.url} nobody sees the focus: {step.what}"
        raise AssertionError(f"{target} cannot be reached with the Tab key")

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Press a key on something that stays on this page: the focus is never lost."""
        self.at(target)
        self.page.keyboard.press(key)
        self.kept()

    def follow(self, target: Locator) -> None:
        """Press Enter on what leads away: the focus stays on another state of the same page, or is at a place that the
        address names; any other page begins with the way past the navigation.
        """
        self.at(target)
        before = self.page.url.partition("?")[0]
        with self.page.expect_event("load"):
            self.page.keyboard.press("Enter")
        if self.page.url.partition("?")[0] == before or "#" in self.page.url:
            self.kept()
        else:
            self.skip()

    def submit(self, target: Locator) -> None:
        """Press the button of a form: wherever it leads, work goes on there."""
        self.at(target)
        if target.evaluate("element => element.closest('[hx-boost]') !== null"):
            with self.page.expect_response(lambda response: response.request.method == "POST"):
                self.page.keyboard.press("Enter")
            expect(self.page.locator(".htmx-request, form[aria-busy]")).to_have_count(0)
        else:
            with self.page.expect_event("load"):
                self.page.keyboard.press("Enter")
        self.kept()

    def type(self, target: Locator, text: str) -> None:
        """Replace what stands in a field."""
        self.at(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, target: Locator, *keys: str) -> None:
        """Arrows or letters in a list of choices."""
        self.at(target)
        for key in keys:
            self.page.keyboard.press(key)

    def skip(self) -> None:
        """Past the navigation, by the first link of every page."""
        self.page.keyboard.press("Tab")
        expect(self.page.locator(".skip")).to_be_focused()
        expect(self.page.locator(".skip")).to_be_in_viewport()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#main")).to_be_focused()
        self.kept()

    def kept(self) -> None:
        """The focus is somewhere, in sight."""
        expect(self.page.locator(":focus")).to_have_count(1)
        step = Step(**self.page.locator("#main").evaluate(STEP))
        assert step.seen, f"on {self.page.url} nobody sees the focus: {step.what}"
