"""Calls of every interface to a :class:`tests.private_world.PrivateWorld`, and what may fail meanwhile."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from functions import metering, relay, sweep
from shared.errors import Unavailable
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params
from shared.provisioning import Charging
from tests import market
from tests.enterprise_calls import CLIENT_SECRET, Buyer, user
from tests.login_world import APP_TOKEN, LI, ZHANG, Browser
from tests.private_world import BOUND, CHOSEN, MARK, TENANT, PrivateWorld, person
from tests.world import KEY, order

CIPHER = FieldCipher([KEY])


def purchase(world: PrivateWorld) -> list[HttpRequest]:
    number, about = world.number, person(world.number)
    made = order(f"CS{number}", parameters={"idNum": CHOSEN}, charging=Charging.ON_DEMAND)
    world.orders.orders[f"CS{number}"] = replace(
        made,
        buyer=replace(
            made.buyer,
            customer_name=about["customerName"],
            user_name=about["userName"],
            user_id=about["userId"],
            mobile_phone=about["mobilePhone"],
            email=about["email"],
        ),
    )
    world.instances = [*world.instances[-20:], f"i{number}"]
    sealed = {name: CIPHER.encrypt(about[name]) for name in ("mobilePhone", "email")}
    extended = encode_extend_params([{"name": "idNum", "value": CHOSEN}])
    one = world.purchase(f"CS{number}", f"i{number}", **about | sealed, saasExtendParams=extended)
    two = world.purchase_v2(f"CS{number}", f"i{number}")
    return [world.random.choice([one, two]), world.purchase_v2(f"CS{number}", "probe", testFlag="1")]


def change(world: PrivateWorld) -> list[HttpRequest]:
    instance, version = world.random.choice(world.instances), world.random.choice(market.VERSIONS)
    makes = [market.freezing, market.unfreezing, market.query, market.release]
    named = [market.renewal, market.upgrade]
    requests = [make(world, version, instance) for make in makes]
    requests += [make(world, version, instance, f"R{world.number}") for make in named]
    requests += [
        market.expiry(world, instance),
        market.check(world, instance, {"productId": "p"}),
        market.notice(world),
    ]
    return [world.random.choice(requests)]


def refused(world: PrivateWorld) -> list[HttpRequest]:
    about = person(world.number)
    forged = replace(world.v1, key="of somebody else")
    requests = [
        forged.call("newInstance", orderId=about["email"], **about),
        world.v1.call("newInstance", orderId=f"{about['mobilePhone']} {about['email']}"),
        world.v1.call("releaseInstance", instanceId=about["customerName"] * 30),
        world.v2.call(about["userName"], instanceId=about["mobilePhone"]),
        world.v2.call("newInstance", orderId=about["customerName"], businessId=[about["email"]], **{MARK: MARK}),
        world.v2.send(json.dumps(about).encode()[:-1]),
        HttpRequest("POST", "/saas/produceAPI/v2/authSync", headers={"x-sign": CLIENT_SECRET}, body=MARK.encode()),
        HttpRequest("GET", f"/saas/{MARK}", (("token", APP_TOKEN),)),
    ]
    return [world.random.choice(requests)]


def sync(world: PrivateWorld) -> list[HttpRequest]:
    about, number = person(world.number), world.number
    buyer = Buyer(world.clock, world.random.choice(market.VERSIONS), BOUND, TENANT)
    private = {
        "name": about["customerName"],
        "mobile": about["mobilePhone"],
        "email": about["email"],
        "workPlace": f"{MARK} Street",
        "extension": {"idNum": CHOSEN},
    }
    requests = [
        buyer.tenant(name=about["customerName"]),
        buyer.application(),
        buyer.application(clientSecret=f"{CLIENT_SECRET}!"),
        buyer.users(user(f"u{number % 30}", **private)),
        buyer.users(user(f"u{number % 30}", **private | {"enable": "false"}), flag=2),
        buyer.users(user(f"{about['mobilePhone']}\n", **private)),
        buyer.department(str(number % 9), f"department {number}"),
        buyer.call("allOrgSync", orgInfo=f"[{{{about['customerName']}"),
    ]
    return [world.random.choice(requests)]


def application(world: PrivateWorld) -> list[HttpRequest]:
    token = world.random.choice([APP_TOKEN, APP_TOKEN, f"wrong-{MARK}"])
    headers = {"authorization": f"Bearer {token}"}
    at = world.clock.now().isoformat()
    events = [{"id": f"e{world.number}", "instanceId": each, "time": at, "value": "1"} for each in world.instances[-3:]]
    events.append({"id": f"x{world.number}", "instanceId": person(world.number)["email"], "time": MARK, "value": "1"})
    return [
        HttpRequest("POST", "/saas/usage", (), headers, json.dumps({"events": events}).encode()),
        HttpRequest("GET", f"/saas/directory/{TENANT}/{world.random.choice(['users', 'departments'])}", (), headers),
    ]


def visit(world: PrivateWorld) -> list[HttpRequest]:
    """A browser does it all itself."""
    browser, who = world.browser, world.random.choice([ZHANG, LI])
    deeds: list[Callable[[], Any]] = [
        lambda: browser.log_in(who),
        lambda: browser.saas("/session"),
        lambda: browser.saas("/session/refresh", "POST"),
        lambda: browser.saas(f"/login/callback?code=bad-{MARK}&tenant={TENANT}"),
        lambda: browser.saas("/logout"),
        lambda: browser.saas(f"/session?token={APP_TOKEN}", authorization=f"Bearer wrong-{MARK}"),
    ]
    world.random.choice(deeds)()
    world.secrets |= {value for value in browser.jar.values() if len(value) > 20}
    if world.random.random() < 0.05:
        world.browser = Browser(world)
    return []


CALLS = (purchase, purchase, change, change, change, refused, sync, sync, application, visit)
JOBS = {"sweep": sweep.sweep, "relay": relay.relay, "metering": metering.upload}


# --- faults -----------------------------------------------------------------------------------------------------------


def _quoting(text: str) -> Any:
    def fail(*_: Any) -> None:
        raise RuntimeError(f"cannot do it for {text} with {KEY}")

    return fail


def _away(*_: Any) -> None:
    raise Unavailable("no answer in time")


def _well(*_: Any) -> None:
    """Nothing happens."""


def faulty(world: PrivateWorld) -> None:
    """One thing of the surroundings fails, in texts that quote."""
    failing = world.random.choice([_away, _quoting(json.dumps(person(world.number)))])
    which = world.random.choice(["store", "backend", "orders", "usage"])
    if which == "store":
        world.tables.before = failing
    elif which == "backend":
        world.backend_fails = failing
    elif which == "orders":
        world.orders.before = failing
    else:
        world.api.fault = failing


def well(world: PrivateWorld) -> None:
    """Everything works."""
    world.tables.before = world.backend_fails = world.orders.before = _well
    world.api.fault = lambda _records: None


def live(world: PrivateWorld, calls: int) -> int:
    """So many calls of every kind, one in four while something fails, and the scheduled runs in between; returns how
    many were refused or failed.
    """
    bad = done = 0
    while done < calls:
        world.number += 1
        world.clock.advance(timedelta(seconds=20))
        if world.random.random() < 0.25:
            faulty(world)
        kind = world.random.choice(CALLS)
        for request in kind(world):
            answer = world.raw(replace(request, request_id=f"request-{done}"))
            bad += b'"000000"' not in answer.body
            done += 1
        done += kind is visit
        if world.number % 40 == 0:
            name = world.random.choice(sorted(JOBS))
            world.run(name, JOBS[name])
        well(world)
    for name, job in JOBS.items():
        world.run(name, job)
    return bad
