"""The conformance checker: does a seller's server, in whatever language, do what the marketplace asks for?

``Runner(url, factory, send).run(chosen([], ("v1", "v2"), real=False))`` gives a result for each case of the catalogue.
"""

from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Case, CaseVerdict, Exchange, Result
from emulator.conformance.catalogue import CASES, chosen
from emulator.conformance.report import Report
from emulator.conformance.runner import Runner
from emulator.keys import Keys

__all__ = ["CASES", "CallFactory", "Case", "CaseVerdict", "Exchange", "Keys", "Report", "Result", "Runner", "chosen"]
