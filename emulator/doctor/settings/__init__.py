"""The settings by themselves: no call leaves but to the secret stores that they name."""

from emulator.doctor.settings.limits import limits
from emulator.doctor.settings.names import names
from emulator.doctor.settings.pairs import pairs
from emulator.doctor.settings.values import values

CHECKS = (names, values, pairs, limits)
