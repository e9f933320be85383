"""The store: reached, complete, true to its conditions, and sealed with the key there is."""

from emulator.doctor.store.dynamodb import service
from emulator.doctor.store.reach import reach
from emulator.doctor.store.sealed import sealed
from emulator.doctor.store.timers import timers
from emulator.doctor.store.writes import writes

CHECKS = (reach, service, writes, sealed, timers)
