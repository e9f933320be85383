"""What must be so in a life of usage."""

from emulator.checks import Requirement

TAKEN = Requirement("usage.taken")
ACCEPTED = Requirement("usage.accepted")
TOLD = Requirement("usage.told")
BILLED = Requirement("usage.billed")
RECONCILED = Requirement("usage.reconciled")
