"""The pages of the sign-in server: where people type account and password."""

from collections.abc import Mapping
from html import escape

from shared.http import HttpResponse

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: #eef1f5; color: #191f28 }
main { background: #fff; padding: 2rem; border-radius: 10px; width: 22rem; box-sizing: border-box }
h1 { font-size: 1.25rem; margin: 0 0 .25rem } p { margin: 0 0 1rem; color: #56616f }
label { display: block; margin: .75rem 0 .25rem }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
button { margin-top: 1.25rem; width: 100%; padding: .6rem; font: inherit; font-weight: 600;
  background: #c7000b; color: #fff; border: 0; border-radius: 6px } [role=alert] { color: #b3261e }
"""


def login_page(action: str, problem: str = "", *, known: Mapping[str, str]) -> HttpResponse:
    """The form, which posts ``account`` and ``password`` to ``action``.

    :param known: accounts to try, with their passwords: this is a toy.
    """
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    samples = "".join(f"<br><code>{escape(account)}</code> {escape(word)}" for account, word in known.items())
    return shown(
        f"""<h1>Unified login</h1><p>Marketplace emulator{samples}</p>{alert}
<form method="post" action="{escape(action)}">
<label for="account">Account</label><input id="account" name="account" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button></form>""",
        401 if problem else 200,
    )


def signed_out_page() -> HttpResponse:
    """Where a logout without an address to return to ends."""
    return shown("<h1>Signed out</h1><p>Marketplace emulator</p>", 200)


def shown(body: str, status: int) -> HttpResponse:
    """``body``, which is HTML, as a page."""
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Unified login - marketplace emulator</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>
"""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "no-store",
    }
    return HttpResponse(status, headers, text.encode())
