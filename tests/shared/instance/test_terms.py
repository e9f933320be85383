"""What metering reads of an instance is what the whole record says, and little is opened for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import ANY

import pytest

from shared.commands import Version
from shared.instance.record import InstanceRecord
from shared.instance.repository import Instances
from shared.instance.terms import terms_of
from shared.provisioning import Access, Charging, Specification, State
from shared.store.cipher import StorageCipher
from shared.store.sqlite.table import SqliteTables
from shared.store.table import WHOLE
from tests import first_release
from tests.fakes import FakeClock
from tests.world import World

AT = datetime(2026, 11, 20, 8, 0, 0, 123000, tzinfo=UTC)
BEFORE = AT - timedelta(hours=3)
BARE = InstanceRecord("bare", "CS1", None, Version.V1, State.PENDING, AT)
RUNNING = replace(
    BARE,
    instance_id="running",
    specification=Specification("sms", "sku-1", Charging.ON_DEMAND, parameters={"mail": "buyer@example.com"}),
    access=Access("https://example.com", "admin", "secret"),
    started_at=AT,
    frozen_times=((BEFORE, BEFORE + timedelta(hours=1)), (AT, AT + timedelta(microseconds=1))),
)
CLOSED = replace(RUNNING, instance_id="closed", frozen_at=BEFORE, closed_at=AT)


class CountingCipher(StorageCipher):
    """``opened`` counts what was opened."""

    opened = 0

    def open(self, token: str) -> str:
        self.opened += 1
        return super().open(token)


@pytest.fixture
def cipher() -> CountingCipher:
    return CountingCipher(["a storage key of the tests"])


@pytest.fixture
def instances(tmp_path: Path, cipher: CountingCipher) -> Instances:
    clock = FakeClock()
    table = SqliteTables(str(tmp_path / "store.sqlite"), clock).table("instances")
    return Instances(table, cipher, clock, timedelta(days=1))


def test_terms_are_those_of_the_whole_record(instances: Instances) -> None:
    records = {each.instance_id: instances.create(each) for each in (BARE, RUNNING, CLOSED)}
    terms = instances.terms_of([*records, "unknown"])

    assert terms == {name: terms_of(instances.get(name) or each) for name, each in records.items()}
    assert terms["closed"].sold == (Charging.ON_DEMAND, "sms", "sku-1")
    assert (terms["closed"].frozen_at, terms["closed"].closed_at) == (BEFORE, AT)
    assert terms["running"].frozen_times == RUNNING.frozen_times


def test_those_that_the_first_release_stored(tmp_path: Path) -> None:
    world = World(tmp_path, clock=first_release.clock())
    first_release.fill(world.tables)
    whole = world.app.instances.get_many(first_release.STATES)

    assert world.app.instances.terms_of(first_release.STATES) == {name: terms_of(each) for name, each in whole.items()}


def test_nothing_is_opened_for_it(instances: Instances, cipher: CountingCipher) -> None:
    stored = instances.create(RUNNING)
    instances.terms_of(["running"])
    instances.replace(replace(stored, specification=Specification("mms", None, Charging.PERIOD)))

    assert instances.terms_of(["running"])["running"].sold == (Charging.PERIOD, "mms", None)
    assert cipher.opened == 0


def test_what_an_earlier_release_stored_over_it_counts(tmp_path: Path, cipher: CountingCipher) -> None:
    table = SqliteTables(str(tmp_path / "store.sqlite"), FakeClock()).table("instances")
    instances = Instances(table, cipher, FakeClock(), timedelta(days=1))
    instances.create(RUNNING)
    (item,) = table.get_many([("running", WHOLE)])
    table.replace(item | {"specification": cipher.seal('{"product_id": "mms"}')})

    assert instances.terms_of(["running"])["running"].sold == (None, "mms", None)
    found = instances.get("running")
    assert found is not None
    assert found.specification.product_id == "mms"
    instances.replace(found)
    (item,) = table.get_many([("running", WHOLE)])
    assert item["sold"] == {"product_id": "mms", "of": ANY}
