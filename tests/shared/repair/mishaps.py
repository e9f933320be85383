"""What goes wrong, for the commands that mend it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.clock import epoch_ms
from shared.directory import Application, AuthorisationStatus, Department, Tenant, User
from shared.directory.commands import SyncApplication, SyncDepartments, SyncTenant, SyncTime, SyncUsers
from shared.errors import ProvisioningError
from shared.provisioning import OrderType
from shared.store.sessions import Session
from tests.world import World, order

LATER = datetime(2028, 11, 20, 15, 59, 59, tzinfo=UTC)
RENEWAL = {
    "scene": "RENEWAL",
    "instanceId": "b2",
    "orderId": "R1",
    "orderLineId": "R1-000001",
    "expireTime": "20281120155959",
}


def failing(world: World, *methods: str) -> None:
    """The provisioner refuses these methods from now on; none: it is well again."""

    def refuse(method: str) -> None:
        if method in methods:
            raise ProvisioningError("the database is full")

    world.provisioner.before = refuse


def placed(world: World, order_id: str, kind: OrderType, expires_at: datetime | None = LATER) -> None:
    """The order query knows such an order."""
    made = order(order_id, kind=kind)
    world.orders.orders[order_id] = replace(made, lines=(replace(made.lines[0], expires_at=expires_at),))


def failed_creation(world: World) -> None:
    failing(world, "create")
    world.buy_v2("CS2", "b2")
    failing(world)


def failed_renewal(world: World) -> None:
    world.buy_v2("CS2", "b2")
    placed(world, "R1", OrderType.RENEW)
    failing(world, "renew")
    assert world.send(world.v2.call("refreshInstance", **RENEWAL))["resultCode"] == "000005"
    failing(world)


def refunded(world: World) -> None:
    """Without anybody having told."""
    world.buy_v2("CS2", "b2")
    placed(world, "T1", OrderType.UNSUBSCRIBE)


def pending(world: World, order_id: str = "CS2", instance_id: str = "b2") -> None:
    """The provisioner was slow once."""
    world.provisioner.pending = True
    world.buy_v2(order_id, instance_id)
    world.provisioner.pending = False
    world.clock.advance(1)


def frozen(world: World) -> None:
    world.buy_v2("CS2", "b2")
    assert world.send(world.v2.call("updateInstanceStatus", instanceId="b2", status="FREEZE"))["resultCode"] == "000000"


def organised(world: World, instance_id: str, tenant_id: str, mark: str) -> str:
    """A tenant of an instance with an application, a department and a user who is logged in; ``mark`` is in everything
    that is personal. The id of the session.
    """
    directory, at = world.app.directory, SyncTime(*[epoch_ms(world.clock.now())] * 2)
    tenant = Tenant(instance_id, tenant_id, f"code-{mark}", f"Name {mark}", f"https://{mark}.example.com", "CS1")
    directory.put_tenant(SyncTenant(tenant, at))
    application = Application(instance_id, tenant_id, "app-1", "client-1", f"secret-{mark}")
    directory.put_application(SyncApplication(application, at))
    department = Department("org-1", f"Department {mark}")
    directory.put_departments(SyncDepartments(instance_id, tenant_id, [department], at))
    member = User(
        f"{mark}@acme", f"Name {mark}", "org-1", "user", True, AuthorisationStatus.GRANTED, email=f"{mark}@mail"
    )
    directory.put_users(SyncUsers(instance_id, tenant_id, "app-1", [member], at))
    return logged_in(world, instance_id, tenant_id, f"{mark}@acme")


def logged_in(world: World, instance_id: str, tenant_id: str, user_name: str) -> str:
    """A session; its id."""
    now = world.clock.now()
    ends = epoch_ms(now + timedelta(days=1))
    session = Session(
        key="",
        tenant_id=tenant_id,
        tenant_name=f"Tenant of {user_name}",
        user_name=user_name,
        instance_id=instance_id,
        domain="https://acme.example.com",
        began_ms=epoch_ms(now),
        ends_ms=ends,
        access_ends_ms=ends,
        renew_ms=ends,
        refresh_token=f"token-of-{user_name}",
    )
    return world.app.sessions.begin(session)[0]
