"""Where the browser may be sent: the portal, the callback, the seller's application, and nowhere else."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from shared.config import Settings
from shared.errors import ConfigurationError
from shared.login.refusals import LoginRefused, RefusalReason
from shared.outbound import host_of, is_loopback

LONGEST = 1024
"""Characters of an address to return to, at most: it travels in a cookie."""


@dataclass(frozen=True)
class Addresses:
    """Addresses of this deployment, from its settings.

    :raises ConfigurationError: (on use) a setting is missing, or is no address that a browser should be sent to.
    """

    settings: Settings

    @cached_property
    def base(self) -> str:
        """The public address of the bundle, without a slash at the end."""
        public = _checked("KOOGALLERY_PUBLIC_URL", self.settings.public_url)
        return public.rstrip("/") + self.settings.base_path.rstrip("/")

    @cached_property
    def app(self) -> str:
        return _checked("KOOGALLERY_APP_URL", self.settings.app_url)

    @property
    def login(self) -> str:
        return f"{self.base}/login"

    @property
    def callback(self) -> str:
        """Where the marketplace sends the browser back to: the address registered in the application credential."""
        return f"{self.base}/login/callback"

    @property
    def logout(self) -> str:
        """Where a session is ended."""
        return f"{self.base}/logout"

    @property
    def secure(self) -> bool:
        """Does the browser come by HTTPS? Only on this machine itself it need not."""
        return self.base.startswith("https:")

    @cached_property
    def app_origin(self) -> str:
        """Origin of the seller's application."""
        return _origin(urlsplit(self.app))

    @cached_property
    def origins(self) -> frozenset[str]:
        """Origins whose pages may act for the user."""
        return frozenset({self.app_origin, _origin(urlsplit(self.base))})

    def portal(self) -> str:
        """The unified login page (joint operation, section 4.2): its parameters stand behind the ``#``."""
        url = self.settings.portal_url
        for name, value in (("ind", "UNOP"), ("appId", self.settings.login_app_id)):
            if f"{name}=" not in url:
                url += f"{'&' if '?' in url else '?'}{name}={quote(value, safe='')}"
        return url

    def within_app(self, path: str) -> str:
        """The address of ``path`` (with query and fragment) in the application; empty: the application itself.

        :raises Refused: it leads elsewhere.
        """
        if path and not (path.startswith("/") and _plain(path)):
            raise LoginRefused(RefusalReason.BAD_ADDRESS)
        return self._ours(urljoin(self.app, _ascii(path)))

    def after_logout(self, url: str) -> str:
        """Like ``within_app``, and ``url`` may be a whole address of the application or of the bundle.

        :raises Refused: it leads elsewhere.
        """
        return self._ours(_ascii(url)) if url and not url.startswith("/") else self.within_app(url)

    def _ours(self, url: str) -> str:
        try:
            target = urlsplit(url)
            web = target.scheme in ("http", "https") and "@" not in target.netloc
            if web and _plain(url) and _origin(target) in self.origins:
                return url
        except ValueError:
            pass
        raise LoginRefused(RefusalReason.BAD_ADDRESS)


def with_query(url: str, **parameters: str) -> str:
    """``url`` with parameters added; empty ones are left out."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _checked(name: str, url: str) -> str:
    try:
        target = urlsplit(url)
        local = target.scheme == "http" and is_loopback(target.hostname or "")
        fit = _plain(url) and target.hostname and "@" not in target.netloc and (target.scheme == "https" or local)
    except ValueError:
        fit = False
    if not fit:
        raise ConfigurationError(f"{name} must be like https://host; plain http is for the machine itself only")
    return url


def _origin(target: SplitResult) -> str:
    return f"{target.scheme}://{host_of(target)}"


def _ascii(url: str) -> str:
    return "".join(each if each.isascii() else quote(each, errors="replace") for each in url)


def _plain(url: str) -> bool:
    """Nothing in it that browsers read otherwise than we do: blanks, control characters, backslashes."""
    return len(url) <= LONGEST and url.isprintable() and not set(url) & {" ", "\\", '"', "<", ">"}
