"""What the marks are called that end sessions (:mod:`shared.store.sessions`)."""

import json
from hashlib import sha256


def mark_of(kind: str, *subject: str) -> str:
    """Of a subject of organisation sync: its ids from the instance down."""
    # User names may be personal data, and hold any character.
    return f"ended-{kind}-of#{digest(json.dumps(subject))}"


def instance_mark(instance_id: str) -> str:
    return f"ended-instance#{instance_id}"


def first_marks(tenant_id: str, user_name: str) -> list[str]:
    """The marks of the first release."""
    return [f"ended-user#{digest(json.dumps([tenant_id, user_name]))}", f"ended-tenant#{tenant_id}"]


def digest(text: str) -> str:
    """Hex SHA-256 of any text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
