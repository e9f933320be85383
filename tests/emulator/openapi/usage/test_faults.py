"""What the bundle's own client sees of each fault, and what the marketplace bills after it."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from random import Random
from threading import Thread

import pytest

from emulator.marketplace.faults.fault_list import USAGE_FAULTS
from emulator.wire.faults import Fault
from shared.errors import Unavailable
from shared.openapi.usage_push import PushAnswer, UsageRecord
from tests.emulator.openapi.usage.seller import NOW, Seller, record
from tests.fakes import FakeClock

VALUE = Decimal("1.5")


@pytest.fixture
def seller() -> Seller:
    return Seller(dice=Random(0))


def many(number: int = 10) -> list[UsageRecord]:
    return [record(f"sn-{n}", begin_time=f"20261120T0800{n:02}Z") for n in range(number)]


def refused_with(code: str, number: int) -> Callable[[PushAnswer], bool]:
    return lambda answer: answer.code == "94060999" and Counter(answer.refused.values()) == {code: number}


def is_(code: str, status: int) -> Callable[[PushAnswer], bool]:
    return lambda answer: answer == PushAnswer(code, status)


SEEN: dict[str, tuple[Callable[[PushAnswer], bool] | None, int]] = {
    "usage-throttled": (is_("0250", 406), 0),
    "usage-gateway-throttled": (is_("APIGW.0308", 429), 0),
    "usage-internal-error": (is_("0999", 500), 0),
    "usage-bad-gateway": (None, 0),
    "usage-unavailable": (None, 0),
    "usage-gateway-timeout": (None, 0),
    "usage-not-let-in": (is_("0154", 401), 0),
    "usage-signature-refused": (is_("0102", 400), 0),
    "usage-seller-status": (is_("94060010", 401), 0),
    "usage-dropped": (None, 0),
    "usage-answer-lost": (None, 10),
    "usage-slow": (is_("0000", 200), 10),
    "usage-too-slow": (None, 10),
    "usage-some-unknown": (refused_with("001", 5), 5),
    "usage-some-frozen": (refused_with("013", 5), 5),
    "usage-some-refused": (refused_with("006", 1), 9),
    "usage-later": (is_("0000", 200), 10),
    "usage-later-refused": (is_("0000", 200), 9),
}
"""The answer (``None``: there is none) and how many of ten records are accepted in the end."""


@pytest.mark.parametrize("name", [*USAGE_FAULTS])
def test_what_is_seen_and_what_is_billed(seller: Seller, name: str) -> None:
    fits, taken = SEEN[name]
    seller.api.faults.inject(USAGE_FAULTS[name])
    if fits:
        assert fits(seller.push(*many()))
    else:
        with pytest.raises(Unavailable):
            seller.push(*many())
    seller.api.settle()
    assert seller.api.records.total("i-1") == taken * VALUE
    answer = seller.push(*many())
    assert answer.code in ("0000", "94060999"), "the fault has passed"
    assert seller.api.records.total("i-1") == 10 * VALUE, "what broke no rule may come again"


def test_each_slow_answer_takes_its_time(seller: Seller) -> None:
    seller.api.faults.inject(USAGE_FAULTS["usage-slow"])
    seller.api.faults.inject(USAGE_FAULTS["usage-too-slow"])
    seller.push()
    with pytest.raises(Unavailable):
        seller.push()
    assert seller.clock.slept == [USAGE_FAULTS[name].delay for name in ("usage-slow", "usage-too-slow")]


def test_which_records_are_refused_is_drawn_and_can_be_repeated() -> None:
    def drawn(seed: int) -> list[list[str]]:
        seller = Seller(dice=Random(seed))
        seller.api.faults.inject(USAGE_FAULTS["usage-some-frozen"], times=3)
        return [sorted(seller.push(*many()).refused) for _ in range(3)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_one_record_at_least(seller: Seller) -> None:
    seller.api.faults.inject(Fault(part="013", share=0.001))
    assert seller.refusals(record()) == {"sn-1": "013"}
    assert [each.code for each in seller.api.records.abnormal()] == ["013"]


def test_a_record_that_breaks_a_rule_is_refused_for_that(seller: Seller) -> None:
    seller.api.faults.inject(Fault(part="013", share=1))
    assert seller.refusals(record(), record("sn-2", "nobody")) == {"sn-1": "013", "sn-2": "001"}


def test_looked_at_later_is_refused_then(seller: Seller) -> None:
    seller.api.faults.inject(USAGE_FAULTS["usage-later-refused"])
    seller.push(*many())
    assert (seller.api.records.waiting(), seller.api.records.abnormal()) == (10, [])
    seller.api.settle()
    assert [each.code for each in seller.api.records.abnormal()] == ["006"]
    assert seller.api.records.waiting() == 0


def test_faults_by_chance(seller: Seller) -> None:
    seller.api.faults.chance = lambda: USAGE_FAULTS["usage-throttled"]
    seller.api.faults.inject(USAGE_FAULTS["usage-internal-error"])
    assert [seller.push().status for _ in range(3)] == [500, 406, 406]
    seller.api.faults.chance = Fault
    assert seller.push().status == 200


class Meanwhile(FakeClock):
    """While somebody sleeps, others do something."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.others: Callable[[], object] = lambda: None
        self.hindered = False

    def sleep(self, seconds: float) -> None:
        thread = Thread(target=self.others, daemon=True)
        thread.start()
        thread.join(10)
        self.hindered = self.hindered or thread.is_alive()


def test_while_one_call_waits_others_are_answered() -> None:
    clock = Meanwhile()
    seller, answers = Seller(clock), list[PushAnswer]()
    clock.others = lambda: answers.append(seller.push(record("sn-2", "i-2")))
    seller.api.faults.inject(USAGE_FAULTS["usage-slow"])
    answers.append(seller.push())
    assert not clock.hindered
    assert answers == [PushAnswer("0000", 200)] * 2
