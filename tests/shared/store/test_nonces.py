"""What this process remembers of nonces by itself, and what the store remembers for all."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.call import Call, Nonce
from shared.clock import Deadline
from shared.commands import Version
from shared.errors import AuthenticationError
from shared.store import nonces as module
from shared.store.nonces import REMEMBERED, Nonces
from shared.store.sqlite.table import SqliteTables
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def nonces(tmp_path: Path, clock: FakeClock) -> Nonces:
    return Nonces(SqliteTables(str(tmp_path / "store.sqlite"), clock).table("idempotency"), clock)


def call(clock: FakeClock, nonce: str, signed: str) -> Call:
    deadline = Deadline(clock, 4)
    return Call(Version.V2, "a", False, clock.now(), "key", {}, deadline, Nonce.of(nonce, signed))


def test_a_noted_nonce_is_of_one_call_in_this_process(nonces: Nonces, clock: FakeClock) -> None:
    for _ in range(2):
        nonces.note(call(clock, "n", "one"))
    for use in (nonces.note, nonces.spend):
        with pytest.raises(AuthenticationError):
            use(call(clock, "n", "other"))
    assert nonces.spend(call(clock, "n", "one"))
    clock.advance(REMEMBERED)
    nonces.note(call(clock, "n", "other"))


def test_a_process_remembers_so_many_and_no_more(
    nonces: Nonces, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_HERE", 3)
    for number in range(5):
        nonces.note(call(clock, f"n{number}", "one"))
    with pytest.raises(AuthenticationError):
        nonces.note(call(clock, "n4", "other"))
    nonces.note(call(clock, "n1", "other"))


def test_it_is_known_when_the_very_same_call_came_first(nonces: Nonces, clock: FakeClock) -> None:
    first = int(clock.now().timestamp() * 1000)
    with nonces.once(call(clock, "n", "one")) as since_ms:
        assert since_ms is None
    clock.advance(timedelta(seconds=1.5))
    with nonces.once(call(clock, "n", "one")) as since_ms:
        assert since_ms == first


def test_what_an_earlier_release_stored_says_it_by_its_expiry(tmp_path: Path, clock: FakeClock) -> None:
    table = SqliteTables(str(tmp_path / "store.sqlite"), clock).table("idempotency")
    same = call(clock, "n", "one")
    assert same.nonce is not None
    expires = int((clock.now() + REMEMBERED).timestamp())
    table.create({"pk": f"nonce#{same.nonce.value}", "sk": "-", "digest": same.nonce.digest, "expires": expires})
    with Nonces(table, clock).once(same) as since_ms:
        assert since_ms == int(clock.now().timestamp() * 1000)
