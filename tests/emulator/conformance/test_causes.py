"""Findings put together by cause: one mistake is one thing to mend, whatever it fails."""

import pytest

from emulator.conformance.case import CaseVerdict
from emulator.conformance.causes import Cause, causes
from emulator.conformance.causes.cause import CauseKind
from tests.emulator.conformance import test_faults
from tests.emulator.conformance.seller import Seller
from tests.emulator.conformance.test_faults import check, told_as
from tests.emulator.conformance.wrong_signers import WRONG_SIGNERS, OtherCharset


def found(seller: Seller) -> list[Cause]:
    return causes(list(check(seller).values()), {})


@pytest.mark.sweep
@pytest.mark.parametrize("fault", WRONG_SIGNERS, ids=lambda fault: fault.__name__)
def test_a_wrong_verification_is_one_thing_to_mend(fault: type[Seller]) -> None:
    """However many answers show it, of which some are enough."""
    told_as(check(fault(), "v?.new.*", "v?.life.*"), 2 if fault is OtherCharset else 1)  # and Chinese not escaped


def test_a_right_server_has_nothing_to_mend() -> None:
    assert found(Seller()) == []


def test_a_wrong_verification_is_one_finding_and_not_fifty() -> None:
    mended = found(test_faults.Unkeyed())
    assert [each.id for each in mended] == ["refuses.v2", "refuses.v2-notice"]
    assert len(mended[0].results) > 30
    assert mended[0].rule == "v2"
    assert "A refusal does not show" in str(mended[0].advice[0])


def test_a_server_that_tells_what_it_expected_is_told_its_mistake() -> None:
    class Tells(test_faults.TellsSignature):
        def token(self, fields):
            return super().token(fields).lower()

    first = found(Tells())[0]
    assert first.kind is CauseKind.REFUSES
    assert first.diagnosis
    assert first.diagnosis.names == ("form-case",)
    assert "quotes the signature" in str(first.advice[0])


def test_what_hides_the_others_comes_first_and_warnings_last() -> None:
    class Several(test_faults.Html, test_faults.SignedWithTime, test_faults.NoMessage, test_faults.AnswersOnce):
        pass

    mended = found(Several())
    assert next(each.kind for each in mended if each.verdict is CaseVerdict.FAILED) is CauseKind.SIGNATURE
    assert mended[-1].verdict is CaseVerdict.WARNING
