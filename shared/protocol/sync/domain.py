"""``domainName``: where a tenant's sign-in server is (joint operation, section 1.1)."""

from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def https_address(text: str) -> str:
    """``https://host`` of ``domainName``, which comes with and without a scheme (section 1.1), no ``/`` at the end.

    Plain http is let through for this machine only: a client secret is sent there.

    :raises ValueError: it is no such address.
    """
    address = text.strip()
    parts = urlsplit(address if "://" in address else f"https://{address}")
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    visible = address.isascii() and address.isprintable() and " " not in address
    _ = parts.port  # raises for what is no port
    if not (visible and parts.hostname and (parts.scheme == "https" or plain)):
        raise ValueError("no address")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("more than an address")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
