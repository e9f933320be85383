"""What people of the buyers do in a soak: they log in, through the unified login page, and their sessions are asked
for; and administrators edit their organisation.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from emulator.marketplace.market import Market
from emulator.marketplace.organisation.comparison import compare
from emulator.marketplace.organisation.sign_in import LoginAccount, login_accounts
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.seller.application import SellerApplication
from emulator.soak.finding import SoakFinding
from emulator.soak.random_edits import edit_at_random
from emulator.soak.random_plan import PlannedAction
from emulator.wire.client import Answer, send
from shared.http import HttpRequest

MOST_STEPS, MOST_EDITS = 8, 6
REDIRECT, FOUND, SERVER_ERROR = 302, 200, 500


class NotLoggedIn(Exception):
    """The bundle did not let somebody in; the text says what it answered."""


@dataclass
class Browser:
    """Follows redirects and keeps cookies, by host."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def send(self, method: str, url: str, body: bytes = b"") -> Answer:
        """One request.

        :raises NotLoggedIn: there is no answer.
        """
        parts = urlsplit(url)
        jar = self.cookies.setdefault(parts.netloc, {})
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        reply = send(f"{parts.scheme}://{parts.netloc}", HttpRequest(method, parts.path or "/", query, headers, body))
        if not isinstance(reply, Answer):
            raise NotLoggedIn(reply.reason)
        for _, cookie in reply.named("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            jar[name] = value
        return reply


@dataclass
class LoginTraffic:
    """Members of the enterprises of ``market``. ``base``: the bundle's address with its path, ``app``: where somebody
    who is logged in ends up.
    """

    market: Market
    base: str
    app: str
    counts: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    _lock: Any = field(default_factory=Lock)

    def edit(self, action: PlannedAction) -> None:
        rng = Random(action.choice)  # noqa: S311 - to be repeatable is the point
        for _ in range(1 + int(action.subject * MOST_EDITS)):
            done = edit_at_random(self.market.organisation, rng)
            self._count(f"organise: {done or 'nobody'}")

    def log_in(self, account: LoginAccount) -> None:
        """Somebody tries to log in; whether it works depends on what is going on."""
        try:
            self.logged_in(account)
        except NotLoggedIn as refusal:
            self._count(f"log in: {refusal}")
            self.failed += str(refusal).startswith(f"status {SERVER_ERROR}")
        else:
            self._count("log in")

    def logged_in(self, account: LoginAccount) -> None:
        """The whole way: login, the sign-in server's form, the callback, the session.

        :raises NotLoggedIn: it ended somewhere else.
        """
        browser, url = Browser(), f"{self.base}/login"
        answer = browser.send("GET", url)
        for _ in range(MOST_STEPS):
            if answer.status == REDIRECT:
                (location,) = (value for _, value in answer.named("location"))
                if location.startswith(self.app):
                    self._has_session(browser, account.user_name)
                    return
                url = location
                answer = browser.send("GET", url)
            elif b'name="password"' in answer.body:
                form = urlencode({"account": account.user_name, "password": account.password}).encode()
                answer = browser.send("POST", url, form)
            else:
                break
        raise NotLoggedIn(f"status {answer.status} of {urlsplit(url).path}")

    def _has_session(self, browser: Browser, user_name: str) -> None:
        answer = browser.send("GET", f"{self.base}/session")
        if answer.status != FOUND or json.loads(answer.body)["user"]["userName"] != user_name:
            raise NotLoggedIn(f"status {answer.status} of the session")

    def _active(self, subscription_id: str) -> bool:
        return self.market.database.the(Subscription, subscription_id).status is SubscriptionStatus.ACTIVE

    def retry(self) -> int:
        """Administrators send again what did not arrive; how much that was."""
        organisation = self.market.organisation
        return sum(organisation.notifier.retry(each.id) for each in organisation.repository.enterprises())

    def directories(self, application: SellerApplication, renewed: int) -> SoakFinding:
        """Directory = source, and those who may log in can.

        :param renewed: how many logins met a client that had been renewed a moment before.
        """
        organisation, problems, users = self.market.organisation, [], 0
        for enterprise in organisation.repository.enterprises():
            problems += [f"untold: {each.subject} {each.key}" for each in organisation.notifier.untold(enterprise.id)]
            found = application.directory(enterprise.id)
            users += len(found.users)
            problems += [
                f"{each.subject} {each.key}: {each.found or 'nothing'} instead of {each.expected or 'nothing'}"
                for each in compare(organisation.repository, enterprise.id, found)
            ]
        for account in (admitted := login_accounts(self.market, self._active)[:5]):
            try:
                self.logged_in(account)
            except NotLoggedIn as refusal:
                problems.append(f"{account.user_name} cannot log in: {refusal}")
        if self.failed > renewed:
            problems.append(f"{self.failed} logins ended with an internal error")
        edits = sum(count for name, count in self.counts.items() if name.startswith("organise"))
        logins = self.counts["log in"]
        return SoakFinding(
            f"{users} users after {edits} edits; {logins} logins, {len(admitted)} more at the end", problems
        )

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1
