"""Amounts as pages show them: every digit, and no more."""

from decimal import Decimal


def exact(value: Decimal) -> str:
    """Like ``1,234.5``."""
    return f"{value.normalize():,f}"
