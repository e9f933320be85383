"""What debug calls (``testFlag`` 1) are shown instead of anything real."""

from shared.config import Settings
from shared.provisioning import Access


def access(settings: Settings) -> Access:
    """Complete access details, at the seller's own address where one is set."""
    url = settings.shown_url
    return Access(front_end_url=url, admin_url=url, user_name="debug", password="debug", memo="debug data")  # noqa: S106
