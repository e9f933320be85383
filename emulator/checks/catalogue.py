"""The checks the seller console makes of one answer, as data (production interfaces, sections 2.1, 6.1 and 8)."""

from collections.abc import Sequence

from emulator.checks import answer_rules, field_rules
from emulator.checks.check import Check
from emulator.checks.reading import Reading
from emulator.wire.client import Answer
from shared.commands import Version


def _arrived(reading: Reading) -> bool:
    return isinstance(reading.reply, Answer)


def _always(_reading: Reading) -> bool:
    return True


def _signed(reading: Reading) -> bool:
    return _arrived(reading) and bool(reading.signatures)


def _in_form(reading: Reading) -> bool:
    return _signed(reading) and reading.broken_rule in (None, "signature")


def _read(reading: Reading) -> bool:
    return reading.document is not None


def _coded(reading: Reading) -> bool:
    return "resultCode" in reading.members


def _succeeded(reading: Reading) -> bool:
    return reading.succeeded


def _names_instances(reading: Reading) -> bool:
    return _succeeded(reading) and bool(reading.expected.instances or reading.expected.others)


def _encrypted(reading: Reading) -> bool:
    return _succeeded(reading) and reading.expected.version is Version.V1 and bool(field_rules.credentials(reading))


CHECKS: Sequence[Check] = (
    Check("http.answered", answer_rules.answered, _always),
    Check("http.status", answer_rules.status, _arrived),
    Check("http.content-type", answer_rules.content_type, _arrived),
    Check("sign.present", answer_rules.sign_present, _arrived),
    Check("sign.name", answer_rules.sign_name, _signed),
    Check("sign.type", answer_rules.sign_type, _signed),
    Check("sign.quotes", answer_rules.sign_quotes, _signed),
    Check("sign.value", answer_rules.sign_value, _in_form),
    Check("body.json", answer_rules.readable, _arrived),
    Check("body.result-code", answer_rules.result_code, _read),
    Check("body.result-msg", answer_rules.result_message, _read),
    Check("result.expected", answer_rules.expected_code, _coded),
    Check("body.mandatory", field_rules.mandatory, _succeeded),
    Check("body.lengths", field_rules.lengths, _read),
    Check("body.forms", field_rules.forms, _read),
    Check("body.ascii", field_rules.ascii_only, _read),
    Check("body.escaped", field_rules.escaped, _arrived),
    Check("cipher.opens", field_rules.decryptable, _encrypted),
    Check("instance.same", field_rules.right_instances, _names_instances),
)
"""All checks, in the order in which their failures matter."""
