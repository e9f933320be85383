"""The buyer's page: who there is, and what the administrator may do with them."""

from collections.abc import Sequence
from html import escape

from emulator.identity.enterprise import Enterprise, Member
from shared.http import HttpResponse

PATH = "/buyer"
ACTIONS = ("enable", "disable", "authorise", "revoke")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2329 }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #dde2e7 } form { display: inline }
"""


def members_page(enterprises: Sequence[Enterprise]) -> HttpResponse:
    """All enterprises with their people and a button for each change."""
    tables = "".join(_table(each) for each in enterprises) or "<p>No enterprise yet.</p>"
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Buyer centre - marketplace emulator</title><style>{_STYLE}</style></head>
<body><h1>Buyer centre</h1>{tables}</body></html>
"""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
        "Cache-Control": "no-store",
    }
    return HttpResponse(200, headers, text.encode())


def _table(enterprise: Enterprise) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("account", "name", "role", "password", "state", ""))
    rows = "".join(_row(enterprise, member) for member in enterprise.members.values())
    title = f"{enterprise.name}, instance {enterprise.instance_id}"
    return f"<table><caption>{escape(title)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _row(enterprise: Enterprise, member: Member) -> str:
    actions = ("disable" if member.enabled else "enable", "revoke" if member.authorised else "authorise")
    buttons = " ".join(_button(enterprise, member, action) for action in actions)
    state = f"{'enabled' if member.enabled else 'disabled'}, {'' if member.authorised else 'not '}authorised"
    cells = (member.user_name, member.name, member.role, member.password, state)
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}<td>{buttons}</td></tr>"


def _button(enterprise: Enterprise, member: Member, action: str) -> str:
    hidden = {"tenant": enterprise.tenant_id, "user": member.user_name, "action": action}
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items())
    return f'<form method="post" action="{PATH}">{fields}<button>{action} {escape(member.user_name)}</button></form>'
