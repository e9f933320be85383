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
    return _arrived(reading) and reading.document is not None


def _coded(reading: Reading) -> bool:
    return _read(reading) and "resultCode" in reading.members


def _succeeded(reading: Reading) -> bool:
    return _read(reading) and reading.succeeded


def _names_instances(reading: Reading) -> bool:
    return _succeeded(reading) and bool(reading.expected.instances or reading.expected.others)


def _encrypted(reading: Reading) -> bool:
    return _succeeded(reading) and reading.expected.version is Version.V1 and bool(field_rules.credentials(reading))


CHECKS: Sequence[Check] = (
    Check(
        "http.answered",
        "an answer arrives within 20 seconds",
        "Make the address reachable from the internet; no gateway may hold the call back. Create slow instances in the "
        "background and answer at once.",
        answer_rules.answered,
        _always,
    ),
    Check(
        "http.status",
        "the HTTP status is 200",
        "Answer HTTP 200 always; what went wrong stands in resultCode.",
        answer_rules.status,
        _arrived,
    ),
    Check(
        "http.content-type",
        "the content type is application/json",
        "Send exactly one Content-Type header: application/json.",
        answer_rules.content_type,
        _arrived,
    ),
    Check(
        "sign.present",
        "the answer is signed",
        "Send one Body-Sign header with each answer, errors too. Look for a gateway that drops it.",
        answer_rules.sign_present,
        _arrived,
    ),
    Check(
        "sign.name",
        "the header is spelt Body-Sign",
        "The name's case matters to the marketplace. HTTP/2 and some gateways lower it: serve HTTP/1.1 and keep names.",
        answer_rules.sign_name,
        _signed,
    ),
    Check(
        "sign.type",
        "sign_type is HMAC-SHA256",
        'Write the header\'s value as sign_type="HMAC-SHA256", signature= "…".',
        answer_rules.sign_type,
        _signed,
    ),
    Check(
        "sign.quotes",
        "the header's values are in double quotes",
        'Write the header\'s value as sign_type="HMAC-SHA256", signature= "…".',
        answer_rules.sign_quotes,
        _signed,
    ),
    Check(
        "sign.value",
        "the signature fits the body",
        "Sign the very bytes you send, with the key alone (no timeStamp). Nothing behind you may change a byte.",
        answer_rules.sign_value,
        _in_form,
    ),
    Check(
        "body.json",
        "the body is a JSON object",
        "Send one JSON object in UTF-8. An HTML error page of a gateway in front is the usual cause.",
        answer_rules.readable,
        _arrived,
    ),
    Check(
        "body.result-code",
        "resultCode has six digits",
        "Send resultCode as a string of six digits, whatever happened.",
        answer_rules.result_code,
        _read,
    ),
    Check(
        "body.result-msg",
        "resultMsg is there",
        "Send a short resultMsg with success too: the console insists on it.",
        answer_rules.result_message,
        _read,
    ),
    Check(
        "result.expected",
        "the result is the one expected",
        "Look the request id up in the log: it says what happened to this call.",
        answer_rules.expected_code,
        _coded,
    ),
    Check(
        "body.mandatory",
        "no mandatory member is missing",
        "newInstance needs instanceId (version 1 also appInfo.frontEndUrl), queryInstance needs instanceId, each "
        "usageInfo needs usageValue and statisticalTime.",
        field_rules.mandatory,
        _succeeded,
    ),
    Check(
        "body.lengths",
        "no member is too long",
        "Keep to the documented lengths. Of encrypted fields the ciphertext counts: 79 bytes of text at most.",
        field_rules.lengths,
        _read,
    ),
    Check(
        "body.forms",
        "every member has its form",
        "URLs are absolute http(s) addresses in ASCII, usageValue is a number with at most 4 decimals, statisticalTime "
        "is yyyyMMddHHmmssSSS in UTC, everything else is text.",
        field_rules.forms,
        _read,
    ),
    Check(
        "body.ascii",
        "Chinese stands in memo only",
        "Only memo may hold Chinese; resultMsg may not.",
        field_rules.ascii_only,
        _read,
    ),
    Check(
        "body.escaped",
        "Chinese is escaped",
        "Write every character outside ASCII as \\uXXXX.",
        field_rules.escaped,
        _arrived,
    ),
    Check(
        "cipher.opens",
        "user name and password can be decrypted",
        "Encrypt with AES-CBC under the key derived from the marketplace's Key, in the size encryptType says; 16 "
        "characters of IV go before the base64.",
        field_rules.decryptable,
        _encrypted,
    ),
    Check(
        "instance.same",
        "the answer names the right instance",
        "A repeated order gets the id it got the first time, another product of the order an id of its own.",
        field_rules.right_instances,
        _names_instances,
    ),
)
"""All checks, in the order in which their failures matter."""
