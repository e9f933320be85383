"""The journey as a web page."""

from collections.abc import Mapping, Sequence
from html import escape

from emulator.journey.row import Row, summary
from shared.http import HttpResponse

COLUMNS = ("step", "version", "sent", "request id", "code", "ms", "verdict")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; color: #1d2329 }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #dde2e7; vertical-align: top }
th[scope=rowgroup] { padding-top: 1rem } td.number { text-align: right } code { overflow-wrap: anywhere }
.passed { color: #0a6b2c } .failed { color: #b3261e; font-weight: 600 }
@media (prefers-color-scheme: dark) {
  body { background: #14181c; color: #e4e8ec } th, td { border-color: #333b43 }
  .passed { color: #6fd08c } .failed { color: #ff8a80 }
}
"""
_HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def page(rows: Sequence[Row], *, bundle: str, finished: bool) -> HttpResponse:
    """The table so far; the page loads itself again until the journey has ended.

    :param bundle: address of the bundle, to show.
    """
    again = "" if finished else '<meta http-equiv="refresh" content="1">'
    state = summary(rows) if finished else f"playing: {summary(rows)}"
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">{again}
<title>{escape(state)} - marketplace emulator</title><style>{_STYLE}</style></head>
<body><h1>Marketplace emulator</h1>
<p>The life of instances, played against <code>{escape(bundle)}</code>.</p>
<table><caption>{escape(state)}</caption><thead><tr>{head}</tr></thead>{_groups(rows)}</table></body></html>
"""
    return HttpResponse(200, _HEADERS, text.encode())


def _groups(rows: Sequence[Row]) -> str:
    chapters = dict.fromkeys(row.chapter for row in rows)
    return "".join(
        f'<tbody><tr><th scope="rowgroup" colspan="{len(COLUMNS)}">{escape(chapter)}</th></tr>'
        + "".join(_row(row) for row in rows if row.chapter == chapter)
        + "</tbody>"
        for chapter in chapters
    )


def _row(row: Row) -> str:
    sent = " ".join(f"{name}={value}" for name, value in row.sent.items())
    advice = f"<br>{escape(row.failure.check.advice)}" if row.failure else ""
    return (
        f"<tr><td>{escape(row.step)}</td><td>{row.version}</td><td><code>{escape(sent)}</code></td>"
        f"<td><code>{escape(row.request_id)}</code></td><td><code>{escape(row.code)}</code></td>"
        f'<td class="number">{row.milliseconds:.0f}</td>'
        f'<td class="{"passed" if row.passed else "failed"}">{escape(row.verdict)}{advice}</td></tr>'
    )
