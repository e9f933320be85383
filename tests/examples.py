"""How many examples a random test draws."""

from hypothesis import settings

QUICK = "quick"
"""The profile of `make test`, a quarter of what `make check` draws."""


def examples(number: int) -> int:
    """For ``max_examples``: so many, or a quarter of them under the profile ``QUICK``."""
    return number // 4 if settings.get_current_profile_name() == QUICK else number
