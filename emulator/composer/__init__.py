"""Any call of the marketplace, composed by hand: its fields with what they mean, what stands in them at first, and the
call that becomes of them.
"""

from emulator.composer.command_line import command_line
from emulator.composer.composition import CallWish, NotComposed, compose
from emulator.composer.interfaces import INTERFACES, CallField, ComposedInterface, interface
from emulator.composer.prefilled import of_product, prefilled

__all__ = [
    "INTERFACES",
    "CallField",
    "CallWish",
    "ComposedInterface",
    "NotComposed",
    "command_line",
    "compose",
    "interface",
    "of_product",
    "prefilled",
]
