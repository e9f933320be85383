"""A tenant may have several applications of one seller: each has its own users, and its own sessions."""

import pytest

from emulator.sign_in.enterprise import Member
from shared.directory import Application, AuthorisationStatus
from shared.directory.commands import SyncApplication
from shared.http import HttpRequest
from tests.functions.login.test_session import sync, user
from tests.login_world import APP_ID, BUNDLE, INSTANCE, LI, PASSWORDS, TENANT, ZHANG, LoginWorld

OTHER = "another-application"


def authorise(world: LoginWorld, user_name: str, app_id: str, flag: int = 1, **members: str) -> None:
    sync(world, "authSync", {"appId": app_id, "flag": flag, "userList": [user(user_name)], **members})


def test_who_may_use_another_application_only_is_not_let_in(world, log_lines):
    authorise(world, ZHANG, APP_ID, flag=3)
    authorise(world, ZHANG, OTHER)
    browser = world.visitor()
    assert browser.log_in().status == 403
    assert log_lines("refused")[-1]["reason"] == "not-authorised"
    assert browser.session()[0] == 401


def test_nor_is_who_was_never_heard_of_here(world, log_lines):
    world.enterprise.add(Member("wang@acme", "Wang", "Wang-Pa55word"))
    PASSWORDS["wang@acme"] = "Wang-Pa55word"
    authorise(world, "wang@acme", OTHER)
    assert world.visitor().log_in("wang@acme").status == 403
    assert log_lines("refused")[-1]["reason"] == "not-authorised"


def test_what_happens_to_users_of_another_application_ends_nothing_here(world):
    zhang = world.logged_in()
    authorise(world, ZHANG, OTHER)
    for flag in (2, 3, 0):
        authorise(world, ZHANG, OTHER, flag=flag)
        assert zhang.session()[0] == 200
    assert world.logged_in().session()[0] == 200
    authorise(world, ZHANG, APP_ID, flag=3)
    assert zhang.session()[0] == 401


def test_deleting_another_application_ends_nothing_here(world):
    zhang = world.logged_in()
    sync(world, "applicationSync", {"appId": OTHER, "clientId": "c", "clientSecret": "", "flag": 0})
    assert zhang.session()[0] == 200
    assert world.logged_in().session()[0] == 200
    sync(world, "applicationSync", {"appId": APP_ID, "clientId": "c", "clientSecret": "", "flag": 0})
    assert zhang.session()[0] == 401


def test_what_happens_in_another_instance_ends_nothing_here(world):
    zhang = world.logged_in()
    authorise(world, ZHANG, APP_ID, flag=3, instanceId="business-9")
    for name, members in (
        ("applicationSync", {"appId": APP_ID, "clientId": "c", "clientSecret": ""}),
        ("tenantSync", {"orderId": "CS9", "tenantCode": "acme", "name": "A", "domainName": "a.example.com"}),
    ):
        sync(world, name, {"instanceId": "business-9", "flag": 0, **members})
    assert zhang.session()[0] == 200


def test_an_instance_whose_application_was_deleted_lets_nobody_in(world):
    world.clock.advance(10)
    world.buy("CS7", "business-7")
    world.bind("business-7")
    assert world.logged_in().session()[1]["instanceId"] == "business-7"
    gone = Application("business-7", TENANT, APP_ID, "client", "", deleted=True)
    world.clock.advance(1)
    world.app.directory.put_application(SyncApplication(gone, world.moment()))
    assert world.logged_in().session()[1]["instanceId"] == INSTANCE


def test_a_session_of_another_application_is_none(world):
    zhang = world.logged_in()
    world.values["KOOGALLERY_APP_ID"] = OTHER
    world.restarted()
    assert zhang.session()[0] == 401
    world.values["KOOGALLERY_APP_ID"] = APP_ID
    world.restarted()
    assert zhang.session()[0] == 200


@pytest.mark.parametrize(("app_id", "state"), [(APP_ID, "REVOKED"), ("", "GRANTED"), (OTHER, "GRANTED")])
def test_the_directory_tells_what_this_application_was_told(world, app_id, state):
    authorise(world, LI, OTHER)
    authorise(world, LI, APP_ID, flag=3)
    world.values["KOOGALLERY_APP_ID"] = app_id
    world.restarted()
    found = world.app.directory.user(TENANT, LI)
    assert found.state is AuthorisationStatus[state]
    (shown,) = [each for each in world.app.directory.users(TENANT).users if each.user_name == LI]
    assert shown == found


def test_without_an_application_of_our_own_nobody_logs_in_and_everything_is_kept(world, log_lines):
    world.values["KOOGALLERY_APP_ID"] = ""
    world.restarted()
    authorise(world, ZHANG, OTHER)
    assert world.app.directory.user(TENANT, ZHANG, app_id=OTHER) is not None
    assert log_lines("about users of another application") == []
    request = HttpRequest("GET", "/saas/login")
    assert world.raw(request).status == 500


def test_calls_about_another_application_are_noted(world, log_lines):
    authorise(world, ZHANG, OTHER)
    (line,) = log_lines("about users of another application")
    assert (line["level"], line["instance_id"]) == ("INFO", INSTANCE)
    assert BUNDLE not in log_lines.text
