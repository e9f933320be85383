"""Columns of text in a terminal, where a Chinese character is two wide."""

from unicodedata import east_asian_width


def width(text: str) -> int:
    """How many columns it takes."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def padded(text: str, columns: int) -> str:
    """With blanks up to so many columns."""
    return text + " " * (columns - width(text))
