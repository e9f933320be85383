"""The composition root: built on first use, once per process, from settings."""

from datetime import timedelta

import pytest

from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.server import running
from shared import app as composition
from shared.app import App, bootstrap
from shared.clock import Deadline, SystemClock
from shared.config import Settings, of
from shared.errors import ConfigurationError
from shared.http import HttpResponse
from shared.openapi.order_query import OrderQuery
from shared.openapi.usage_push import UsagePush
from shared.store.dynamodb import DynamoTables
from shared.store.formats import ReadableTables
from shared.store.postgresql.tables import PostgresTables
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Tables
from tests.fakes import FakeClock
from tests.world import SETTINGS, FakeProvisioner


def app(**values: str) -> App:
    return App(Settings(of(values), lambda store, name: name))


def engine(app: App) -> Tables:
    """What is behind the look at formats."""
    assert isinstance(app.tables, ReadableTables)
    return app.tables.inner


def test_parts_are_built_once(tmp_path):
    built = app(KOOGALLERY_STORE=f"sqlite:{tmp_path}/store.sqlite", **SETTINGS)
    for name in ("clock", "tables", "nonces", "once", "instances", "agenda"):
        assert getattr(built, name) is getattr(built, name)
    assert isinstance(built.clock, SystemClock)
    assert isinstance(engine(built), SqliteTables)
    assert built.lease == timedelta(seconds=60)


def test_parts_can_be_replaced_by_name():
    clock = FakeClock()
    assert App(Settings(of({}), lambda store, name: name), clock=clock).clock is clock


@pytest.mark.parametrize("name", ["settings", "clok", "__init__"])
def test_a_misspelt_part_fails_at_once(name):
    with pytest.raises((TypeError, AttributeError)):
        App(Settings(of({}), lambda store, name: name), **{name: object()})


def test_the_store_is_a_setting(tmp_path):
    assert isinstance(engine(app(KOOGALLERY_STORE="dynamodb")), DynamoTables)
    assert isinstance(engine(app()), DynamoTables)
    assert isinstance(engine(app(KOOGALLERY_STORE=f"sqlite:{tmp_path}/a:b.sqlite")), SqliteTables)
    assert isinstance(engine(app(KOOGALLERY_STORE="postgresql://user:password@db/name")), PostgresTables)


@pytest.mark.parametrize("value", ["sqlite", "sqlite:", "dynamodb:x", "redis:6379", "postgresql:db", "postgresql"])
def test_another_store_is_refused(value):
    with pytest.raises(ConfigurationError, match="KOOGALLERY_STORE must be dynamodb, sqlite:PATH or postgresql://"):
        _ = app(KOOGALLERY_STORE=value).tables


def test_the_provisioner_is_a_setting():
    loaded = app(KOOGALLERY_PROVISIONER="tests.world:FakeProvisioner").provisioner
    assert isinstance(loaded, FakeProvisioner)
    with pytest.raises(ConfigurationError, match="set KOOGALLERY_PROVISIONER"):
        _ = app().provisioner


def test_the_order_query_needs_its_keys():
    assert isinstance(app(KOOGALLERY_AK="ak", KOOGALLERY_SK="sk").orders, OrderQuery)
    with pytest.raises(ConfigurationError, match="set KOOGALLERY_SK"):
        _ = app(KOOGALLERY_AK="ak").orders


def test_usage_is_pushed_without_an_access_key_if_that_is_off():
    keys = {"KOOGALLERY_ACCESS_KEY": "key", "KOOGALLERY_USAGE_AK_SK": "off"}
    assert isinstance(app(**keys).usage_push, UsagePush)
    for missing in ({"KOOGALLERY_USAGE_AK_SK": "on"}, {"KOOGALLERY_USAGE_API": "old"}):
        with pytest.raises(ConfigurationError, match="set KOOGALLERY_AK"):
            _ = app(**(keys | missing)).usage_push


def test_a_sign_in_server_on_the_machine_itself_is_called_by_local_targets_only(tmp_path):
    def ask(built: App, url: str) -> str:
        return built.sign_in.who(url, "access-1", Deadline(SystemClock(), 10)).user_name

    member = HttpResponse(200, {}, b'{"tenant":"tenant-1","userName":"zhang"}')
    local = local_settings({"KOOGALLERY_STORE": f"sqlite:{tmp_path}/store.sqlite"})
    with running(lambda request: member) as url:
        assert ask(local_app(local), url) == "zhang"
        with pytest.raises(ConfigurationError, match="domainName"):
            ask(App(local.settings), url)


def test_a_process_has_one_app_whose_settings_follow_the_platform():
    first = bootstrap(of({"KOOGALLERY_KEY": "old"}))
    second = bootstrap(of({"KOOGALLERY_KEY": "new"}))
    assert first is second
    assert second.settings.key == ("new",)


def test_what_is_installed_is_used_and_can_be_forgotten():
    installed = app()
    composition.install(installed)
    assert bootstrap(of({})) is installed
    composition.install(None)
    assert bootstrap(of({})) is not installed


@pytest.mark.parametrize("offset", ["60", "-1", "x"])
def test_a_shifted_clock_is_refused_on_a_platform(offset):
    with pytest.raises(ConfigurationError, match="remove KOOGALLERY_CLOCK_OFFSET"):
        bootstrap(of({"KOOGALLERY_CLOCK_OFFSET": offset}))


@pytest.mark.parametrize("offset", ["", "0"])
def test_no_shift_is_no_shift(offset):
    built = bootstrap(of({"KOOGALLERY_CLOCK_OFFSET": offset}))
    assert isinstance(built.clock, SystemClock)
