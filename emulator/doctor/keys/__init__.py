"""The keys by themselves."""

from emulator.doctor.keys.private import private
from emulator.doctor.keys.shared_secrets import equal, forms

CHECKS = (forms, equal, private)
