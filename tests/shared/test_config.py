"""Settings: read when needed, references resolved, errors that name the setting and never its value."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from shared.config import API_URLS, Settings, of
from shared.development_keys import KEYS
from shared.errors import ConfigurationError


def settings(values: Mapping[str, str] | None = None, **more: str) -> Settings:
    return Settings(of({**(values or {}), **more}), lambda store, name: f" secret of {name} in {store} ")


def no_secret(store: str, name: str) -> str:
    raise AssertionError(f"{store} was asked for {name}")


def test_a_value_is_read_at_each_use():
    values = {"KOOGALLERY_APP_URL": "old"}
    read = Settings(of(values), lambda store, name: name)
    before = read.get("KOOGALLERY_APP_URL")
    values["KOOGALLERY_APP_URL"] = "new"
    assert [before, read.get("KOOGALLERY_APP_URL")] == ["old", "new"]


def test_what_is_not_set_or_blank_has_the_default():
    assert settings().get("KOOGALLERY_APP_URL", "default") == "default"
    assert settings(KOOGALLERY_APP_URL="  ").get("KOOGALLERY_APP_URL", "default") == "default"
    assert settings(KOOGALLERY_APP_URL=" x ").get("KOOGALLERY_APP_URL", "default") == "x"


@pytest.mark.parametrize("store", ["secretsmanager", "ssm", "csms"])
def test_a_reference_is_resolved(store):
    assert settings(KOOGALLERY_SK=f"{store}:/path/name#member").get("KOOGALLERY_SK") == (
        f"secret of /path/name#member in {store}"
    )


@pytest.mark.parametrize("value", ["vault:name", "ssm:", "ssm:two words", "https://example.com"])
def test_anything_else_is_a_value(value):
    assert settings(KOOGALLERY_SK=value).get("KOOGALLERY_SK") == value


def test_a_list_of_keys_may_have_blanks():
    assert settings(KOOGALLERY_KEY=" new , ,old,").key == ("new", "old")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("KOOGALLERY_KEY", lambda s: s.key),
        ("KOOGALLERY_ACCESS_KEY", lambda s: s.access_key),
        ("KOOGALLERY_ACCESS_KEY", lambda s: s.notify_access_key),
        ("KOOGALLERY_STORAGE_KEY", lambda s: s.storage_key),
        ("KOOGALLERY_AK", lambda s: s.required("KOOGALLERY_AK")),
    ],
)
def test_what_is_needed_and_missing_is_named(name, read):
    with pytest.raises(ConfigurationError, match=f"^set {name}$"):
        read(settings())
    with pytest.raises(ConfigurationError, match=f"^set {name}$"):
        read(settings({name: " , " if "KEY" in name else " "}))


def test_order_notices_have_keys_of_their_own_if_set():
    basic = settings(KOOGALLERY_ACCESS_KEY="basic")
    assert basic.notify_access_key == ("basic",)
    own = settings(KOOGALLERY_ACCESS_KEY="basic", KOOGALLERY_NOTIFY_ACCESS_KEY="own")
    assert own.notify_access_key == ("own",)


def test_usage_is_signed_with_the_access_key_if_it_has_no_key_of_its_own():
    assert settings(KOOGALLERY_ACCESS_KEY="basic,old", KOOGALLERY_USAGE_KEY="usage,older").usage_key == "usage"
    assert settings(KOOGALLERY_ACCESS_KEY="basic,old").usage_key == "basic"
    with pytest.raises(ConfigurationError, match="set KOOGALLERY_USAGE_KEY"):
        _ = settings().usage_key


@pytest.mark.parametrize(("text", "path"), [("", "/saas"), ("shop", "/shop"), ("/a/b/", "/a/b"), ("/", "/")])
def test_the_base_path(text, path):
    assert settings(KOOGALLERY_BASE_PATH=text).base_path == path


def test_hosts_are_tried_in_the_order_given():
    assert settings().api_urls == tuple(API_URLS.split(","))
    assert settings(KOOGALLERY_API_URLS="https://b/, ,https://a").api_urls == ("https://b", "https://a")


def test_times():
    assert settings().deadline == 4.0
    assert settings().lease == timedelta(seconds=60)
    assert settings().give_up == timedelta(hours=4)
    assert settings().v1_window is None
    read = settings(KOOGALLERY_V1_WINDOW="0", KOOGALLERY_DEADLINE="2.5", KOOGALLERY_LEASE="90", KOOGALLERY_GIVE_UP="60")
    assert (read.v1_window, read.deadline) == (None, 2.5)
    assert (read.lease, read.give_up) == (timedelta(seconds=90), timedelta(seconds=60))
    assert settings(KOOGALLERY_V1_WINDOW="300").v1_window == 300


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf"])
def test_a_time_that_is_none_is_named_but_not_shown(value):
    with pytest.raises(ConfigurationError, match="KOOGALLERY_DEADLINE must be a number of seconds") as refused:
        _ = settings(KOOGALLERY_DEADLINE=value).deadline
    assert value not in str(refused.value)


@pytest.mark.parametrize(("text", "value"), [("1", True), ("TRUE", True), ("On", True), ("no", False), ("", False)])
def test_switches(text, value):
    assert settings(KOOGALLERY_X=text).flag("KOOGALLERY_X") is value


def test_a_switch_that_is_none():
    with pytest.raises(ConfigurationError, match="KOOGALLERY_X must be on or off"):
        settings(KOOGALLERY_X="maybe").flag("KOOGALLERY_X")


def test_choices():
    assert (settings().v1_pending, settings().cipher_bits) == ("busy", 256)
    read = settings(KOOGALLERY_V1_PENDING="accept", KOOGALLERY_AES_BITS="128")
    assert (read.v1_pending, read.cipher_bits) == ("accept", 128)
    with pytest.raises(ConfigurationError, match="KOOGALLERY_AES_BITS must be one of: 256, 128"):
        _ = settings(KOOGALLERY_AES_BITS="192").cipher_bits


@pytest.mark.parametrize(("text", "hours"), [("", 8), ("0", 0), ("-5.5", -5.5)])
def test_the_zone_of_version_1(text, hours):
    zone = settings(KOOGALLERY_V1_UTC_OFFSET=text).v1_zone
    assert zone.utcoffset(datetime(2026, 1, 1, tzinfo=UTC)) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["Beijing", "24", "-24", "nan", "inf", "1e308"])
def test_a_zone_that_is_none(text):
    with pytest.raises(ConfigurationError, match="KOOGALLERY_V1_UTC_OFFSET must be a number of hours"):
        _ = settings(KOOGALLERY_V1_UTC_OFFSET=text).v1_zone


def test_settings_do_not_show_values():
    assert "the-secret" not in repr(settings(KOOGALLERY_KEY="the-secret"))


def test_settings_may_stand_together_in_one():
    read = settings(
        KOOGALLERY_SETTINGS=json.dumps(
            {
                "KOOGALLERY_PROVISIONER": "webhook",
                "KOOGALLERY_SHARDS": 8,
                "KOOGALLERY_CAS": True,
                "KOOGALLERY_KEY": "csms:keys#key",
                "KOOGALLERY_APP_ID": "there",
            }
        ),
        KOOGALLERY_APP_ID="own",
        KOOGALLERY_PROVISIONER=" ",
    )

    assert (read.provisioner, read.shards, read.cas) == ("webhook", 8, True)
    assert read.key == ("secret of keys#key in csms",)
    assert read.app_id == "own", "one of its own wins"
    assert read.get("KOOGALLERY_WEBHOOK_URL", "default") == "default"


def test_they_may_be_a_secret():
    read = Settings(of({"KOOGALLERY_SETTINGS": "csms:all"}), lambda store, name: '{"KOOGALLERY_APP_ID": "app"}')

    assert read.app_id == "app"


@pytest.mark.parametrize("text", ["KOOGALLERY_APP_ID=secret", "[]", '{"KOOGALLERY_APP_ID": {"secret": 1}}'])
def test_what_is_no_object_of_settings_is_named_but_not_shown(text):
    with pytest.raises(ConfigurationError, match=r"KOOGALLERY_(SETTINGS|APP_ID)") as refused:
        settings(KOOGALLERY_SETTINGS=text).app_id  # noqa: B018 - reading it is what fails
    assert "secret" not in str(refused.value)


def test_published_keys_are_refused_there_too():
    read = Settings(
        of({"KOOGALLERY_SETTINGS": json.dumps({"KOOGALLERY_SK": KEYS["KOOGALLERY_SK"]})}), no_secret, local=False
    )

    with pytest.raises(ConfigurationError, match="KOOGALLERY_SK"):
        read.sk  # noqa: B018 - reading it is what fails
