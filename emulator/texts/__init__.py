"""Every text that the emulator shows, in English and Chinese, by id.

Where something is found out a :class:`Text` is made: an id and what varies. It is put into words only where it is
shown.
"""

from emulator.texts.catalogue import LANGUAGES, texts
from emulator.texts.text import Parameter, Text, filled, first, joined, named, speaking, verbatim

__all__ = ["LANGUAGES", "Parameter", "Text", "filled", "first", "joined", "named", "speaking", "texts", "verbatim"]
