"""What must be so in a life of usage."""

from emulator.checks import Requirement

TAKEN = Requirement(
    "usage.taken",
    "The intake counts each event once",
    "Answer 200 with how many events are new, how many were known, and why others are not taken.",
)
ACCEPTED = Requirement(
    "usage.accepted",
    "The marketplace has accepted what was used, no more and no less",
    "See the log for what became of each record; what is missing must still be open, with an alarm if it is old.",
)
TOLD = Requirement(
    "usage.told",
    "A query tells what was used",
    "usageValue must be the running total, from the same ledger as the bills.",
)
BILLED = Requirement(
    "usage.billed",
    "The bill is what was used, each window once",
    "What was collected cannot be corrected any more.",
)
RECONCILED = Requirement(
    "usage.reconciled",
    "Each day's usage was accepted and billed, and nothing is pending",
    "Look at the day that drifts: what is on the bill, and what became of the records.",
)
