"""Keys made of several parts, any of which may hold any character, and ranges of them."""


def joined(*parts: str) -> str:
    """The parts in one string that :func:`split` takes apart again."""
    return "#".join(part.replace("%", "%25").replace("#", "%23") for part in parts)


def split(key: str) -> list[str]:
    return [part.replace("%23", "#").replace("%25", "%") for part in key.split("#")]


def under(*parts: str) -> tuple[str, str]:
    """First and last of the keys that begin with these parts and have more."""
    return joined(*parts) + "#", joined(*parts) + "$"


def behind(*parts: str) -> str:
    """First of what comes behind all keys that begin with these parts."""
    return joined(*parts) + "$"
