"""A seller's life with the template, on an AWS that asks IAM: two stacks, sales, usage, deletion, and back again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from emulator.conformance.case import CaseVerdict
from emulator.deployment.aws.address import checked
from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.instances import Bought
from emulator.wire.server import running
from shared.clock import SystemClock
from shared.metering.intake import take_in
from shared.provisioning import Charging
from shared.store.dynamodb import DynamoTables
from tests.emulator.deployment.emulated_aws import CONSOLE, Deployment, emulated_aws, eventually
from tests.fakes import FakeClock
from tests.world import World, order

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.engines]

PURCHASE = {
    "orderId": "CS1",
    "businessId": "sold-here",
    "customerId": "customer-1",
    "customerName": "Zhang San",
    "productId": "00301-666666-0--0",
    "chargingMode": 1,
    "periodType": "year",
    "periodNumber": 1,
    "expireTime": "20371120235959",
}
METER = "metered"


@pytest.fixture
def start() -> datetime:
    """Three hours ago, early in the hour: what is used an hour later can be billed, and what stayed unfinished is not
    given up yet.
    """
    return datetime.now(UTC).replace(minute=10, second=0, microsecond=0) - timedelta(hours=3)


def hours_ago(deployment: Deployment, folder, start: datetime) -> None:
    """What the bundle did hours ago, over the same tables: a sale by use, one that stayed unfinished, and usage."""
    clock = FakeClock(start)
    settings = {"KOOGALLERY_STORAGE_KEY": deployment.keys["storage_key"], "KOOGALLERY_SHARDS": "1"}
    tables = DynamoTables(prefix=f"{deployment.name}-", clock=clock, endpoint=deployment.aws.url, credentials=None)
    world = World(folder, settings, clock, tables)
    world.orders.orders[METER] = order(METER, charging=Charging.ON_DEMAND)
    assert world.buy_v2(METER, METER)["resultCode"] == "000000"
    world.provisioner.pending = True
    assert world.buy("CS3", "unfinished")["resultCode"] == "000004"
    clock.advance(timedelta(hours=1))
    assert take_in(world.app, [event(start)]).accepted == 1


def event(start: datetime) -> dict[str, str]:
    return {"id": "event-1", "instanceId": METER, "time": (start + timedelta(hours=1)).isoformat(), "value": "2.5"}


def test_it_sells_bills_sweeps_and_comes_back_after_its_deletion(start, tmp_path, monkeypatch, capsys):
    key, ak, sk = (CONSOLE[f"KOOGALLERY_{name}"] for name in ("USAGE_KEY", "AK", "SK"))
    api = UsageApi(key, ak, sk, SystemClock())
    api.instances.register(Bought(METER, start - timedelta(days=1)))
    with emulated_aws(monkeypatch) as aws, running(api.answer) as marketplace:
        one = aws.deploy("one", ApiUrls=marketplace, AppId="application", PublicUrl="https://saas.example.com")
        assert one.call("newInstance", **PURCHASE)["resultCode"] == "000000"

        two = aws.deploy("two")
        report = checked(two.address, two.keys)
        assert report is not None
        assert [(each.case.id, each.reason) for each in report.results if each.verdict is CaseVerdict.FAILED] == []
        assert sum(each.verdict is CaseVerdict.PASSED for each in report.results) > 100
        assert two.call("queryInstance", instanceId="sold-here")["resultCode"] == "000003"

        aws.deploy("two", AppUrl="https://moved.example.com")
        assert two.environment("GatewayFunction")["KOOGALLERY_APP_URL"] == "https://moved.example.com"

        hours_ago(one, tmp_path, start)
        assert one.fire("sweep")["completed"] == 1
        assert one.call("queryInstance", instanceId="unfinished")["resultCode"] == "000000"
        counted = one.ask("POST", "/saas/usage", {"events": [event(start)]})
        assert counted == {"accepted": 0, "duplicates": 1, "rejected": []}
        assert one.ask("GET", "/saas/directory/unknown/users") == {"users": []}
        assert [each["kty"] for each in one.ask("GET", "/saas/.well-known/jwks.json")["keys"]] == ["EC"]
        one.mend_queues()
        assert one.fire("metering") == {"sent": 1}
        eventually(lambda: api.records.total(METER) == Decimal("2.5"))

        one.delete()
        again = aws.deploy("one", ApiUrls=marketplace)
        assert again.stack.parameters()["Tables"] == "existing"
        assert not again.stack.has("TablesStack")
        assert again.call("newInstance", **PURCHASE | {"businessId": "another"})["instanceId"] == "sold-here"

        again.forbid("GatewayFunctionRole")
        assert again.call("newInstance", **PURCHASE | {"orderId": "CS2"})["resultCode"] == "000005"

        shown = capsys.readouterr().out
        assert again.stack.outputs()["ProductionAddress"] in shown
        assert [name for name, value in again.keys.items() if value and value in shown] == []
