"""The buyer's side of login: enterprises, the application bound to them, and their people."""

import secrets
from dataclasses import dataclass, field


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
    """A tenant and the OAuth client it got when the application was bound to it."""

    tenant_id: str
    name: str
    callback: str
    client_id: str = field(default_factory=lambda: secrets.token_hex(12))
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    members: dict[str, Member] = field(default_factory=dict)

    def add(self, member: Member) -> Member:
        """Take in a member, or put another in the place of one with the same account."""
        self.members[member.user_name] = member
        return member
