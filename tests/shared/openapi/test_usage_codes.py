"""Every documented code, in every spelling, and codes that nobody has documented yet."""

import pytest

from shared.openapi.usage_codes import Advice, advice_for_call, advice_for_record, plain

CALLS = [
    ("MKT.0000", 200, Advice.DELIVERED),
    ("CBC.0000", 200, Advice.DELIVERED),
    ("94060999", 200, Advice.DELIVERED),
    ("MKT.0999", 500, Advice.RETRY),
    ("MKT.0100", 500, Advice.SPLIT),
    ("MKT.0101", 400, Advice.SPLIT),
    ("MKT.0102", 400, Advice.STOP),
    ("MKT.0150", 401, Advice.SPLIT),
    ("MKT.0151", 401, Advice.STOP),
    ("MKT.0154", 401, Advice.STOP),
    ("MKT.0199", 400, Advice.SPLIT),
    ("MKT.0250", 406, Advice.RETRY),
    ("CBC.9001", 500, Advice.SPLIT),
    ("MKT.9002", 500, Advice.SPLIT),
    ("MKT.9003", 500, Advice.SMALLER),
    ("MKT.9004", 500, Advice.SPLIT),
    ("94060001", 500, Advice.RETRY),
    ("94060002", 401, Advice.STOP),
    ("94060004", 400, Advice.SPLIT),
    ("94060010", 200, Advice.STOP),
    ("APIGW.0301", 401, Advice.STOP),
    ("APIGW.0302", 403, Advice.STOP),
    ("APIGW.0201", 413, Advice.SMALLER),
    ("APIGW.0201", 400, Advice.RETRY),
    ("APIGW.0201", 502, Advice.RETRY),
    ("APIGW.0101", 404, Advice.RETRY),
    ("APIG.0308", 429, Advice.RETRY),
    ("94061234", 400, Advice.SPLIT),
    ("94061234", 200, Advice.RETRY),
    ("MKT.7777", 500, Advice.RETRY),
    ("", 503, Advice.RETRY),
]


@pytest.mark.parametrize(("code", "status", "advice"), CALLS)
def test_calls_are_judged_by_their_code(code: str, status: int, advice: Advice) -> None:
    assert advice_for_call(plain(code), status) is advice


RECORDS = {
    Advice.HOLD: ["001", "MKT.9001"],
    Advice.DUPLICATE: ["005", "010"],
    Advice.REPAIR: ["011"],
    Advice.HOLD_ON: ["013", "008", "014", "anything", "MKT.9003"],
    Advice.DEAD: ["002", "003", "004", "006", "007", "009", "012", "MKT.0101", "MKT.0150", "MKT.9002", "MKT.9004"],
}


@pytest.mark.parametrize(("advice", "code"), [(advice, code) for advice, codes in RECORDS.items() for code in codes])
def test_records_are_judged_by_their_code(advice: Advice, code: str) -> None:
    assert advice_for_record(plain(code)) is advice
