"""The very same call again, by a transport that repeats or a stranger who recorded it: it is answered and nothing is
done twice, but what the first attempt did not come to is done.
"""

import pytest

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.http import HttpRequest
from shared.protocol.choose import sync_dialect
from tests.enterprise_calls import TENANT, V1, V2, Buyer, user
from tests.functions.org_sync.test_users import Listening, state
from tests.test_crash_points import Death

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


@pytest.fixture
def listener(world) -> Listening:
    """The world's provisioner listens."""
    listening = Listening()
    world.provisioner = listening
    world.restarted()
    return listening


@pytest.fixture
def buyer(world) -> Buyer:
    """Calls of version 2, which have nonces."""
    return Buyer(world.clock, V2)


def deletions(buyer: Buyer) -> dict[str, HttpRequest]:
    return {
        "tenant": buyer.tenant(flag=0),
        "application": buyer.application(flag=0),
        "users": buyer.users(user("a"), flag=3),
    }


@pytest.mark.parametrize("name", ["tenant", "application", "users"])
def test_a_replayed_deletion_ends_no_session_twice(world, buyer, name):
    request = deletions(buyer)[name]
    marks = []
    for _ in range(2):
        assert world.send(request, buyer.key) == SUCCESS
        marks.append(world.tables.calls["sessions", "put_many"])
        world.clock.advance(10)
    assert marks == [1, 1]


@pytest.mark.parametrize("name", ["tenant", "application", "users"])
@pytest.mark.parametrize("end", [Unavailable("the store does not answer"), Death()])
def test_a_deletion_that_ended_halfway_is_done_by_the_very_same_call(world, buyer, name, end):
    request = deletions(buyer)[name]
    made = []

    def failing(*called: str) -> None:
        if called == ("sessions", "put_many"):
            made.append(1)
            if len(made) == 1:
                raise end

    world.tables.before = failing
    if isinstance(end, Death):
        with pytest.raises(Death):
            world.raw(request)
        world.restarted()
    else:
        assert world.send(request, buyer.key)["resultCode"] == "000005"
    for _ in range(3):
        world.clock.advance(1)
        assert world.send(request, buyer.key) == SUCCESS
        assert len(made) == 2


def test_the_provisioner_hears_of_a_replayed_call_once(world, buyer, listener):
    request = buyer.users(user("a"), user("b"))
    for _ in range(3):
        assert world.send(request, buyer.key) == SUCCESS
        world.clock.advance(10)
    assert [(each.user_name, key) for _, each, _, key in listener.members] == [
        ("a", listener.members[0][3]),
        ("b", listener.members[1][3]),
    ]


def test_what_died_before_it_was_stored_is_done_by_the_very_same_call(world, buyer, listener):
    request = buyer.users(user("a"), user("b"))
    dialect = sync_dialect(world.app.settings, world.clock, request)
    assert world.app.nonces.spend(dialect.authenticate(request, Deadline(world.clock, 4)))
    assert world.send(request, buyer.key) == SUCCESS
    assert state(world, "a") == ("GRANTED", True, "user", "1")
    assert [each.user_name for _, each, _, _ in listener.members] == ["a", "b"]


@pytest.mark.parametrize("version", [V1, V2])
def test_a_replay_undoes_nothing_newer(world, version):
    buyer = Buyer(world.clock, version)
    old = [
        buyer.tenant(flag=0),
        buyer.application(flag=0),
        buyer.users(user("a"), flag=0),
        buyer.department("1", flag=0),
        buyer.departments(("2", "")),
    ]
    for request in old:
        world.send(request, buyer.key)
    world.clock.advance(1)
    new = [
        buyer.tenant(),
        buyer.application(),
        buyer.users(user("a", role="admin")),
        buyer.department("1"),
        buyer.departments(("1", ""), ("2", "1")),
    ]
    for request in new:
        assert world.send(request, buyer.key) == SUCCESS
    before = world.tables.calls["sessions", "put_many"]
    for request in old:
        assert world.send(request, buyer.key) == SUCCESS
    assert [tenant.deleted for tenant in world.app.directory.tenants(TENANT)] == [False]
    application = world.app.directory.application(TENANT, None)
    assert application is not None
    assert not application.deleted
    assert state(world, "a") == ("GRANTED", True, "admin", "1")
    departments = world.app.directory.departments(TENANT).departments
    assert [(each.org_code, each.parent_code, each.stale) for each in departments] == [
        ("1", "", False),
        ("2", "1", False),
    ]
    assert world.tables.calls["sessions", "put_many"] == before
