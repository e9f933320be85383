"""Whatever verifies decodes to the signer's own command, at the signer's own interface.

A stranger holds one genuine call, has no key, and tries every road into it: members are appended, prepended,
duplicated, respelt, moved into one another, and the call is sent to another interface. Each must be refused, or mean
what was signed. All interfaces of both versions.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls, stamp
from shared.call import Call
from shared.clock import Deadline
from shared.config import Settings, of
from shared.errors import KooGalleryError
from shared.http import HttpRequest
from shared.protocol.choose import Dialect, sync_dialect
from shared.protocol.production.v1 import V1
from shared.protocol.production.v2 import V2
from tests.enterprise_calls import SECRET, SYNC_KEY, sync_settings, user
from tests.examples import examples
from tests.fakes import FakeClock
from tests.world import ACCESS_KEY, KEY

Members: TypeAlias = list[tuple[str, str]]
"""Names and values of a JSON object as they are spelt."""

CLOCK = FakeClock()
VALUES = {"KOOGALLERY_KEY": KEY, "KOOGALLERY_ACCESS_KEY": ACCESS_KEY, **sync_settings()}
SETTINGS = Settings(of(VALUES), lambda store, name: name)
FUZZ = settings(deadline=None, max_examples=examples(200))
NOW = stamp(CLOCK.now())

TEXTS = st.sampled_from(
    ["acme", "A&B=C", "a&flag=0&testFlag=1", "x&d=1&zz=2", '"}', "null", "1", " a ", "\\", "é&甲=乙"]
)
SYNC: dict[str, Callable[[str], dict[str, Any]]] = {
    "tenantSync": lambda t: {"orderId": "CS1", "tenantCode": "acme", "name": t, "domainName": "acme.example.com"},
    "applicationSync": lambda t: {"appId": "app-1", "clientId": "c", "clientSecret": SECRET["ciphertext"]},
    "authSync": lambda t: {
        "appId": "app-1",
        "userList": [user("a", name=t), user("b", position=t, extension={"x": t})],
    },
    "singleOrgSync": lambda t: {"orgCode": "1", "orgName": t, "parentCode": ""},
    "allOrgSync": lambda t: {"orgInfoList": [{"orgCode": "1", "orgName": t}, {"orgCode": "2", "orgName": "b"}]},
}
NAMES = sorted({name for body in SYNC.values() for name in body("")} | {"flag", "testFlag", "instanceId", "tenantId"})
NAMES += ["timeStamp", "currentSyncTime", "authToken", "orgInfo", "futureField", "zone", "OrgName", "activity"]
SPELT = [
    "null",
    '""',
    '" "',
    "0",
    "1",
    '"0"',
    '"1"',
    "1.0",
    "true",
    "[]",
    "{}",
    '"other"',
    '"&testFlag=1"',
    '"\\u0031"',
]
BLANKS = st.sampled_from(["", "", " ", "  ", "\\t", "\\u0020", "\\n", "\u3000"])


@st.composite
def sync_bodies(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """What the marketplace may sign for an interface."""
    ids = {"instanceId": draw(st.sampled_from(["business-1", ""])), "tenantId": "tenant"}
    flag = {"flag": draw(st.sampled_from([0, 1, 2]))} if name != "allOrgSync" else {}
    more: dict[str, Any] = draw(
        st.sampled_from([{}, {}, {"futureField": "new"}, {"Zone": "z", "zone": "a&name=b"}, {"parent": None}])
    )
    body = {
        **ids,
        **SYNC[name](draw(TEXTS)),
        **flag,
        **more,
        "testFlag": draw(st.sampled_from([0, 1])),
        "timeStamp": NOW,
    }
    if draw(st.booleans()):
        padded = draw(st.sampled_from(sorted(body)))
        body = {f" {each}" if each == padded != "timeStamp" else each: value for each, value in body.items()}
    return {
        each: json.dumps(v, ensure_ascii=False) if isinstance(v, list) and draw(st.booleans()) else v
        for each, v in body.items()
    }


@st.composite
def altered(draw: st.DrawFn, members: Members) -> Members:  # noqa: C901 - one case for each road
    """One change of one member."""
    place = draw(st.integers(0, len(members) - 1))
    name, value = members[place]
    known = f'"{draw(BLANKS)}{draw(st.sampled_from(NAMES))}{draw(BLANKS)}"'
    other = draw(st.sampled_from(SPELT))
    bare = _plain(name).strip()
    road = draw(st.sampled_from(["append", "prepend", "duplicate", "respell", "revalue", "remove", "swallow", "split"]))
    changed = list(members)
    match road:
        case "append":
            changed.append((known, other))
        case "prepend":
            changed.insert(0, (known, other))
        case "duplicate":
            changed.insert(draw(st.integers(0, len(members))), (name, draw(st.sampled_from([*SPELT, value]))))
        case "respell":
            escaped = "".join(f"\\u{ord(letter):04x}" for letter in bare)
            spelling = draw(
                st.sampled_from([f'"{draw(BLANKS)}{bare}{draw(BLANKS)}"', f'"{escaped}"', bare, f'"{bare.lower()}"'])
            )
            changed[place] = (spelling, value)
        case "revalue":
            text = json.loads(value) if value.startswith('"') else value
            changed[place] = (
                name,
                draw(st.sampled_from([json.dumps(text), text or "null", f"[{value}]", f" {value} ", other])),
            )
        case "remove":
            del changed[place]
        case "swallow" if len(members) > 1:
            into = draw(st.integers(0, len(members) - 1).filter(lambda each: each != place))
            text = f"{_plain(members[into][1])}&{_plain(name)}={_plain(value)}"
            changed[into] = (members[into][0], json.dumps(text, ensure_ascii=False))
            del changed[place]
        case "split":
            head, _, tail = _plain(value).partition("&")
            inner, equals, rest = tail.partition("=")
            if equals:
                changed[place : place + 1] = [(name, json.dumps(head)), (json.dumps(inner), json.dumps(rest))]
    return changed


def _plain(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value


def members_of(body: dict[str, Any]) -> Members:
    return [
        (json.dumps(name, ensure_ascii=False), json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        for name, value in body.items()
    ]


def text_of(members: Members, gap: str = "") -> bytes:
    return f"{{{f',{gap}'.join(f'{name}:{gap}{value}' for name, value in members)}}}".encode("utf-8", "replace")


def meaning(dialect: Dialect, request: HttpRequest) -> tuple[Any, ...] | None:
    """Interface, whether it is a debug call, and command; ``None`` if the call is refused."""
    try:
        call: Call = dialect.authenticate(request, Deadline(CLOCK, 4))
        return call.activity, call.test, dialect.decode(call)
    except KooGalleryError:
        return None


def sync_meaning(request: HttpRequest) -> tuple[Any, ...] | None:
    return meaning(sync_dialect(SETTINGS, CLOCK, request), request)


SENDERS = {
    "v1": lambda name, body: SyncV1Calls(KEY, CLOCK).send(name, body),
    "v2": lambda name, body: SyncV2Calls(SYNC_KEY, CLOCK).send(name, body),
    "v2 raw": lambda name, body: SyncV2Calls(SYNC_KEY, CLOCK).send(name, body, raw=True),
}


@pytest.mark.sweep
@pytest.mark.parametrize("way", SENDERS)
@pytest.mark.parametrize("name", SYNC)
@settings(FUZZ, max_examples=examples(40))
@given(st.data())
def test_sync(way: str, name: str, data: st.DataObject) -> None:
    sent = members_of(data.draw(sync_bodies(name)))
    request = SENDERS[way](name, text_of(sent))
    own = sync_meaning(request)
    changed = sent
    for _ in range(data.draw(st.integers(1, 3))):
        changed = data.draw(altered(changed)) or changed
    elsewhere = data.draw(st.sampled_from([name, name, *SYNC]))
    gap = data.draw(st.sampled_from(["", " ", "\n"]))
    path = request.path.replace(name, elsewhere)
    found = sync_meaning(replace(request, path=path, body=text_of(changed, gap)))
    assert found is None or found == own


@pytest.mark.parametrize("way", SENDERS)
@pytest.mark.parametrize("name", SYNC)
@pytest.mark.parametrize("flag", [0, 1, 2, 3, None])
def test_no_body_fits_two_interfaces(way: str, name: str, flag: int | None) -> None:
    body = {"instanceId": "i", "tenantId": "t", **SYNC[name]("甲"), "flag": flag, "testFlag": 0, "timeStamp": NOW}
    request = SENDERS[way](name, text_of(members_of({key: value for key, value in body.items() if value is not None})))
    own = ["domainName", "clientId", "userList", "orgCode", "orgInfo", "testFlag ", "instanceId "]
    marks = [b"", *(f',"{each}":{value}'.encode() for each in own for value in ("null", '""'))]
    for other in SYNC:
        for mark in marks:
            extended = replace(request, path=request.path.replace(name, other), body=request.body[:-1] + mark + b"}")
            found = sync_meaning(extended)
            assert found is None or (other == name and found == sync_meaning(request))


@pytest.mark.parametrize("member", ["testFlag ", " instanceId", "parentCode", "domainName\\t", "userList"])
@pytest.mark.parametrize(("way", "blank"), [("v1", "null"), ("v1", '""'), ("v1", '" \\n"'), ("v2", "null")])
def test_what_was_not_signed_does_not_exist(way: str, blank: str, member: str) -> None:
    body = {"instanceId": "i", "tenantId": "t", **SYNC["tenantSync"]("甲"), "flag": 0, "testFlag": 1, "timeStamp": NOW}
    request = SENDERS[way]("tenantSync", text_of(members_of(body)))
    own = sync_meaning(request)
    assert own is not None
    name = f'"{member}":{blank}'.encode()
    assert sync_meaning(replace(request, body=request.body[:-1] + b"," + name + b"}")) == own
    assert sync_meaning(replace(request, body=b"{" + name + b"," + request.body[1:])) == own


@pytest.mark.parametrize("way", SENDERS)
@pytest.mark.parametrize("names", [("testFlag", "testFlag "), (" testFlag", "testFlag")])
def test_of_two_signed_names_that_are_alike_none_counts(way: str, names: tuple[str, str]) -> None:
    flags = {names[0]: 1, names[1]: 0}
    body = {"instanceId": "i", "tenantId": "t", **SYNC["tenantSync"]("甲"), "flag": 0, **flags, "timeStamp": NOW}
    assert sync_meaning(SENDERS[way]("tenantSync", text_of(members_of(body)))) is None


# --- production interfaces ---

PRODUCTION: dict[str, dict[str, str]] = {
    "newInstance": {"orderId": "CS1", "customerId": "c", "businessId": "b", "productId": "p", "amount": "3"},
    "refreshInstance": {"orderId": "CS1", "instanceId": "i", "expireTime": "20270101000000", "scene": "RENEWAL"},
    "releaseInstance": {"orderId": "CS1", "instanceId": "i"},
    "instanceStatus": {"instanceId": "i", "instanceStatus": "FREEZE"},
    "updateInstanceStatus": {"instanceId": "i", "status": "FREEZE"},
    "queryInstance": {"instanceId": "i,j"},
}
PARAMETERS = [
    "testFlag",
    "orderAmount",
    "instanceId",
    "instanceStatus",
    "email",
    "userName",
    "zone",
    "activity",
    "trialFlag",
]


@st.composite
def altered_pairs(draw: st.DrawFn, pairs: Members) -> Members:  # noqa: C901 - as above
    """One change of the decoded query."""
    place = draw(st.integers(0, len(pairs) - 1))
    name, value = pairs[place]
    blank = draw(st.sampled_from(["", " ", "\t", "\u3000"]))
    other = (f"{draw(st.sampled_from(PARAMETERS))}{blank}", draw(st.sampled_from(["", "0", "1", "a", " "])))
    changed = list(pairs)
    match draw(st.sampled_from(["append", "prepend", "duplicate", "respell", "remove", "swallow", "split", "plus"])):
        case "append":
            changed.append(other)
        case "prepend":
            changed.insert(0, other)
        case "duplicate":
            changed.insert(draw(st.integers(0, len(pairs))), (name, other[1]))
        case "respell":
            changed[place] = (draw(st.sampled_from([f"{name}{blank}", f"{blank}{name}", name.upper()])), value)
        case "remove" if len(pairs) > 1:
            del changed[place]
        case "swallow" if len(pairs) > 1:
            into = draw(st.integers(0, len(pairs) - 1).filter(lambda each: each != place))
            changed[into] = (pairs[into][0], f"{pairs[into][1]}&{name}={value}")
            del changed[place]
        case "split" if "&" in value:
            head, _, tail = value.partition("&")
            inner, _, rest = tail.partition("=")
            changed[place : place + 1] = [(name, head), (inner, rest)]
        case "plus":
            changed[place] = (name, value.replace("+", " "))
    return changed


@FUZZ
@given(st.sampled_from(sorted(PRODUCTION)), st.data())
def test_version_1(activity: str, data: st.DataObject) -> None:
    texts = {each: data.draw(TEXTS) for each in ("customerName", "userName") if data.draw(st.booleans())}
    more = data.draw(
        st.sampled_from([{}, {"testFlag": "1"}, {"zone": "z"}, {"userZone": "a&userName=b"}, {"trialFlag": ""}])
    )
    request = V1Calls(KEY, CLOCK).call(activity, **{**PRODUCTION[activity], **texts, **more})
    dialect = V1(SETTINGS, CLOCK)
    own = meaning(dialect, request)
    pairs = list(request.query)
    for _ in range(data.draw(st.integers(1, 3))):
        pairs = data.draw(altered_pairs(pairs))
    found = meaning(dialect, replace(request, query=tuple(pairs)))
    assert found is None or found == own


@FUZZ
@given(st.sampled_from(sorted(PRODUCTION)), st.data())
def test_version_2(activity: str, data: st.DataObject) -> None:
    body = {"activity": activity, **PRODUCTION[activity], "testFlag": data.draw(st.sampled_from(["0", "1"]))}
    sent = members_of(body)
    request = V2Calls(ACCESS_KEY, CLOCK).send(
        text_of(sent), nonce=data.draw(st.sampled_from(["n" * 32, "n176", "n999"]))
    )
    dialect = V2(SETTINGS, CLOCK, [ACCESS_KEY])
    own = meaning(dialect, request)
    assert own is not None or activity == "instanceStatus"
    changed = data.draw(altered(sent))
    pairs = data.draw(altered_pairs(list(request.query)))
    for altered_request in (
        replace(request, body=text_of(changed)),
        replace(request, query=tuple(pairs)),
        replace(request, body=text_of(changed), query=tuple(pairs)),
    ):
        found = meaning(dialect, altered_request)
        assert found is None or found == own


# --- time stamps ---


def moves(nonce: str, timestamp: str) -> Iterator[tuple[str, str]]:
    text = nonce + timestamp
    return ((text[:-length], text[-length:]) for length in (10, 13) if length < len(text))


@settings(FUZZ, max_examples=examples(300))
@given(st.integers(0, 10**6), st.sampled_from([10, 13]), st.integers(0, 999), st.integers(-60, 60))
def test_one_signature_is_valid_in_one_minute_only(seed: int, length: int, tail: int, skew: int) -> None:
    """Whenever it is tried again, with digits moved or not: at the moment that the other reading means."""
    dice = random.Random(seed)
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(3 * 365 * 86400))
    clock = FakeClock(now)
    sent = int((now + timedelta(seconds=skew)).timestamp() * 1000)
    timestamp = str(sent if length == 13 else sent // 1000)
    nonce = f"n{dice.choice(['', 'x'])}{tail:03}"
    request = V2Calls(ACCESS_KEY, clock).send(
        b'{"activity":"releaseInstance","instanceId":"i"}', nonce=nonce, timestamp=timestamp
    )
    accepted = []
    for other_nonce, other in moves(nonce, timestamp):
        moment = datetime.fromtimestamp(int(other) / (1000 if len(other) == 13 else 1), UTC)
        if not 2020 <= moment.year < 2044:
            continue
        signature = request.first("signature") or ""
        query = (("signature", signature), ("timestamp", other), ("nonce", other_nonce))
        if meaning(V2(SETTINGS, FakeClock(moment), [ACCESS_KEY]), replace(request, query=query)):
            accepted.append(other)
    assert len(accepted) <= 1
    assert accepted == [timestamp] or length == 10
