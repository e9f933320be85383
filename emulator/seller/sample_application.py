"""A seller's application in one page: who is logged in, asked of the bundle as any front end would ask."""

import json
import secrets
from html import escape
from string import Template
from urllib.parse import urlsplit

from shared.http import HttpResponse

PATH = "/app"

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sample application</title>
<style nonce="$nonce">
body { font: 16px/1.6 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem }
dt { font-weight: 600 } dd { margin: 0 0 .5rem; overflow-wrap: anywhere } [hidden] { display: none }
</style></head>
<body><h1>Sample application</h1>
<p id="state" role="status">asking who you are</p>
<dl id="who" hidden><dt>User</dt><dd id="user"></dd><dt>Enterprise</dt><dd id="tenant"></dd><dt>Instance</dt>
<dd id="instance"></dd></dl>
<p><a id="login" href="$bundle/login?return_to=$here" hidden>Sign in</a>
<a id="logout" href="$bundle/logout" hidden>Sign out</a> <button id="refresh" hidden>Refresh</button></p>
<script nonce="$nonce">
const bundle = $quoted;
const put = (id, text) => { document.getElementById(id).textContent = text; };
const show = (id, yes) => { document.getElementById(id).hidden = !yes; };
async function ask(path, method) {
  const answer = await fetch(bundle + path, { method, credentials: "include" });
  const session = await answer.json();
  for (const id of ["who", "logout", "refresh"]) show(id, answer.ok);
  show("login", answer.status === 401);
  put("state", answer.ok ? "signed in" : session.error);
  if (!answer.ok) return;
  put("user", session.user.name + " (" + session.user.userName + ", " + session.user.role + ")");
  put("tenant", session.tenant.name);
  put("instance", session.instanceId);
}
document.getElementById("refresh").addEventListener("click", () => ask("/session/refresh", "POST"));
ask("/session", "GET");
</script></body></html>
""")


def demo_app(bundle: str) -> HttpResponse:
    """The page, for the bundle at the address ``bundle`` with its base path."""
    nonce, address = secrets.token_urlsafe(12), urlsplit(bundle)
    quoted = json.dumps(bundle).replace("<", "\\u003c")
    text = _PAGE.substitute(nonce=nonce, bundle=escape(bundle), quoted=quoted, here=PATH)
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"{policy}; connect-src {address.scheme}://{address.netloc}",
        "Cache-Control": "no-store",
    }
    return HttpResponse(200, headers, text.encode())
