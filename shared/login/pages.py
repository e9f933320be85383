"""What a browser is shown: one small page without scripts, pictures or fonts from elsewhere."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from http import HTTPStatus
from string import Template

from shared.http import HttpResponse
from shared.login.texts import Language

STYLE = """
:root{color-scheme:light dark;--ground:#f3f5f8;--card:#fff;--ink:#191f28;--soft:#56616f;--line:#dde3ea;--act:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ground:#12161b;--card:#1b2128;--ink:#e9edf2;--soft:#a3afbc;--line:#303944;
--act:#7db8f5}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);
font:1rem/1.6 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{width:100%;max-width:30rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:12px}
h1{margin:0 0 .75rem;font-size:1.375rem;line-height:1.35}
p{margin:0 0 1.25rem}
a.way{display:inline-block;padding:.55rem 1.1rem;border:1px solid var(--act);border-radius:8px;color:var(--act);
font-weight:600;text-decoration:none}
a.way:hover{text-decoration:underline}
a.way:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.reference{margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
code{overflow-wrap:anywhere;user-select:all}
"""

_PAGE = Template("""<!doctype html>
<html lang="$language">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>$title</title>
<style>$style</style></head>
<body><main><h1>$title</h1><p>$text</p>$action$reference</main></body>
</html>
""")

NO_FRAMES = "'none'"

FIXED: Mapping[str, str] = {
    "Referrer-Policy": "no-referrer",  # the address may hold a code
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer of login."""


def page(
    status: HTTPStatus,
    language: Language,
    title: str,
    text: str,
    *,
    action: tuple[str, str] | None = None,
    reference: tuple[str, str] | None = None,
    frames: str = NO_FRAMES,
) -> HttpResponse:
    """A page. Everything given is plain text.

    :param action: address and name of the one link.
    :param reference: what the number is called, and the number.
    :param frames: which sites may show it in a frame. There is nothing on it to be tricked into but a link.
    """
    link = f'<a class="way" href="{escape(action[0])}">{escape(action[1])}</a>' if action else ""
    number = f'<p class="reference">{escape(reference[0])}<code>{escape(reference[1])}</code></p>' if reference else ""
    text = _PAGE.substitute(
        language=language.value, title=escape(title), style=STYLE, text=escape(text), action=link, reference=number
    )
    headers = {
        **FIXED,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language.value,
        "Content-Security-Policy": _policy(frames),
        "Vary": "Accept-Language",
    }
    return HttpResponse(status.value, headers, text.encode())


@cache
def _policy(frames: str) -> str:
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    rest = f"base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
    return f"default-src 'none'; style-src 'sha256-{digest}'; {rest}"
