"""Organisation sync at full size: an enterprise arrives in calls of 500 users, in any order, with repeats, changes and
deletions in between, and the directory must end equal to it.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from emulator.bench.delaying_store import DelayingStore, delaying
from emulator.bench.market import KEYS, measured_app
from emulator.bench.requests import DYNAMODB, SQLITE, called
from emulator.bench.timing import BenchError, Size, Timing, Track, seconds
from emulator.development import rsa_key
from emulator.wire.sync_calls import SyncV2Calls, stamp
from functions import gateway
from shared import app as composition
from shared.clock import SystemClock
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Tables

PREFIX = "bench-organisation-"
AT_ONCE, DEPTH = 500, 20
PART_ON_DYNAMODB = 20
"""One user in so many is synchronised over the DynamoDB API, whose stand-in is slow."""


@dataclass(frozen=True)
class OrganisationFigures:
    """An enterprise as it arrived. ``requests``: HTTP requests to the store's API for 500 users who are new, repeated,
    changed; ``speed``: how many times as long writing 500 bare items of the same data would take.
    """

    store: str
    users: int
    departments: int
    calls: int
    users_per_second: float
    departments_ms: float
    timing: Timing
    requests: Sequence[int] | None
    speed: float | None


class BenchEnterprise:
    """What is synchronised, and what must be there in the end. Random, but every time the same."""

    def __init__(self, users: int) -> None:
        self._chance = random.Random(users)  # noqa: S311 - made-up data
        width = -(-users // (20 * DEPTH))
        self.departments = [
            {"orgCode": f"{n:06}", "orgName": f"部门 {n}", "parentCode": f"{n - width:06}" if n >= width else ""}
            for n in range(width * DEPTH)
        ]
        self.users: dict[str, tuple[str, str, str]] = {}
        self._names = [f"user-{number:06}" for number in range(users)]

    def calls(self) -> list[tuple[int, int, list[dict[str, Any]]]]:
        """Seconds since the beginning, flag and users of each call, shuffled and partly repeated."""
        starts = range(0, len(self._names), AT_ONCE)
        made = [self._call(second, 1, self._names[start : start + AT_ONCE]) for second, start in enumerate(starts)]
        some = max(1, len(made) // 10)
        for number, flag in enumerate([2] * some + [0] * some):
            made.append(self._call(len(starts) + number, flag, self._chance.sample(self._names, AT_ONCE)))
        made += self._chance.sample(made, some)
        self._chance.shuffle(made)
        return made

    def _call(self, second: int, flag: int, names: Sequence[str]) -> tuple[int, int, list[dict[str, Any]]]:
        users = []
        for name in names:
            org = self._chance.choice(self.departments)["orgCode"]
            role = "admin" if flag == 2 else "user"
            self.users[name] = (org, "user" if flag == 0 else role, "DELETED" if flag == 0 else "GRANTED")
            person = {"userName": name, "name": f"名字 {name}", "orgCode": org, "role": role, "enable": "true"}
            users.append({**person, "mobile": "13800000000", "email": f"{name}@example.com", "position": "工程师"})
        return second, flag, users


def measure(endpoint: str, size: Size, track: Track) -> list[OrganisationFigures]:
    """Measure both stores.

    :raises BenchError: an answer is not the right one, or the directory ends other than its source.
    """
    with delaying(endpoint) as wire, tempfile.TemporaryDirectory() as folder:
        client, clock = cast(Any, administration(wire.url)), SystemClock()
        ensure_tables(client, PREFIX)
        dynamodb = DynamoTables(PREFIX, clock, endpoint=wire.url)
        sqlite = SqliteTables(str(Path(folder) / "store.sqlite"), clock)
        part = max(AT_ONCE, size.users // PART_ON_DYNAMODB)
        return [
            _Run(DYNAMODB, dynamodb, part, wire).row(track, client),
            _Run(SQLITE, sqlite, max(AT_ONCE, size.users), wire).row(track, None),
        ]


class _Run:
    def __init__(self, store: str, tables: Tables, users: int, wire: DelayingStore) -> None:
        settings = {"KOOGALLERY_RSA_PRIVATE_KEY": rsa_key()}
        self._clock = SystemClock()
        self._app = measured_app(settings, clock=self._clock, tables=tables)
        self._calls = SyncV2Calls(KEYS["KOOGALLERY_SYNC_ACCESS_KEY"], self._clock)
        self._began = self._clock.now() - timedelta(hours=1)
        self._store, self._wire = store, wire
        self._enterprise = BenchEnterprise(users)

    def row(self, track: Track, client: Any) -> OrganisationFigures:
        composition.install(self._app)
        enterprise = self._enterprise
        requests = [self._three(flag, second) for flag, second in ((1, 0), (1, 0), (2, 1))]
        speed = None if client is None else self._bare(client) / self._send_users("bare", 2, 9, 1)
        full = {"tenantId": "t", "orgInfoList": enterprise.departments}
        departments = self._send("allOrgSync", full, 0)
        calls = enterprise.calls()
        started = time.perf_counter()
        times = [self._users("t", *call) for call in track(calls, f"organisation sync, {self._store}")]
        took = time.perf_counter() - started
        self._compare()
        users = sum(len(users) for _, _, users in calls)
        return OrganisationFigures(
            store=self._store,
            users=len(enterprise.users),
            departments=len(enterprise.departments),
            calls=len(calls),
            users_per_second=users / took,
            departments_ms=1000 * departments,
            timing=Timing([times]),
            requests=requests if client is not None else None,
            speed=speed,
        )

    def _three(self, flag: int, second: int) -> int:
        """Requests to the store's API that 500 users take, but for the nonce's."""
        self._wire.counted()
        self._send_users("counted", flag, second, 0)
        return self._wire.counted().total() - 1

    def _send_users(self, tenant: str, flag: int, second: int, org: int) -> float:
        person = {"name": "名字", "orgCode": str(org), "role": "user", "enable": "true", "mobile": "13800000000"}
        return self._users(tenant, second, flag, [{"userName": f"u{number}", **person} for number in range(AT_ONCE)])

    def _users(self, tenant: str, second: int, flag: int, users: list[dict[str, Any]]) -> float:
        members = {"tenantId": tenant, "appId": "app", "userList": users, "flag": flag}
        return self._send("authSync", members, second)

    def _send(self, name: str, members: dict[str, Any], second: int) -> float:
        time_stamp = stamp(self._began + timedelta(seconds=second))
        request = self._calls.call(name, {"instanceId": "i", "timeStamp": time_stamp, **members})
        code, took = called(gateway.handler, request)
        if code != "000000":
            raise BenchError(f"{self._store}, {name}: answered {code}")
        return took

    def _bare(self, client: Any) -> float:
        """Seconds for 500 items of about the same size by nothing but the API's batches."""
        items = [
            {"pk": {"S": "bare"}, "sk": {"S": f"u{number}"}, "data": {"S": "x" * 300}} for number in range(AT_ONCE)
        ]
        puts = [{"PutRequest": {"Item": item}} for item in items]
        batches = [puts[start : start + 25] for start in range(0, AT_ONCE, 25)]
        table = f"{PREFIX}directory"
        return seconds(lambda: [client.batch_write_item(RequestItems={table: batch}) for batch in batches])

    def _compare(self) -> None:
        found = {user.user_name: (user.org_code, user.role, user.state.value) for user in self._all_users()}
        departments = self._app.directory.departments("t", 10**6).departments
        depth = max(depth for top in self._app.directory.tree("t") for depth, _ in top.walk())
        expected = [(each["orgCode"], each["orgName"], each["parentCode"]) for each in self._enterprise.departments]
        if depth != DEPTH - 1 or [(each.org_code, each.org_name, each.parent_code) for each in departments] != expected:
            raise BenchError(f"{self._store}: the departments are not those of the source")
        if found != self._enterprise.users:
            raise BenchError(f"{self._store}: the users are not those of the source")

    def _all_users(self) -> Iterator[Any]:
        after = None
        while True:
            page = self._app.directory.users("t", 1000, after)
            yield from page.users
            if page.next is None:
                return
            after = page.next
