"""What a call may cost: round trips to the store, imports, clients."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions import gateway
from tests.enterprise_calls import VERSIONS, Buyer, sync_settings, user
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_bad_signature_costs_no_round_trip(world: World) -> None:
    good = world.purchase()
    bad_v1 = good.__class__("GET", good.path, (*good.query[:-1], ("authToken", "x" * 44)))
    good_v2 = world.purchase_v2()
    bad_v2 = good_v2.__class__("POST", good_v2.path, good_v2.query, good_v2.headers, good_v2.body + b" ")

    assert [world.counted(bad)[1] for bad in (bad_v1, bad_v2)] == [0, 0]


def test_round_trips_of_purchases(world: World) -> None:
    """What is new costs no more than a repeat: history and hints stand beside the instance."""
    new_v1 = world.counted(world.purchase())
    repeat_v1 = world.counted(world.purchase(business_id="another"))
    new_v2 = world.counted(world.purchase_v2())
    repeat_v2 = world.counted(world.purchase_v2(business_id="another"))
    same_bytes = world.purchase_v2("CS3", "business-3")
    world.send(same_bytes)
    replay_v2 = world.counted(same_bytes)

    answers = [new_v1, repeat_v1, new_v2, repeat_v2, replay_v2]
    assert {members["resultCode"] for members, _ in answers} == {"000000"}
    assert [calls for _, calls in answers] == [2, 2, 2, 2, 2]


def test_round_trips_of_pay_per_use_orders_and_of_orders_without_line(world: World) -> None:
    """One more for what the first release may have claimed, one more for a product beside the first."""
    in_use: dict[str, Any] = {"chargingMode": 0, "periodType": None, "periodNumber": None, "expireTime": None}

    def product(name: str) -> int:
        return world.counted(world.purchase(business_id=f"business-{name}", productId=name, **in_use))[1]

    def without_line(business_id: str) -> int:
        return world.counted(world.purchase_v2(business_id=business_id, orderLineId=None))[1]

    assert [product(name) for name in ("sms", "mms", "sms", "mms")] == [3, 3, 2, 3]
    assert [without_line(business_id) for business_id in ("business-2", "another")] == [3, 2]


def test_round_trips_of_changes(world: World) -> None:
    world.buy()
    world.buy_v2()
    renewal = {"instanceId": "business-1", "orderId": "R1", "expireTime": "20281120235959"}
    freeze = {"instanceId": "business-2", "status": "FREEZE"}
    calls = {
        "renew v1": world.v1.call("refreshInstance", **renewal),
        "renew v1 again": world.v1.call("refreshInstance", **renewal),
        "freeze v2": world.v2.call("updateInstanceStatus", **freeze),
        "freeze v2 again": world.v2.call("updateInstanceStatus", **freeze),
        "query v1": world.v1.call("queryInstance", instanceId="business-1,business-2"),
        "query v2": world.v2.call("queryInstance", instanceId="business-1,business-2"),
        "debug v1": world.v1.call("releaseInstance", instanceId="any", testFlag=1),
        "debug v2": world.v2.call("releaseInstance", instanceId="any", testFlag="1"),
    }

    assert {name: world.counted(request)[1] for name, request in calls.items()} == {
        "renew v1": 3,
        "renew v1 again": 1,
        "freeze v2": 3,
        "freeze v2 again": 1,
        "query v1": 1,
        "query v2": 2,
        "debug v1": 0,
        "debug v2": 1,
    }


def test_round_trips_of_organisation_sync(tmp_path: Path) -> None:
    world = World(tmp_path, sync_settings())
    users = [user(f"user-{number}") for number in range(500)]
    found: dict[str, list[int]] = {}
    for version in VERSIONS:
        buyer = Buyer(world.clock, version)
        for name in ("first", "repeated", "later"):
            if name != "repeated":
                world.clock.advance(1)
                requests = [buyer.tenant(), buyer.application(), buyer.users(*users), buyer.department("9")]
                requests.append(buyer.departments(("1", "")))
            calls = []
            for request in requests:
                before = world.tables.total
                assert world.send(request, buyer.key)["resultCode"] == "000000"
                calls.append(world.tables.total - before)
            found[f"{name} {version}"] = calls

    # Tenant, application, 500 users, a department, all departments; the nonce is the one that version 2 has more.
    assert found["first v1"] == [2, 2, 3, 2, 2]
    assert found["repeated v1"] == [1, 1, 1, 2, 2]
    assert found["later v1"] == [2, 2, 4, 3, 3]
    assert found["repeated v2"] == [2, 2, 2, 3, 3]
    assert found["later v2"] == [3, 3, 5, 4, 4]


INTERFACES = sorted({*gateway.MODULES.values(), *gateway.SYNC_MODULES.values()})

WATCHED = [
    "boto3",
    "botocore.session",
    "cryptography",
    "email.parser",
    "pydantic",
    "urllib3",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parameters",
    "shared.protocol.production.v1",
    "shared.protocol.production.v2",
    "shared.openapi",
    "shared.provisioning.webhook",
    "shared.runtimes.aws_lambda",
    "shared.runtimes.functiongraph",
    "shared.store.dynamodb",
    "shared.store.sqlite.table",
    "shared.store.idempotency",
    "shared.instance.changes",
    "shared.instance.creation",
    "shared.instance.pending",
    "jwt",
]

# What each module loads of the above when it is imported; the rest is loaded by the first call that needs it, or before
# it by ``shared.pipelines.preload``.
LIFE_CYCLE = {"shared.instance.changes"}
IMPORTS = {
    "change_check": set[str](),
    "expire": LIFE_CYCLE,
    "directory": set[str](),
    "gateway": set[str](),
    "org_sync.application": set[str](),
    "org_sync.departments": set[str](),
    "org_sync.tenant": set[str](),
    "org_sync.users": set[str](),
    "order_notify": set[str](),
    "purchase": {"pydantic", "shared.instance.creation", "shared.instance.pending", "shared.store.idempotency"},
    "query": {"shared.instance.pending"},
    "release": LIFE_CYCLE,
    "renew": LIFE_CYCLE,
    "status": LIFE_CYCLE,
    "sweep": {"shared.instance.pending", "shared.openapi"} | LIFE_CYCLE,
    "upgrade": LIFE_CYCLE,
}


def loaded(code: str) -> set[str]:
    """Which of the watched modules a fresh interpreter has loaded after ``code``."""
    script = f"{code}\nimport json, sys\nprint(json.dumps([name for name in {WATCHED} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.sweep
@pytest.mark.parametrize("module", sorted(IMPORTS))
def test_a_handler_imports_only_what_it_needs(module: str) -> None:
    assert loaded(f"import functions.{module}") == IMPORTS[module]


def test_every_interface_is_budgeted() -> None:
    assert set(IMPORTS) == {"directory", "gateway", "sweep", *INTERFACES}


def call(request: str, before: str = "") -> str:
    """Code that answers ``request``, an expression over a ``world``, through the gateway in a fresh interpreter."""
    return (
        "import tempfile, pathlib\n"
        "import tests.fakes, emulator.wire.calls, shared.store.sqlite.table\n"
        "from functions import gateway\n"
        "from tests.world import World\n"
        "world = World(pathlib.Path(tempfile.mkdtemp()))\n"
        f"{before}\n"
        f"world.send({request})"
    )


def test_a_call_builds_the_model_of_its_own_parameters_alone() -> None:
    """Each takes a millisecond or more of a cold start, and there are two dozen."""
    code = call("world.purchase()", "import shared.protocol.production.v2, shared.protocol.sync.bodies")
    script = f"""{code}
import json
from shared.protocol.fields import Fields
kinds = [Fields]
for kind in kinds:
    kinds += kind.__subclasses__()
built = sorted(kind.__name__ for kind in kinds if kind.__pydantic_complete__)
print(json.dumps([built, len(kinds) > 20]))"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1]) == [["NewInstanceV1"], True]


def test_the_gateway_loads_only_the_interface_that_is_called() -> None:
    code = call("world.v2.call('releaseInstance', instanceId='any')")
    modules = "sorted(name for name in sys.modules if name.startswith('functions.'))"
    script = f"{code}\nimport json, sys\nprint(json.dumps({modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1]) == ["functions.gateway", "functions.release"]


def test_organisation_sync_loads_nothing_of_purchases() -> None:
    code = call(
        "Buyer(world.clock).users(user('a')), SYNC_KEY",
        "from tests.enterprise_calls import SYNC_KEY, Buyer, sync_settings, user\nworld.values |= sync_settings()",
    )
    modules = "sorted(name for name in sys.modules if name.startswith('functions.'))"
    script = f"{code}\nimport json, sys\nprint(json.dumps({modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1]) == [
        "functions.gateway",
        "functions.org_sync",
        "functions.org_sync.users",
    ]
    # The world's fake order query brings the open API along.
    assert loaded(code) - {"shared.openapi"} == {"cryptography", "pydantic", "shared.store.sqlite.table"}


def test_a_refused_call_loads_no_store_and_no_client() -> None:
    loaded_then = loaded(call("world.v1.call('newInstance', orderId='', businessId='b')"))

    assert not loaded_then & {"boto3", "botocore.session", "cryptography", "shared.store.dynamodb"}


def test_the_store_of_aws_is_asked_without_boto3() -> None:
    code = (
        "from shared.store.dynamodb import DynamoTables\n"
        "from shared.clock import SystemClock\n"
        "from shared.errors import Unavailable\n"
        "tables = DynamoTables('t-', SystemClock(), 'http://127.0.0.1:9', credentials=('a', 'b'))\n"
        "try: tables.table('instances').get('p')\n"
        "except Unavailable: pass"
    )
    assert loaded(code) == {"shared.store.dynamodb"}
