"""The public address, called as the marketplace calls it."""

from emulator.doctor.address.place import place
from emulator.doctor.address.tls import tls
from emulator.doctor.address.way import way

CHECKS = (place, tls, way)
