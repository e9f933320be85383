"""The records of claims: as every release finds them, and who has them when several want them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig
from hypothesis import given
from hypothesis import strategies as st

from shared.call import Nonce
from shared.clock import epoch_ms
from shared.errors import AuthenticationError
from shared.store.claim_records import Beside, ClaimRecord, OtherWish, record_key
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Item
from tests.fakes import FakeClock

PAYLOAD = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
LEASE = timedelta(seconds=60)
ABOUT = {"product": "sms"}


@given(st.text(min_size=1))
def test_keys_are_those_of_powertools(key: str) -> None:
    records = DynamoDBPersistenceLayer("t", boto3_client=object())
    config = IdempotencyConfig(event_key_jmespath="key", payload_validation_jmespath="payload", hash_function="sha256")
    records.configure(config, key_prefix="order")

    assert record_key(key) == records._get_hashed_idempotency_key({"key": key, "payload": {}})
    assert records._get_hashed_payload({"key": key, "payload": {}}) == PAYLOAD


class Claims:
    """The claims of one key."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.table = SqliteTables(str(folder / "store.sqlite"), self.clock).table("idempotency")

    def record(
        self, subject: str, nonce: Nonce | None = None, beside: Beside | None = None, key: str = "CS1/"
    ) -> ClaimRecord:
        return ClaimRecord(
            self.table, self.clock, LEASE, key=key, subject=subject, nonce=nonce, beside=beside or Beside()
        )

    def claimed(self, subject: str = "i1", **more: Any) -> ClaimRecord:
        record = self.record(subject, **more)
        assert record.claim()
        return record

    def found(self, subject: str = "i2", **more: Any) -> ClaimRecord:
        """Another one's view of a record that is there."""
        record = self.record(subject, **more)
        assert not record.claim()
        return record

    @property
    def lease_until(self) -> int:
        """The end of a lease that begins now."""
        return epoch_ms(self.clock.now() + LEASE)

    @property
    def stored(self) -> Item:
        item = self.table.get(record_key("CS1/"))
        assert item is not None
        return item


@pytest.fixture
def claims(tmp_path: Path) -> Claims:
    return Claims(tmp_path)


@pytest.mark.parametrize(
    ("more", "members"),
    [
        ({}, {}),
        ({"nonce": Nonce("n", "d")}, {"nonce": "n", "digest": "d"}),
        ({"beside": Beside(ABOUT)}, {"about": ABOUT}),
    ],
)
def test_a_claim_is_stored_as_every_release_reads_it(claims: Claims, more: Any, members: Item) -> None:
    record = claims.claimed(**more)
    item = {"pk": record_key("CS1/"), "sk": "-", "status": "INPROGRESS", "payload_hash": PAYLOAD, "subject": "i1"}
    assert claims.stored == {**item, "lease_until": claims.lease_until, "version": 1, **members}
    record.complete()
    assert claims.stored["status"] == "COMPLETED"


def test_the_record_of_the_dead_is_taken_over_with_what_it_is_about(claims: Claims) -> None:
    claims.claimed(beside=Beside(ABOUT))
    later = claims.found(nonce=Nonce("n", "d"), beside=Beside({"product": "mms"}))
    claims.clock.advance(LEASE - timedelta(milliseconds=1))
    assert not later.taken_from_the_dead()
    claims.clock.advance(timedelta(milliseconds=1))
    slower = claims.found()
    assert later.taken_from_the_dead()
    assert (later.subject, later.taken_over) == ("i1", True)
    assert not slower.taken_from_the_dead(), "somebody else was faster"
    taken = {name: claims.stored[name] for name in ("subject", "about", "nonce", "lease_until", "version")}
    assert taken == {
        "subject": "i1",
        "about": ABOUT,
        "nonce": "n",
        "lease_until": claims.lease_until,
        "version": 2,
    }


def test_what_was_let_go_is_carried_on_with_and_what_was_given_up_begun_anew(claims: Claims) -> None:
    claims.claimed().let_go()
    assert (claims.stored["lease_until"], claims.stored["subject"]) == (0, "i1")
    second = claims.found()
    assert second.taken_from_the_dead()
    assert (second.subject, second.taken_over) == ("i1", True)
    second.give_up()
    assert (claims.stored["lease_until"], claims.stored["subject"]) == (0, "")
    third = claims.found("i3")
    assert third.taken_from_the_dead()
    assert (third.subject, third.taken_over) == ("i3", False)


@pytest.mark.parametrize("end", [ClaimRecord.complete, ClaimRecord.let_go, ClaimRecord.give_up])
def test_whoever_lost_a_record_leaves_it_as_it_is(claims: Claims, end: Any) -> None:
    lost = claims.claimed()
    claims.clock.advance(LEASE)
    assert claims.found().taken_from_the_dead()
    before = claims.stored
    end(lost)
    assert claims.stored == before


def test_a_nonce_is_of_one_call_about_a_key(claims: Claims) -> None:
    claims.claimed(nonce=Nonce("n", "d"))
    for same in (Nonce("n", "d"), Nonce("n2", "d2"), None):
        claims.found(nonce=same)
    with pytest.raises(AuthenticationError) as refused:
        claims.record("i2", nonce=Nonce("n", "of another call")).claim()
    assert refused.value.reason == "nonce"


def test_a_claim_for_something_else_is_told(claims: Claims) -> None:
    claims.claimed(beside=Beside(ABOUT))
    with pytest.raises(OtherWish, match=r"^the key belongs to another wish$") as other:
        claims.record("i2", beside=Beside(same=lambda about: about != ABOUT)).claim()
    assert (other.value.subject, other.value.about) == ("i1", ABOUT)


@pytest.mark.parametrize(("end", "subject", "again"), [("let_go", "i1", True), ("give_up", "i2", False)])
def test_a_former_claim_is_carried_on_with_unless_it_was_given_up(
    claims: Claims, end: str, subject: str, again: bool
) -> None:
    getattr(claims.claimed(key="former"), end)()
    present = claims.claimed("i2")
    present.adopt_former("former")
    assert (present.subject, present.taken_over) == (subject, again)
