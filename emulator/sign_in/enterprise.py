"""The buyer's side of login: enterprises, the application bound to them, and their people."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account. ``enabled``: may sign in; ``authorised``: may use the application."""

    user_name: str
    name: str
    password: str = field(repr=False)
    role: str = "user"
    org_code: str = "A01"
    enabled: bool = True
    authorised: bool = True


@dataclass
class SignInEnterprise:
    """A tenant and the OAuth client it got when the application was bound to it.

    ``changed`` is told after each change of the members.
    """

    tenant_id: str
    tenant_code: str
    name: str
    callback: str
    client_id: str = field(default_factory=lambda: secrets.token_hex(12))
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    instance_id: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    changed: Callable[["SignInEnterprise"], None] = field(default=lambda _: None, repr=False, compare=False)

    def add(self, member: Member) -> Member:
        """Take in a member, or put another in the place of one with the same account."""
        self.members[member.user_name] = member
        self.changed(self)
        return member

    def remove(self, user_name: str) -> None:
        """Let a member go, if there is one."""
        if self.members.pop(user_name, None):
            self.changed(self)

    def enable(self, user_name: str, *, enabled: bool) -> Member:
        """Let a member sign in, or not."""
        return self.add(replace(self.members[user_name], enabled=enabled))


class SignInEnterprises(Protocol):
    def load(self) -> Iterable[SignInEnterprise]:
        """All of them."""

    def save(self, enterprise: SignInEnterprise) -> None:
        """Keep one, over what was kept of its tenant."""
