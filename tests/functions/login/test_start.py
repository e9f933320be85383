"""Where a login begins."""

from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from tests.login_world import APP, APP_ID, BUNDLE, SIGN_IN, TENANT


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_the_portal_is_where_it_begins(world):
    response = world.visitor().send("GET", f"{BUNDLE}/saas/login")
    assert response.status == 302
    assert response.headers["Location"] == f"{SIGN_IN}/unified-login/?ind=UNOP&appId={APP_ID}"
    assert response.headers["Cache-Control"] == "no-store"
    (cookie,) = response.cookies
    assert cookie.startswith("__Host-koogallery-login=")
    for attribute in ("Path=/", "HttpOnly", "Secure", "SameSite=Lax", "Max-Age=1200"):
        assert attribute in cookie.split("; ")


@pytest.mark.parametrize(
    ("portal", "expected"),
    [
        ("", "https://macroverse.huaweicloud.com/unified-login/#/portal-login?ind=UNOP&appId=app-1"),
        ("https://p.example.com/x#/login?appId=mine", "https://p.example.com/x#/login?appId=mine&ind=UNOP"),
        ("https://p.example.com/x#/l?ind=UNOP&appId=app-1", "https://p.example.com/x#/l?ind=UNOP&appId=app-1"),
    ],
)
def test_the_portals_parameters_are_added_where_they_are_missing(build, portal, expected):
    world = build({"KOOGALLERY_PORTAL_URL": portal})
    assert world.visitor().send("GET", f"{BUNDLE}/saas/login").headers["Location"] == expected


def test_a_tenant_is_sent_to_its_own_server_with_a_state(world):
    browser = world.visitor()
    first = browser.send("GET", f"{BUNDLE}/saas/login?tenant={TENANT}").headers["Location"]
    second = browser.send("GET", f"{BUNDLE}/saas/login?tenant={TENANT}").headers["Location"]
    assert first.startswith(f"{SIGN_IN}/api/v1/oauth2/authorize?")
    sent = parameters(first)
    assert sent.pop("state").isalnum()
    assert parameters(first)["state"] != parameters(second)["state"]
    assert sent == {
        "client_id": world.enterprise.client_id,
        "redirect_uri": f"{BUNDLE}/saas/login/callback",
        "response_type": "code",
        "scope": "get_user_info",
    }


@pytest.mark.parametrize("path", ["/orders/7?tab=lines#row", "/", "/#/orders", "/订单/7", "/a%2Fb"])
def test_the_way_back_is_kept(world, path):
    browser = world.visitor()
    browser.log_in(query=f"?return_to={quote(path)}")
    assert browser.url == APP + quote(path, safe="/#?=%")


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "javascript:alert(1)",
        "orders",
        "/%0d%0aSet-Cookie:x=1".replace("%0d%0a", "\r\n"),
        "/\t/evil.example.org",
        "/" + "a" * 2000,
        "@evil.example.org",
        "/ /evil",
    ],
)
def test_no_other_way_back_is_taken(world, path):
    response = world.visitor().send("GET", f"{BUNDLE}/saas/login?return_to={quote(path)}")
    assert response.status == 400
    assert b"The way back is not allowed" in response.body
    assert "Location" not in response.headers


def test_a_cookie_with_a_foreign_way_back_is_no_way_around(world):
    """Cookies are the browser's; what is in them is checked like input."""
    from base64 import urlsafe_b64encode

    browser = world.visitor()
    forged = b'{"state":"","tenant_id":"","return_to":"https://evil.example.org/"}'
    browser.saas("/login")
    browser.jar["__Host-koogallery-login"] = urlsafe_b64encode(forged).decode()
    code = world.identity.api.code(world.who())
    browser.type(browser.saas(f"/login/callback?code={code}&tenant={TENANT}"))
    assert browser.url == APP


def test_an_unknown_tenant_is_told_so(world):
    response = world.visitor().saas("/login?tenant=nobody")
    assert response.status == 403
    assert b"not connected" in response.body


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD"])
def test_only_get(world, method):
    response = world.visitor().send(method, f"{BUNDLE}/saas/login")
    assert (response.status, response.headers["Allow"]) == (405, "GET")


@pytest.mark.sweep
@pytest.mark.parametrize("setting", ["KOOGALLERY_APP_ID", "KOOGALLERY_PUBLIC_URL", "KOOGALLERY_APP_URL"])
@pytest.mark.parametrize(
    "value", ["", "http://example.com", "ftp://example.com", "https://user@example.com", "https://[::1", "https://"]
)
def test_what_is_not_set_up_is_said(world, setting, value, log_lines):
    if setting == "KOOGALLERY_APP_ID" and value:
        return
    world.values[setting] = value
    response = world.visitor().send("GET", f"{BUNDLE}/saas/login")
    assert response.status == 500
    assert b"Signing in is not set up" in response.body
    assert any(setting in line["message"] and line["level"] == "ERROR" for line in log_lines())


def test_a_path_that_is_none(world):
    assert world.visitor().send("GET", f"{BUNDLE}/saas/unknown").status == 404
