"""One request of a browser or of the seller's application, with what answering it needs."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shared.clock import Deadline
from shared.http import HttpRequest
from shared.login.addresses import Addresses
from shared.login.cookies import Cookies
from shared.login.pages import NO_FRAMES
from shared.login.refusals import LoginRefused, RefusalReason
from shared.login.texts import Language, language_of

if TYPE_CHECKING:
    from shared.app import App


@dataclass(frozen=True)
class LoginRequest:
    """One request with what answering it needs."""

    app: "App"
    request: HttpRequest
    deadline: Deadline

    @cached_property
    def addresses(self) -> Addresses:
        """Where the browser may be sent."""
        return Addresses(self.app.settings)

    @cached_property
    def embedded(self) -> bool:
        """Is the application shown inside the marketplace's workbench (section 6.2, item 8)?"""
        return self.app.settings.embedded

    @property
    def frames(self) -> str:
        """Which sites may show a page in a frame: the tenants' workbenches, of which no list exists."""
        if not self.embedded:
            return NO_FRAMES
        return "https:" if self.addresses.secure else "https: http:"

    @cached_property
    def cookies(self) -> Cookies:
        """How cookies are set and read."""
        return Cookies(self.addresses.secure, self.embedded, self.app.cookie_signer)

    @cached_property
    def language(self) -> Language:
        return language_of(self.request.headers.get("accept-language", ""))

    @property
    def origin(self) -> str:
        """The page that made the browser send the request, where the browser says so."""
        return self.request.headers.get("origin", "")

    def check(self) -> None:
        """Read what every answer needs.

        :raises ConfigurationError: a setting is missing or unusable.
        """
        _ = self.addresses.base, self.addresses.app, self.cookies, self.app.settings.login_app_id

    def only_ours(self) -> None:
        """A request that changes something must not come from a foreign page.

        :raises Refused: it does.
        """
        if self.origin and self.origin not in self.addresses.origins:
            raise LoginRefused(RefusalReason.BAD_ADDRESS)
